package io.lsmdb.internal.wal;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.key.InternalKey;

/**
 * The decoded header of one record, reused from record to record.
 *
 * <p>Not thread-safe. Holds no reference to the payload.
 */
final class RecordHeader {
  private static final int CRC = 0;
  private static final int PAYLOAD_CRC = 4;
  private static final int TYPE_AND_LENGTH = 8;
  private static final int TYPE_BITS = 0x0F;
  private static final int FLAG_BITS = 0xF0;

  /** {@link LogFormat#DATA}, {@link LogFormat#MARK} or {@link LogFormat#END}. */
  int type;

  /**
   * Smallest sequence number, in data records alone; 0 where it is the next one after the largest
   * of all records before.
   */
  long firstSequence;

  /** Largest sequence number minus the smallest, unsigned. */
  int span;

  /** Bytes of payload. */
  int length;

  /** Bytes from the start of the segment that were known to be forced; 0 for nothing. */
  int forced;

  int payloadCrc;

  /** Flags for the optional fields, which are there where they are not 0. */
  private int flags() {
    return (forced != 0 ? LogFormat.HAS_FORCED : 0)
        | (span != 0 ? LogFormat.HAS_SPAN : 0)
        | (firstSequence != 0 ? LogFormat.HAS_SEQUENCE : 0)
        | (highLength() != 0 ? LogFormat.HAS_HIGH_LENGTH : 0);
  }

  private int highLength() {
    return length >>> LogFormat.LOW_LENGTH_BITS;
  }

  /** Bytes of the header, which depend on the fields that are not 0. */
  int size() {
    return sizeWith(flags());
  }

  private static int sizeWith(int flags) {
    int sequence = LogFormat.HAS_SEQUENCE;
    return LogFormat.HEADER_SIZE
        + Integer.bitCount(flags & ~sequence) * LogFormat.OPTIONAL_SIZE
        + ((flags & sequence) != 0 ? LogFormat.SEQUENCE_SIZE : 0);
  }

  /** Bytes of the whole record. */
  long recordSize() {
    return LogFormat.recordSize(size(), length);
  }

  /** Writes the header for a record at {@code position}: {@link #size} bytes. */
  void encode(Crc32c crc, long salt, long position, byte[] to, int at) {
    int flags = flags();
    Bytes.putInt(to, at + PAYLOAD_CRC, payloadCrc);
    Bytes.putInt(to, at + TYPE_AND_LENGTH, length << Byte.SIZE | flags | type);
    if (flags != 0) {
      encodeOptional(to, at + LogFormat.HEADER_SIZE);
    }
    Bytes.putInt(to, at + CRC, crc.compute(salt, position, to, at + 4, sizeWith(flags) - 4));
  }

  private void encodeOptional(byte[] to, int at) {
    int field = at;
    if (forced != 0) {
      Bytes.putInt(to, field, forced);
      field += LogFormat.OPTIONAL_SIZE;
    }
    if (span != 0) {
      Bytes.putInt(to, field, span);
      field += LogFormat.OPTIONAL_SIZE;
    }
    if (firstSequence != 0) {
      Bytes.putLong(to, field, firstSequence);
      field += LogFormat.SEQUENCE_SIZE;
    }
    if (highLength() != 0) {
      Bytes.putInt(to, field, highLength());
    }
  }

  /**
   * The bytes of a header as its type and flags have it.
   *
   * @param from holds at least {@link LogFormat#HEADER_SIZE} bytes from {@code at} on
   * @return 0 where they are those of no header
   */
  static int sizeAt(byte[] from, int at) {
    int type = from[at + TYPE_AND_LENGTH] & TYPE_BITS;
    int flags = from[at + TYPE_AND_LENGTH] & FLAG_BITS;
    boolean control = type == LogFormat.MARK || type == LogFormat.END;
    boolean known = type == LogFormat.DATA || (control && flags == LogFormat.HAS_FORCED);
    return known ? sizeWith(flags) : 0;
  }

  /**
   * Reads the header of a record at {@code position}.
   *
   * @param from holds as many bytes from {@code at} on as {@link #sizeAt} says
   * @return false where no header of this salt and position stands, or one that no writer writes;
   *     the fields are then undefined
   */
  boolean decode(Crc32c crc, long salt, long position, byte[] from, int at) {
    int size = sizeAt(from, at);
    if (size == 0
        || Bytes.getInt(from, at + CRC) != crc.compute(salt, position, from, at + 4, size - 4)) {
      return false;
    }
    int typeAndLength = Bytes.getInt(from, at + TYPE_AND_LENGTH);
    type = typeAndLength & TYPE_BITS;
    length = typeAndLength >>> Byte.SIZE;
    payloadCrc = Bytes.getInt(from, at + PAYLOAD_CRC);
    int flags = typeAndLength & FLAG_BITS;
    if (!decodeOptional(flags, from, at + LogFormat.HEADER_SIZE) || flags() != flags) {
      return false; // an optional field is 0, which is never written, or out of bounds
    }
    if (forced < 0 || forced > position) {
      return false; // cannot be true
    }
    return type == LogFormat.DATA
        ? length > 0 && length <= LogFormat.MAX_PAYLOAD
        : length == 0 && payloadCrc == 0;
  }

  /** Reads the optional fields, and sets those to 0 that are not there; false if out of bounds. */
  private boolean decodeOptional(int flags, byte[] from, int at) {
    int field = at;
    forced = 0;
    span = 0;
    firstSequence = 0;
    if ((flags & LogFormat.HAS_FORCED) != 0) {
      forced = Bytes.getInt(from, field);
      field += LogFormat.OPTIONAL_SIZE;
    }
    if ((flags & LogFormat.HAS_SPAN) != 0) {
      span = Bytes.getInt(from, field);
      field += LogFormat.OPTIONAL_SIZE;
    }
    if ((flags & LogFormat.HAS_SEQUENCE) != 0) {
      firstSequence = Bytes.getLong(from, field);
      field += LogFormat.SEQUENCE_SIZE;
    }
    if ((flags & LogFormat.HAS_HIGH_LENGTH) != 0) {
      int high = Bytes.getInt(from, field);
      if (high < 0 || high > LogFormat.MAX_PAYLOAD >>> LogFormat.LOW_LENGTH_BITS) {
        return false;
      }
      length |= high << LogFormat.LOW_LENGTH_BITS;
    }
    return firstSequence >= 0 && firstSequence <= InternalKey.MAX_SEQUENCE;
  }

  /** Smallest sequence number of the record, given the largest of all records before. */
  long firstAfter(long previous) {
    return firstSequence == 0 ? previous + 1 : firstSequence;
  }

  /** Largest sequence number of the record, given the largest of all records before. */
  long lastAfter(long previous) {
    return firstAfter(previous) + Integer.toUnsignedLong(span);
  }
}
