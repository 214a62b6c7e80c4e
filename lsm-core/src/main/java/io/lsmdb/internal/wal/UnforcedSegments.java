package io.lsmdb.internal.wal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments before the newest one that may hold unforced bytes, oldest first.
 *
 * <p>Used by the appending thread alone. Invariant: a segment is known to be forced only when all
 * before it are, so that what is forced is a prefix of the log.
 */
final class UnforcedSegments {
  private final ArrayDeque<LogSegment> segments = new ArrayDeque<>();

  /** Takes the segment that was the newest so far, unless it is forced. */
  void add(LogSegment segment) {
    segments.removeIf(LogSegment::isReleased);
    if (segment.isUnforced()) {
      segments.add(segment);
    }
  }

  /** Forces all. */
  void force() {
    LogSegment segment = segments.peekFirst();
    while (segment != null) {
      segment.forceWritten();
      segment.known = segment.forced;
      segments.removeFirst();
      segment = segments.peekFirst();
    }
  }

  /** Lets go of those that somebody else has forced. */
  void dropForced() {
    segments.removeIf(segment -> !segment.isUnforced());
  }

  /** Whether nothing but marks is unforced. */
  boolean isDataForced() {
    return segments.stream().allMatch(LogSegment::isDataForced);
  }

  /** The segments, a copy. */
  List<LogSegment> list() {
    return new ArrayList<>(segments);
  }
}
