package io.lsmdb.internal.compaction;

import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.version.FileMetadata;

/**
 * The snapshots but for which an entry would not survive: a rewrite drops it once none of them is
 * open.
 *
 * <p>Not thread-safe; owned by one {@link CompactionIterator}, whose stripes these are. Told of
 * each entry that comes out.
 *
 * <p>With the snapshots {5, 8}, at the bottom:
 *
 * <pre>
 *   k@9 DELETE   for the snapshots 5 and 8: it goes with the last version below it
 *   k@7 PUT      for the snapshot 8
 *   k@4 PUT      for the snapshot 5
 * </pre>
 *
 * <p>The answer may name snapshots too many, never too few, with one exception: an operand that
 * could not be combined with what lies in older stripes stays when they become one. It is not
 * counted the next time, since no snapshot separates it then.
 */
final class SnapshotNeed {
  private final Stripes stripes;

  private int lastShown; // stripe of the version of the key that came out last, -1 for none
  private int from; // the stripes whose ends are needed, [from, to)
  private int to;

  SnapshotNeed(Stripes stripes) {
    this.stripes = stripes;
  }

  /** Goes on to another key. */
  void enterKey() {
    lastShown = -1;
  }

  /**
   * A version came out that goes once it is in the stripe of a newer one, or of a range tombstone.
   *
   * @param hiddenFrom stripe of the oldest range tombstone above it, {@link RangeStep#NEVER}
   */
  void shown(long trailer, int hiddenFrom) {
    from = stripes.of(InternalKey.sequence(trailer));
    to = lastShown < 0 ? hiddenFrom : Math.min(lastShown, hiddenFrom);
    if (to == RangeStep.NEVER) {
      to = from;
    }
    lastShown = from;
  }

  /** A tombstone at the bottom came out, which goes once what lies below it is in its stripe. */
  void shownAbove(int stripeBelow, long trailer) {
    int own = stripes.of(InternalKey.sequence(trailer));
    from = stripeBelow;
    to = Math.max(own, lastShown);
    lastShown = own;
  }

  /** A tombstone came out that stays whatever snapshots there are. */
  void shownForGood(long trailer) {
    lastShown = stripes.of(InternalKey.sequence(trailer));
    from = lastShown;
    to = lastShown;
  }

  /** Whether there are such snapshots for the entry that came out last. */
  boolean exists() {
    return from < to;
  }

  /** The needs of the entries of one table together; not thread-safe. */
  static final class Sum {
    private long entries;
    private long rawBytes;
    private long oldest;
    private long newest;
    private int from = Integer.MAX_VALUE;
    private int to;

    /** Adds an entry that is there for snapshots alone. */
    void add(SnapshotNeed need, int bytes) {
      entries++;
      rawBytes += bytes;
      if (need.from < from) {
        from = need.from;
        oldest = need.stripes.end(from);
      }
      if (need.to > to) {
        to = need.to;
        newest = need.stripes.end(to - 1);
      }
    }

    /** What the manifest says of it, of a table with so many bytes before and after compression. */
    FileMetadata.Retained retained(long allRawBytes, long fileSize) {
      if (entries == 0) {
        return FileMetadata.Retained.NONE;
      }
      long bytes = (long) ((double) fileSize * rawBytes / Math.max(1, allRawBytes));
      return new FileMetadata.Retained(entries, bytes, oldest, newest, to - from);
    }
  }
}
