package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.key.InternalKey;
import java.util.OptionalLong;

/**
 * The fixed parts of a manifest: file header, record header, types, with their frozen numbers.
 *
 * <p>Stateless. See docs/manifest-format.md.
 */
final class ManifestFormat {
  /** "LSMDBMAN" as a little-endian number. */
  static final long MAGIC = 0x4E414D42444D534CL;

  static final int VERSION = 1;

  /** Size of the file header in bytes. */
  static final int HEADER = 64;

  /** Size of a record header in bytes. */
  static final int RECORD_HEADER = 32;

  static final int EDIT = 1;
  static final int MARK = 2;
  static final int END = 3;

  /** Size in bytes of an end record's payload, where it has one. */
  static final int LOGGED = Long.BYTES;

  private static final int VERSION_AT = 8;
  private static final int INCOMPATIBLE_AT = 16;
  private static final int RESERVED_AT = 20;
  private static final int NUMBER_AT = 24;
  private static final int SALT_AT = 32;
  private static final int ID_HIGH_AT = 40;
  private static final int ID_LOW_AT = 48;
  private static final int RESERVED2_AT = 56;
  private static final int CRC_AT = 60;

  private static final int PAYLOAD_CRC_AT = 4;
  private static final int LENGTH_AT = 8;
  private static final int TYPE_AT = 12;
  private static final int ORDINAL_AT = 16;
  private static final int RECORD_RESERVED_AT = 20;
  private static final int FORCED_AT = 24;

  /**
   * What the header of a manifest says.
   *
   * @param number the number in its name
   * @param salt random, seeds its checksums
   * @param databaseIdHigh identity of the store, upper half
   * @param databaseIdLow identity of the store, lower half
   */
  record Header(long number, long salt, long databaseIdHigh, long databaseIdLow) {}

  /**
   * What the header of a record says, its checksum verified.
   *
   * @param payloadCrc checksum of the payload
   * @param length of the payload in bytes
   * @param type one of the three
   * @param ordinal position among the records
   * @param forced bytes of the file that were durable when it was written
   */
  record RecordHeader(int payloadCrc, int length, int type, int ordinal, long forced) {}

  private ManifestFormat() {}

  static byte[] encodeHeader(Header header) {
    byte[] bytes = new byte[HEADER];
    Bytes.putLong(bytes, 0, MAGIC);
    Bytes.putInt(bytes, VERSION_AT, VERSION);
    Bytes.putLong(bytes, NUMBER_AT, header.number());
    Bytes.putLong(bytes, SALT_AT, header.salt());
    Bytes.putLong(bytes, ID_HIGH_AT, header.databaseIdHigh());
    Bytes.putLong(bytes, ID_LOW_AT, header.databaseIdLow());
    Bytes.putInt(bytes, CRC_AT, new Crc32c().compute(header.salt(), 0, bytes, 0, CRC_AT));
    return bytes;
  }

  static Header decodeHeader(byte[] bytes, String file, long expectedNumber) {
    if (Bytes.getLong(bytes, 0) != MAGIC) {
      throw new CorruptionException(file, 0, "not a manifest: wrong magic");
    }
    int version = Bytes.getInt(bytes, VERSION_AT);
    if (version != VERSION) {
      throw new CorruptionException(
          file,
          VERSION_AT,
          "format version " + version + ", unknown to this version of the library,");
    }
    long salt = Bytes.getLong(bytes, SALT_AT);
    if (new Crc32c().compute(salt, 0, bytes, 0, CRC_AT) != Bytes.getInt(bytes, CRC_AT)) {
      throw new CorruptionException(file, 0, "header checksum mismatch");
    }
    int features = Bytes.getInt(bytes, INCOMPATIBLE_AT);
    if (features != 0) {
      throw new CorruptionException(
          file,
          INCOMPATIBLE_AT,
          "incompatible features 0x"
              + Integer.toHexString(features)
              + ", unknown to this version of the library,");
    }
    if (Bytes.getInt(bytes, RESERVED_AT) != 0 || Bytes.getInt(bytes, RESERVED2_AT) != 0) {
      throw new CorruptionException(file, RESERVED_AT, "reserved header bytes are not zero");
    }
    if (Bytes.getLong(bytes, NUMBER_AT) != expectedNumber) {
      throw new CorruptionException(
          file, NUMBER_AT, "the manifest's number is not that of its name");
    }
    return new Header(
        expectedNumber, salt, Bytes.getLong(bytes, ID_HIGH_AT), Bytes.getLong(bytes, ID_LOW_AT));
  }

  /** A record as it stands in the file, padding included. */
  static byte[] encodeRecord(
      long salt, long position, int type, int ordinal, long forced, byte[] payload) {
    byte[] bytes = new byte[Math.addExact(RECORD_HEADER, padded(payload.length))];
    Crc32c crc = new Crc32c();
    if (payload.length > 0) {
      System.arraycopy(payload, 0, bytes, RECORD_HEADER, payload.length);
      Bytes.putInt(
          bytes,
          PAYLOAD_CRC_AT,
          crc.compute(salt, position + RECORD_HEADER, payload, 0, payload.length));
    }
    Bytes.putInt(bytes, LENGTH_AT, payload.length);
    bytes[TYPE_AT] = (byte) type;
    Bytes.putInt(bytes, ORDINAL_AT, ordinal);
    Bytes.putLong(bytes, FORCED_AT, forced);
    Bytes.putInt(
        bytes,
        0,
        crc.compute(salt, position, bytes, PAYLOAD_CRC_AT, RECORD_HEADER - PAYLOAD_CRC_AT));
    return bytes;
  }

  /** Whether the bytes are a record header that was written for this place. */
  static boolean isRecordHeader(Crc32c crc, long salt, long position, byte[] bytes, int at) {
    return crc.compute(salt, position, bytes, at + PAYLOAD_CRC_AT, RECORD_HEADER - PAYLOAD_CRC_AT)
        == Bytes.getInt(bytes, at);
  }

  /** The durable length that a verified record header states. */
  static long forced(byte[] bytes, int at) {
    return Bytes.getLong(bytes, at + FORCED_AT);
  }

  static RecordHeader decodeRecordHeader(byte[] bytes, String file, long position) {
    int length = Bytes.getInt(bytes, LENGTH_AT);
    int type = bytes[TYPE_AT];
    long forced = Bytes.getLong(bytes, FORCED_AT);
    boolean reserved =
        (Bytes.getInt(bytes, TYPE_AT) >>> 8) != 0 || Bytes.getInt(bytes, RECORD_RESERVED_AT) != 0;
    boolean lengthFits =
        type == EDIT
            ? length > 0 && length <= EditCodec.MAX_PAYLOAD
            : length == 0 || (type == END && length == LOGGED);
    if (type < EDIT || type > END || reserved || !lengthFits || forced < 0 || forced > position) {
      throw new CorruptionException(file, position, "impossible record header");
    }
    return new RecordHeader(
        Bytes.getInt(bytes, PAYLOAD_CRC_AT), length, type, Bytes.getInt(bytes, ORDINAL_AT), forced);
  }

  /** The payload of an end record. */
  static byte[] encodeLogged(OptionalLong lastLogged) {
    byte[] payload = new byte[lastLogged.isPresent() ? LOGGED : 0];
    lastLogged.ifPresent(sequence -> Bytes.putLong(payload, 0, sequence));
    return payload;
  }

  static OptionalLong decodeLogged(byte[] payload, String file, long position) {
    if (payload.length == 0) {
      return OptionalLong.empty();
    }
    long sequence = Bytes.getLong(payload, 0);
    if (sequence < 0 || sequence > InternalKey.MAX_SEQUENCE) {
      throw new CorruptionException(file, position, "impossible last sequence of the log");
    }
    return OptionalLong.of(sequence);
  }

  /** The length of a payload with its padding. */
  static int padded(int length) {
    return (length + 7) & ~7;
  }
}
