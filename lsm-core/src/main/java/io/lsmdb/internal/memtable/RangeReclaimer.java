package io.lsmdb.internal.memtable;

import io.lsmdb.internal.range.LiveRangeTombstones;
import io.lsmdb.internal.range.RangeCover;

/**
 * The reclaiming of former range tombstones: those that newer ones cover, once no reader sees them.
 *
 * <p>Used by the memtable's writer alone.
 */
// A tombstone is visible before the epoch is noted. When that epoch has passed and nobody is
// pinned,
// every reader, and every one to come, reads at that tombstone's sequence or later.
final class RangeReclaimer {
  /** So many tombstones are added between two looks at how far readers are. */
  private static final int ROUND = 32;

  private final MemTablePins readers;
  private int asked;
  private long noted = RangeCover.NONE; // sequence of a tombstone that was visible in the epoch
  private int epoch;

  RangeReclaimer(MemTablePins readers) {
    this.readers = readers;
  }

  /** Looks now and then how far readers are; to be called before a tombstone is added. */
  void beforeAdd(LiveRangeTombstones ranges) {
    if (++asked % ROUND != 0) {
      return;
    }
    if (noted != RangeCover.NONE && readers.hasPassed(epoch)) {
      if (!readers.arePinned()) {
        ranges.forgetBelow(noted);
      }
      noted = RangeCover.NONE;
    }
    long newest = ranges.newestSequence();
    if (noted == RangeCover.NONE && readers.visibleSequence() >= newest) {
      noted = newest;
      epoch = readers.epoch();
    }
  }
}
