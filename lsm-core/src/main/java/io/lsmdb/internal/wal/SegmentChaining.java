package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import java.util.ArrayList;
import java.util.List;

/**
 * How the segments of a directory follow each other.
 *
 * <p>Immutable. At most one of {@code broken} and {@code missing} is there: the chain is followed
 * up to the first place where it ends.
 *
 * @param inUse segments that hold records, each naming the one before it, oldest first
 * @param unused numbers of segments that were prepared only
 * @param broken the segment that seems to have been in use although its chain does not say so, null
 *     for none
 * @param missing says which segment is not there although a later one names it, null for none
 */
record SegmentChaining(
    List<SegmentHead> inUse, List<Long> unused, SegmentHead broken, CorruptionException missing) {

  /** Follows the chain through all segments, given in ascending order. */
  static SegmentChaining of(LogFiles files, List<SegmentHead> heads) {
    List<SegmentHead> inUse = new ArrayList<>();
    List<Long> unused = new ArrayList<>();
    List<SegmentHead> skipped = new ArrayList<>();
    SegmentHead previous = null;
    for (SegmentHead head : heads) {
      if (!head.inUse()) {
        skipped.add(head);
        continue;
      }
      long named = head.chain().predecessor();
      for (SegmentHead candidate : skipped) {
        if (candidate.number() == named) {
          return new SegmentChaining(inUse, unused, candidate, null);
        }
      }
      if (previous != null && !head.follows(previous)) {
        return new SegmentChaining(inUse, unused, null, notThere(files, head, previous));
      }
      skipped.forEach(segment -> unused.add(segment.number()));
      skipped.clear();
      inUse.add(head);
      previous = head;
    }
    SegmentHead broken = null;
    for (SegmentHead head : skipped) {
      if (broken == null && hasContent(files, head)) {
        broken = head;
      } else {
        unused.add(head.number());
      }
    }
    return new SegmentChaining(inUse, unused, broken, null);
  }

  private static CorruptionException notThere(
      LogFiles files, SegmentHead head, SegmentHead previous) {
    long named = head.chain().predecessor();
    if (named == previous.number()) {
      return new CorruptionException(
          previous.file(), 32, "not the log segment that segment " + head.number() + " follows");
    }
    return new CorruptionException(
        files.segment(named).toString(),
        -1,
        "a log segment is missing, which segment " + head.number() + " follows");
  }

  private static boolean hasContent(LogFiles files, SegmentHead head) {
    if (!head.prepared()) {
      return true;
    }
    try (SegmentReader in = head.open(files)) {
      return in.endOfContent(LogFormat.IDENTITY_SIZE) > LogFormat.IDENTITY_SIZE;
    }
  }
}
