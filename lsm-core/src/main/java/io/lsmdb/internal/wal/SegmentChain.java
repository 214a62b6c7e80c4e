package io.lsmdb.internal.wal;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * Bytes 64 to 127 of a segment: what came before it.
 *
 * <p>Immutable. Written when the segment is taken into use, together with its first record.
 *
 * @param predecessor number of the segment before, 0 for none
 * @param predecessorSalt its salt
 * @param predecessorLength where its last record ends
 * @param predecessorForced how much of it was known to be forced; 0 also where something before it
 *     was not
 * @param firstOrdinal data records in all segments before
 * @param lastSequence largest sequence number in all segments before
 */
record SegmentChain(
    long predecessor,
    long predecessorSalt,
    long predecessorLength,
    long predecessorForced,
    long firstOrdinal,
    long lastSequence) {
  private static final int CRC = 0;
  private static final int PREDECESSOR = 8;
  private static final int PREDECESSOR_SALT = 16;
  private static final int PREDECESSOR_LENGTH = 24;
  private static final int PREDECESSOR_FORCED = 32;
  private static final int FIRST_ORDINAL = 40;
  private static final int LAST_SEQUENCE = 48;

  /** The 64 bytes, for a segment of the given salt. */
  byte[] encode(long salt) {
    byte[] to = new byte[LogFormat.CHAIN_SIZE];
    Bytes.putLong(to, PREDECESSOR, predecessor);
    Bytes.putLong(to, PREDECESSOR_SALT, predecessorSalt);
    Bytes.putLong(to, PREDECESSOR_LENGTH, predecessorLength);
    Bytes.putLong(to, PREDECESSOR_FORCED, predecessorForced);
    Bytes.putLong(to, FIRST_ORDINAL, firstOrdinal);
    Bytes.putLong(to, LAST_SEQUENCE, lastSequence);
    Bytes.putInt(to, CRC, checksum(salt, to));
    return to;
  }

  /** Reads the chain, or returns null where it is damaged or all zeros. */
  static SegmentChain decode(long salt, byte[] from) {
    if (Bytes.getInt(from, CRC) != checksum(salt, from)) {
      return null;
    }
    SegmentChain chain =
        new SegmentChain(
            Bytes.getLong(from, PREDECESSOR),
            Bytes.getLong(from, PREDECESSOR_SALT),
            Bytes.getLong(from, PREDECESSOR_LENGTH),
            Bytes.getLong(from, PREDECESSOR_FORCED),
            Bytes.getLong(from, FIRST_ORDINAL),
            Bytes.getLong(from, LAST_SEQUENCE));
    return chain.isPlausible() ? chain : null;
  }

  private boolean isPlausible() {
    boolean first = predecessor == 0;
    return predecessor >= 0
        && predecessorLength >= (first ? 0 : LogFormat.FIRST_RECORD)
        && predecessorForced >= 0
        && predecessorForced <= predecessorLength
        && firstOrdinal >= 0
        && lastSequence >= 0;
  }

  private static int checksum(long salt, byte[] bytes) {
    return new Crc32c().compute(salt, LogFormat.IDENTITY_SIZE, bytes, 4, LogFormat.CHAIN_SIZE - 4);
  }
}
