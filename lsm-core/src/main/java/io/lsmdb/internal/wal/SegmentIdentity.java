package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * The first 64 bytes of a segment: which file of which log this is.
 *
 * <p>Immutable. Forced before the file gets its final name, so that any damage is corruption.
 *
 * @param number the number in the file's name
 * @param salt random number that seeds every checksum in the file
 * @param logId random number of the database
 * @param capacity bytes to which a file that is filled with zeros ahead may grow, 0 for one that
 *     grows by appending
 */
record SegmentIdentity(long number, long salt, long logId, long capacity) {
  private static final int VERSION = 8;
  private static final int COMPATIBLE = 12;
  private static final int INCOMPATIBLE = 16;
  private static final int NUMBER = 24;
  private static final int SALT = 32;
  private static final int LOG_ID = 40;
  private static final int CAPACITY = 48;
  private static final int CRC = 60;

  /** The 64 bytes. */
  byte[] encode() {
    byte[] to = new byte[LogFormat.IDENTITY_SIZE];
    Bytes.putLong(to, 0, LogFormat.MAGIC);
    Bytes.putInt(to, VERSION, LogFormat.VERSION);
    Bytes.putInt(to, COMPATIBLE, 0);
    Bytes.putInt(to, INCOMPATIBLE, 0);
    Bytes.putLong(to, NUMBER, number);
    Bytes.putLong(to, SALT, salt);
    Bytes.putLong(to, LOG_ID, logId);
    Bytes.putLong(to, CAPACITY, capacity);
    Bytes.putInt(to, CRC, new Crc32c().compute(salt, 0, to, 0, CRC));
    return to;
  }

  /**
   * Reads the identity of a file.
   *
   * @param file the file, for messages
   * @param from its first 64 bytes
   * @throws CorruptionException if this is no segment that this version can read
   */
  static SegmentIdentity decode(String file, byte[] from) {
    if (Bytes.getLong(from, 0) != LogFormat.MAGIC) {
      throw new CorruptionException(file, 0, "no log segment: wrong magic number");
    }
    int version = Bytes.getInt(from, VERSION);
    if (version != LogFormat.VERSION) {
      throw new CorruptionException(file, VERSION, "unknown log format version " + version);
    }
    long salt = Bytes.getLong(from, SALT);
    if (Bytes.getInt(from, CRC) != new Crc32c().compute(salt, 0, from, 0, CRC)) {
      throw new CorruptionException(file, CRC, "checksum mismatch in the segment's identity");
    }
    if (Bytes.getInt(from, INCOMPATIBLE) != 0) {
      throw new CorruptionException(file, INCOMPATIBLE, "unknown log format features");
    }
    return new SegmentIdentity(
        Bytes.getLong(from, NUMBER),
        salt,
        Bytes.getLong(from, LOG_ID),
        Bytes.getLong(from, CAPACITY));
  }
}
