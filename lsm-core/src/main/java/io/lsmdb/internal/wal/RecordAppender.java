package io.lsmdb.internal.wal;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.record.RecordEncoder;
import io.lsmdb.internal.record.RecordFormat;

/**
 * The appender of records to the end of a segment.
 *
 * <p>Not thread-safe. Allocates nothing per record.
 */
final class RecordAppender {
  private final RecordEncoder encoder = new RecordEncoder(LogFormat.SEGMENT.rules());

  // Of the next data record.
  private long previous;
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
    this.previous = previous;
    firstSequence = first;
    lastSequence = last;
  }

  /** Appends the data record described before, at the end of a segment. */
  void append(LogSegment segment, byte[] payload, int offset, int length, boolean durable) {
    encoder.data(
        segment.known,
        firstSequence == previous + 1 ? 0 : firstSequence,
        (int) (lastSequence - firstSequence));
    int size = encoder.encode(segment.salt, segment.used, payload, offset, length);
    if (durable) {
      segment.appendDurably(encoder.bytes(), size, payload, offset, length);
    } else {
      segment.append(encoder.bytes(), size, payload, offset, length);
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
      int size = control(segment, RecordFormat.MARK);
      segment.append(encoder.bytes(), size, Bytes.EMPTY, 0, 0);
      segment.marked = segment.known;
    }
  }

  /** Appends the end record, forced. */
  void end(LogSegment segment) {
    int size = control(segment, RecordFormat.END);
    segment.appendDurably(encoder.bytes(), size, Bytes.EMPTY, 0, 0);
  }

  private int control(LogSegment segment, int type) {
    encoder.control(type, segment.known);
    return encoder.encode(segment.salt, segment.used, Bytes.EMPTY, 0, 0);
  }
}
