package io.lsmdb.internal.record;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * The first 64 bytes of a record file.
 *
 * <p>Immutable. Forced before anything relies on the file, so that any damage is corruption.
 *
 * @param number the number in the file's name
 * @param salt random number that seeds every checksum in the file
 * @param owner first number that the type of file defines
 * @param detail second number that the type of file defines
 */
public record FileHeader(long number, long salt, long owner, long detail) {
  /** Its size in bytes. */
  public static final int SIZE = 64;

  /** Offset of the file's number. */
  public static final int NUMBER_AT = 24;

  /** Offset of the salt. */
  public static final int SALT_AT = 32;

  /** Offset of the first number that the type of file defines. */
  public static final int OWNER_AT = 40;

  private static final int VERSION_AT = 8;
  private static final int INCOMPATIBLE_AT = 16;
  private static final int RESERVED_AT = 20;
  private static final int DETAIL_AT = 48;
  private static final int RESERVED2_AT = 56;
  private static final int CRC_AT = 60;

  /**
   * Encodes the header.
   *
   * @param type of the file
   * @return the 64 bytes
   */
  public byte[] encode(RecordFileType type) {
    byte[] to = new byte[SIZE];
    Bytes.putLong(to, 0, type.magic());
    Bytes.putInt(to, VERSION_AT, type.version());
    Bytes.putLong(to, NUMBER_AT, number);
    Bytes.putLong(to, SALT_AT, salt);
    Bytes.putLong(to, OWNER_AT, owner);
    Bytes.putLong(to, DETAIL_AT, detail);
    Bytes.putInt(to, CRC_AT, new Crc32c().compute(salt, 0, to, 0, CRC_AT));
    return to;
  }

  /**
   * Decodes the header of a file.
   *
   * @param type that the file must have
   * @param number that it must have
   * @param file its path, for messages
   * @param from its first 64 bytes
   * @return the header
   * @throws CorruptionException if this is not the file, or this version cannot read it
   */
  public static FileHeader decode(RecordFileType type, long number, String file, byte[] from) {
    if (Bytes.getLong(from, 0) != type.magic()) {
      throw new CorruptionException(file, 0, "not a " + type.name() + ": wrong magic number");
    }
    int version = Bytes.getInt(from, VERSION_AT);
    if (version != type.version()) {
      throw new CorruptionException(
          file,
          VERSION_AT,
          type.name()
              + " of format version "
              + version
              + ", unknown to this version of the library,");
    }
    long salt = Bytes.getLong(from, SALT_AT);
    if (Bytes.getInt(from, CRC_AT) != new Crc32c().compute(salt, 0, from, 0, CRC_AT)) {
      throw new CorruptionException(file, CRC_AT, "checksum mismatch in the file header");
    }
    checkFields(type, number, file, from);
    return new FileHeader(
        number, salt, Bytes.getLong(from, OWNER_AT), Bytes.getLong(from, DETAIL_AT));
  }

  private static void checkFields(RecordFileType type, long number, String file, byte[] from) {
    int features = Bytes.getInt(from, INCOMPATIBLE_AT);
    if (features != 0) {
      throw new CorruptionException(
          file,
          INCOMPATIBLE_AT,
          "incompatible features 0x"
              + Integer.toHexString(features)
              + ", unknown to this version of the library,");
    }
    if (Bytes.getInt(from, RESERVED_AT) != 0 || Bytes.getInt(from, RESERVED2_AT) != 0) {
      throw new CorruptionException(file, RESERVED_AT, "reserved header bytes are not zero");
    }
    long actual = Bytes.getLong(from, NUMBER_AT);
    if (actual != number) {
      throw new CorruptionException(
          file, NUMBER_AT, "this is " + type.name() + " " + actual + " under another name");
    }
  }
}
