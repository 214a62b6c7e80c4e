package io.lsmdb.internal.compaction;

import io.lsmdb.internal.range.RangeTombstones;

/**
 * The part that range tombstones have in the rewriting of entries, which come in ascending order of
 * their keys.
 *
 * <p>Not thread-safe; owned by one {@link CompactionIterator}, whose stripes these are.
 *
 * <p>A range tombstone is as a tombstone of each key of its range, but is none of the entries: it
 * stays where it is, and hides older data wherever that lies. So an entry goes, at any level, if
 * the oldest range tombstone above it is in its stripe. What lies below it in that stripe goes by
 * the same rule, and what lies in older stripes or deeper down is hidden by that tombstone as
 * before. If a snapshot stands between, the entry stays. With the snapshot {6} and the range
 * tombstone t@7:
 *
 * <pre>
 *   k@9 PUT     stays
 *   k@5 PUT     stays, for the snapshot; so t is needed on
 *   k@3 PUT     goes, hidden by k@5
 * </pre>
 *
 * <p>With no snapshot k@5 goes, and t is needed no more by what has come out: see {@link
 * #clearedTo}.
 */
final class RangeStep {
  /** In place of a stripe: all readers from the entry's own stripe on see it. */
  static final int NEVER = Integer.MAX_VALUE;

  private final RangeTombstones ranges;
  private final Stripes stripes;

  private int piece = -1; // that the key is in; -1 for none
  private int hiddenFrom;
  private long clearedTo;
  private long dropped;

  RangeStep(RangeTombstones ranges, Stripes stripes) {
    this.ranges = ranges;
    this.stripes = stripes;
    this.clearedTo = ranges.largestSequence();
  }

  /** Goes on to a user key. */
  void enter(byte[] key, int length) {
    piece = ranges.find(key, 0, length);
  }

  /**
   * Whether an entry of the current key is of no use to anybody, because the oldest range tombstone
   * that hides it does so for everybody: no snapshot stands between the two. Otherwise the entry
   * stays, and with it all tombstones that hide it.
   */
  boolean hides(long sequence, int stripe) {
    hiddenFrom = NEVER;
    long hiding = ranges.oldestAbove(piece, sequence);
    if (hiding == RangeTombstones.NOTHING_ABOVE) {
      return false;
    }
    hiddenFrom = stripes.of(hiding);
    if (hiddenFrom != stripe) {
      clearedTo = Math.min(clearedTo, hiding - 1);
      return false;
    }
    dropped++;
    return true;
  }

  /** The first stripe whose readers do not see the entry that was asked about last. */
  int hiddenFrom() {
    return hiddenFrom;
  }

  /** Range tombstones up to this sequence hide nothing of what has come out. */
  long clearedTo() {
    return clearedTo;
  }

  /** How many entries were hidden. */
  long dropped() {
    return dropped;
  }
}
