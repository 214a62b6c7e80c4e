package io.lsmdb.internal.wal;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;

/**
 * The maker of record headers, which puts records at the end of a segment.
 *
 * <p>Not thread-safe. Allocates nothing per record. Checksums are computed on the caller's array,
 * never on a mapping.
 */
final class RecordEncoder {
  private final Crc32c crc = new Crc32c();
  private final RecordHeader header = new RecordHeader();
  private final byte[] bytes = new byte[LogFormat.MAX_HEADER_SIZE];

  // Of the next data record.
  private long firstSequence;
  private long lastSequence;

  /**
   * Describes the next data record.
   *
   * @param previous largest sequence number of all records before
   * @param first its smallest one
   * @param last its largest one
   */
  void data(long previous, long first, long last) {
    firstSequence = first;
    lastSequence = last;
    header.type = LogFormat.DATA;
    header.firstSequence = first == previous + 1 ? 0 : first;
    header.span = (int) (last - first);
  }

  /** Appends the data record described before, at the end of a segment. */
  void append(LogSegment segment, byte[] payload, int offset, int length, boolean durable) {
    header.length = length;
    header.forced = (int) segment.known;
    int size = header.size();
    header.payloadCrc = crc.compute(segment.salt, segment.used + size, payload, offset, length);
    header.encode(crc, segment.salt, segment.used, bytes, 0);
    if (durable) {
      segment.appendDurably(bytes, size, payload, offset, length);
    } else {
      segment.append(bytes, size, payload, offset, length);
    }
    segment.dataEnd = segment.used;
    if (segment.firstSequence == 0) {
      segment.firstSequence = firstSequence;
    }
    segment.lastSequence = lastSequence;
  }

  /** Appends a mark if it would say something new, unforced. */
  void mark(LogSegment segment) {
    if (segment.known > segment.marked && segment.hasRoomForMark()) {
      control(segment, LogFormat.MARK);
      segment.append(bytes, LogFormat.CONTROL_SIZE, Bytes.EMPTY, 0, 0);
      segment.marked = segment.known;
    }
  }

  /** Appends the end record, forced. */
  void end(LogSegment segment) {
    control(segment, LogFormat.END);
    segment.appendDurably(bytes, LogFormat.CONTROL_SIZE, Bytes.EMPTY, 0, 0);
  }

  private void control(LogSegment segment, int type) {
    header.type = type;
    header.firstSequence = 0;
    header.span = 0;
    header.length = 0;
    header.payloadCrc = 0;
    header.forced = (int) segment.known;
    header.encode(crc, segment.salt, segment.used, bytes, 0);
  }
}
