package io.lsmdb.internal.record;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.key.InternalKey;

/**
 * The header of one record, reused from record to record.
 *
 * <p>Not thread-safe. Holds no reference to the payload.
 */
public final class RecordHeader {
  private static final int CRC = 0;
  private static final int PAYLOAD_CRC = 4;
  private static final int TYPE_AND_LENGTH = 8;
  private static final int TYPE_BITS = 0x0F;
  private static final int FLAG_BITS = 0xF0;

  private final RecordRules rules;

  /** {@link RecordFormat#DATA}, {@link RecordFormat#MARK} or {@link RecordFormat#END}. */
  int type;

  /**
   * Smallest number of a data record; 0 where it is the next one after the largest of all records
   * before.
   */
  long firstNumber;

  /** Largest number minus the smallest, unsigned. */
  int span;

  /** Bytes of payload. */
  int length;

  /** Bytes from the start of the file that were known to be forced; 0 for nothing. */
  long forced;

  int payloadCrc;

  /** Outcome of decoding the bytes at an offset. */
  public enum Found {
    /** No header that was written for this place. */
    NOTHING,
    /** A header that was written for this place, and that breaks a rule. */
    BROKEN_RULE,
    /** A valid header. */
    RECORD
  }

  /**
   * Creates an empty header.
   *
   * @param rules bounds of its fields
   */
  public RecordHeader(RecordRules rules) {
    this.rules = rules;
  }

  /**
   * The type.
   *
   * @return {@link RecordFormat#DATA}, {@link RecordFormat#MARK} or {@link RecordFormat#END}
   */
  public int type() {
    return type;
  }

  /**
   * The length of the payload.
   *
   * @return bytes
   */
  public int length() {
    return length;
  }

  /**
   * The part of the file that was known to be forced when the record was written.
   *
   * @return bytes from the start of the file
   */
  public long forced() {
    return forced;
  }

  /** Flags for the optional fields, which are there where they are not 0. */
  int flags() {
    return (forced != 0 ? RecordFormat.HAS_FORCED : 0)
        | (span != 0 ? RecordFormat.HAS_SPAN : 0)
        | (firstNumber != 0 ? RecordFormat.HAS_NUMBER : 0)
        | (highLength() != 0 ? RecordFormat.HAS_HIGH_LENGTH : 0);
  }

  private int highLength() {
    return length >>> RecordFormat.LOW_LENGTH_BITS;
  }

  /**
   * The size of the header, which depends on the fields that are not 0.
   *
   * @return bytes
   */
  public int size() {
    return sizeWith(flags());
  }

  static int sizeWith(int flags) {
    int number = RecordFormat.HAS_NUMBER;
    return RecordFormat.HEADER_SIZE
        + Integer.bitCount(flags & ~number) * RecordFormat.OPTIONAL_SIZE
        + ((flags & number) != 0 ? RecordFormat.NUMBER_SIZE : 0);
  }

  /**
   * The size of the whole record.
   *
   * @return bytes
   */
  public long recordSize() {
    return RecordFormat.recordSize(size(), length);
  }

  /** Writes the header for a record at {@code position}, given its flags and size. */
  void encode(Crc32c crc, long salt, long position, byte[] to, int flags) {
    Bytes.putInt(to, PAYLOAD_CRC, payloadCrc);
    Bytes.putInt(to, TYPE_AND_LENGTH, length << Byte.SIZE | flags | type);
    if (flags != 0) {
      encodeOptional(to, RecordFormat.HEADER_SIZE);
    }
    Bytes.putInt(to, CRC, crc.compute(salt, position, to, 4, sizeWith(flags) - 4));
  }

  private void encodeOptional(byte[] to, int at) {
    int field = at;
    if (forced != 0) {
      Bytes.putInt(to, field, (int) forced);
      field += RecordFormat.OPTIONAL_SIZE;
    }
    if (span != 0) {
      Bytes.putInt(to, field, span);
      field += RecordFormat.OPTIONAL_SIZE;
    }
    if (firstNumber != 0) {
      Bytes.putLong(to, field, firstNumber);
      field += RecordFormat.NUMBER_SIZE;
    }
    if (highLength() != 0) {
      Bytes.putInt(to, field, highLength());
    }
  }

  /**
   * Tells whether bytes look like a header: the cheap part of {@link #decode}.
   *
   * @param from holds at least {@link RecordFormat#HEADER_SIZE} bytes from {@code at} on
   * @param at where they start
   * @return false where type and flags are those of no record
   */
  static boolean isLikely(byte[] from, int at) {
    int type = from[at + TYPE_AND_LENGTH] & TYPE_BITS;
    int flags = from[at + TYPE_AND_LENGTH] & FLAG_BITS;
    boolean control = type == RecordFormat.MARK || type == RecordFormat.END;
    return type == RecordFormat.DATA || (control && flags == RecordFormat.HAS_FORCED);
  }

  /**
   * The size of the header that the bytes may be.
   *
   * @param from holds at least {@link RecordFormat#HEADER_SIZE} bytes from {@code at} on
   * @param at where they start
   * @return bytes, as its flags have it
   */
  public static int sizeAt(byte[] from, int at) {
    return sizeWith(from[at + TYPE_AND_LENGTH] & FLAG_BITS);
  }

  /**
   * Reads the header of a record. Unless it is a {@link Found#RECORD}, the fields are undefined
   * afterwards.
   *
   * @param crc computes the checksum
   * @param salt of the file
   * @param position of the record in the file
   * @param from holds as many bytes from {@code at} on as {@link #sizeAt} says
   * @param at where they start
   * @return what was found
   */
  public Found decode(Crc32c crc, long salt, long position, byte[] from, int at) {
    int size = sizeAt(from, at);
    if (Bytes.getInt(from, at + CRC) != crc.compute(salt, position, from, at + 4, size - 4)) {
      return Found.NOTHING;
    }
    int typeAndLength = Bytes.getInt(from, at + TYPE_AND_LENGTH);
    type = typeAndLength & TYPE_BITS;
    length = typeAndLength >>> Byte.SIZE;
    payloadCrc = Bytes.getInt(from, at + PAYLOAD_CRC);
    int flags = typeAndLength & FLAG_BITS;
    // An optional field that is 0 is never written.
    boolean valid =
        isLikely(from, at)
            && decodeOptional(flags, from, at + RecordFormat.HEADER_SIZE)
            && flags() == flags
            && forced <= position
            && numbersAreAllowed()
            && lengthIsAllowed();
    return valid ? Found.RECORD : Found.BROKEN_RULE;
  }

  /** Reads the optional fields, and sets those to 0 that are not there; false if out of bounds. */
  private boolean decodeOptional(int flags, byte[] from, int at) {
    int field = at;
    forced = 0;
    span = 0;
    firstNumber = 0;
    if ((flags & RecordFormat.HAS_FORCED) != 0) {
      forced = Integer.toUnsignedLong(Bytes.getInt(from, field));
      field += RecordFormat.OPTIONAL_SIZE;
    }
    if ((flags & RecordFormat.HAS_SPAN) != 0) {
      span = Bytes.getInt(from, field);
      field += RecordFormat.OPTIONAL_SIZE;
    }
    if ((flags & RecordFormat.HAS_NUMBER) != 0) {
      firstNumber = Bytes.getLong(from, field);
      field += RecordFormat.NUMBER_SIZE;
    }
    if ((flags & RecordFormat.HAS_HIGH_LENGTH) != 0) {
      int high = Bytes.getInt(from, field);
      if (high < 0 || high > rules.maxPayload() >>> RecordFormat.LOW_LENGTH_BITS) {
        return false;
      }
      length |= high << RecordFormat.LOW_LENGTH_BITS;
    }
    return firstNumber >= 0 && firstNumber <= InternalKey.MAX_SEQUENCE;
  }

  private boolean numbersAreAllowed() {
    return rules.numbered() || (span == 0 && firstNumber == 0);
  }

  private boolean lengthIsAllowed() {
    if (type == RecordFormat.DATA) {
      return length > 0 && length <= rules.maxPayload();
    }
    return length == 0 ? payloadCrc == 0 : type == RecordFormat.END && length == rules.endPayload();
  }

  /** Smallest number of the record, given the largest of all records before. */
  long firstAfter(long previous) {
    return firstNumber == 0 ? previous + 1 : firstNumber;
  }

  /** Largest number of the record, given the largest of all records before. */
  long lastAfter(long previous) {
    return firstAfter(previous) + Integer.toUnsignedLong(span);
  }
}
