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
  private static final int FORCED = 12;
  private static final int SEQUENCE_AND_TYPE = 16;
  private static final int SPAN = 24;
  private static final int ORDINAL = 28;

  /** {@link LogFormat#DATA}, {@link LogFormat#MARK} or {@link LogFormat#END}. */
  int type;

  /** Smallest sequence number; 0 unless DATA. */
  long firstSequence;

  /** Largest sequence number minus the smallest, unsigned. */
  int span;

  /** Position among the records of all types in the segment, from 0. */
  int ordinal;

  /** Bytes of payload. */
  int length;

  /** Bytes from the start of the segment that were known to be forced. */
  int forced;

  int payloadCrc;

  /** Writes the 32 bytes of the header for a record at {@code position}. */
  void encode(Crc32c crc, long salt, long position, byte[] to, int at) {
    Bytes.putInt(to, at + PAYLOAD_CRC, payloadCrc);
    Bytes.putInt(to, at + LENGTH, length);
    Bytes.putInt(to, at + FORCED, forced);
    Bytes.putLong(to, at + SEQUENCE_AND_TYPE, firstSequence << 8 | type);
    Bytes.putInt(to, at + SPAN, span);
    Bytes.putInt(to, at + ORDINAL, ordinal);
    Bytes.putInt(to, at + CRC, crc.compute(salt, position, to, at + 4, LogFormat.HEADER_SIZE - 4));
  }

  /**
   * Reads the header of a record at {@code position}.
   *
   * @return false where no header of this salt and position stands, or one that no writer writes;
   *     the fields are then undefined
   */
  boolean decode(Crc32c crc, long salt, long position, byte[] from, int at) {
    long sequenceAndType = Bytes.getLong(from, at + SEQUENCE_AND_TYPE);
    type = (int) sequenceAndType & 0xFF;
    length = Bytes.getInt(from, at + LENGTH);
    forced = Bytes.getInt(from, at + FORCED);
    if (type < LogFormat.DATA || type > LogFormat.END) {
      return false;
    }
    if (length < 0 || length > LogFormat.MAX_PAYLOAD || forced < 0 || forced > position) {
      return false;
    }
    if (Bytes.getInt(from, at + CRC)
        != crc.compute(salt, position, from, at + 4, LogFormat.HEADER_SIZE - 4)) {
      return false;
    }
    payloadCrc = Bytes.getInt(from, at + PAYLOAD_CRC);
    firstSequence = sequenceAndType >>> 8;
    span = Bytes.getInt(from, at + SPAN);
    ordinal = Bytes.getInt(from, at + ORDINAL);
    return type == LogFormat.DATA
        ? length > 0 && lastSequence() <= InternalKey.MAX_SEQUENCE
        : length == 0 && payloadCrc == 0 && firstSequence == 0 && span == 0;
  }

  /** Largest sequence number of the record. */
  long lastSequence() {
    return firstSequence + Integer.toUnsignedLong(span);
  }
}
