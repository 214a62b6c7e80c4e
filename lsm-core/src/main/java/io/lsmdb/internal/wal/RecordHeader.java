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
  private static final int LENGTH = 8;
  private static final int SEQUENCE_AND_TYPE = 12;
  private static final int TYPE_BITS = 0x0F;
  private static final int FLAG_BITS = 0xF0;

  /** {@link LogFormat#DATA}, {@link LogFormat#MARK} or {@link LogFormat#END}. */
  int type;

  /** Smallest sequence number; 0 unless DATA. */
  long firstSequence;

  /** Largest sequence number minus the smallest, unsigned. */
  int span;

  /** Bytes of payload. */
  int length;

  /** Bytes from the start of the segment that were known to be forced; 0 for nothing. */
  int forced;

  int payloadCrc;

  /** Bytes of the header, which depend on {@link #forced} and {@link #span}. */
  int size() {
    int size = LogFormat.HEADER_SIZE;
    if (forced != 0) {
      size += LogFormat.OPTIONAL_SIZE;
    }
    return span == 0 ? size : size + LogFormat.OPTIONAL_SIZE;
  }

  /** Bytes of the whole record. */
  long recordSize() {
    return LogFormat.recordSize(size(), length);
  }

  /** Writes the header for a record at {@code position}: {@link #size} bytes. */
  void encode(Crc32c crc, long salt, long position, byte[] to, int at) {
    Bytes.putInt(to, at + PAYLOAD_CRC, payloadCrc);
    Bytes.putInt(to, at + LENGTH, length);
    int typeAndFlags = type;
    int size = LogFormat.HEADER_SIZE;
    if (forced != 0) {
      typeAndFlags |= LogFormat.HAS_FORCED;
      Bytes.putInt(to, at + size, forced);
      size += LogFormat.OPTIONAL_SIZE;
    }
    if (span != 0) {
      typeAndFlags |= LogFormat.HAS_SPAN;
      Bytes.putInt(to, at + size, span);
      size += LogFormat.OPTIONAL_SIZE;
    }
    Bytes.putLong(to, at + SEQUENCE_AND_TYPE, firstSequence << 8 | typeAndFlags);
    Bytes.putInt(to, at + CRC, crc.compute(salt, position, to, at + 4, size - 4));
  }

  /**
   * The bytes of a header as its type and flags have it.
   *
   * @param from holds at least {@link LogFormat#HEADER_SIZE} bytes from {@code at} on
   * @return 0 where they are those of no header
   */
  static int sizeAt(byte[] from, int at) {
    int type = from[at + SEQUENCE_AND_TYPE] & TYPE_BITS;
    int flags = from[at + SEQUENCE_AND_TYPE] & FLAG_BITS;
    if (type == LogFormat.DATA && (flags & ~(LogFormat.HAS_FORCED | LogFormat.HAS_SPAN)) == 0) {
      return LogFormat.HEADER_SIZE + Integer.bitCount(flags) * LogFormat.OPTIONAL_SIZE;
    }
    boolean control = type == LogFormat.MARK || type == LogFormat.END;
    return control && flags == LogFormat.HAS_FORCED ? LogFormat.CONTROL_SIZE : 0;
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
    long sequenceAndType = Bytes.getLong(from, at + SEQUENCE_AND_TYPE);
    type = (int) sequenceAndType & TYPE_BITS;
    firstSequence = sequenceAndType >>> 8;
    payloadCrc = Bytes.getInt(from, at + PAYLOAD_CRC);
    length = Bytes.getInt(from, at + LENGTH);
    int field = at + LogFormat.HEADER_SIZE;
    forced = 0;
    if ((sequenceAndType & LogFormat.HAS_FORCED) != 0) {
      forced = Bytes.getInt(from, field);
      field += LogFormat.OPTIONAL_SIZE;
    }
    span = (sequenceAndType & LogFormat.HAS_SPAN) != 0 ? Bytes.getInt(from, field) : 0;
    if (size() != size || forced < 0 || forced > position) {
      return false; // an optional field is 0, which is never written, or cannot be true
    }
    return type == LogFormat.DATA
        ? length > 0
            && length <= LogFormat.MAX_PAYLOAD
            && lastSequence() <= InternalKey.MAX_SEQUENCE
        : length == 0 && payloadCrc == 0 && firstSequence == 0;
  }

  /** Largest sequence number of the record. */
  long lastSequence() {
    return firstSequence + Integer.toUnsignedLong(span);
  }
}
