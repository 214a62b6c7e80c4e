package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFile;
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
    List<SegmentHeader> inUse,
    List<Long> unused,
    SegmentHeader broken,
    CorruptionException missing) {

  /** Follows the chain through all segments, given in ascending order. */
  static SegmentChaining of(LogFiles files, List<SegmentHeader> heads) {
    List<SegmentHeader> inUse = new ArrayList<>();
    List<Long> unused = new ArrayList<>();
    List<SegmentHeader> skipped = new ArrayList<>();
    SegmentHeader previous = null;
    for (SegmentHeader head : heads) {
      if (!head.inUse()) {
        skipped.add(head);
        continue;
      }
      long named = head.chain().predecessor();
      for (SegmentHeader candidate : skipped) {
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
    SegmentHeader broken = null;
    for (SegmentHeader head : skipped) {
      if (broken == null && hasContent(files, head)) {
        broken = head;
      } else {
        unused.add(head.number());
      }
    }
    return new SegmentChaining(inUse, unused, broken, null);
  }

  private static CorruptionException notThere(
      LogFiles files, SegmentHeader head, SegmentHeader previous) {
    long named = head.chain().predecessor();
    if (named == previous.number()) {
      return new CorruptionException(
          previous.file(),
          FileHeader.SALT_AT,
          "not the log segment that segment " + head.number() + " follows");
    }
    return new CorruptionException(
        files.segment(named).toString(),
        -1,
        "a log segment is missing, which segment " + head.number() + " follows");
  }

  private static boolean hasContent(LogFiles files, SegmentHeader head) {
    if (!head.prepared()) {
      return true;
    }
    try (RecordFile in = head.open(files)) {
      return in.endOfContent(LogFormat.IDENTITY_SIZE) > LogFormat.IDENTITY_SIZE;
    }
  }
}
