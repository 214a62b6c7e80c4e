package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.engine.family.EmptyRanges;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.range.RangeCover;

/** What a {@link UserIterator} reads from; opened anew by each refresh. */
interface CursorSource {
  /** Opens an inner cursor as of now, or of the snapshot. */
  Opened open();

  /** Notes that an inner cursor seeks often, so that its memtables are worth a better order. */
  void seeksOften(ReadState pinned);

  /** Where nothing is visible, as far as known. */
  EmptyRanges emptyRanges();

  /** Counts entries that the cursor has passed without showing them. */
  void steppedOver(long entries);

  /** Throws when the store is closed. */
  void checkOpen();

  /**
   * An inner cursor with what it pins, which it gives back when run.
   *
   * @param cursor shows every version within the bounds, and may show others
   * @param sequence the newest sequence to be seen
   * @param now the clock by which entries expire, in ms
   * @param pinned what the cursor reads
   */
  record Opened(InternalIterator cursor, long sequence, long now, ReadState pinned)
      implements Runnable {
    /** The range tombstones that hide entries of the cursor; null if there are none. */
    RangeCover rangeTombstones() {
      return pinned.cover(sequence);
    }

    @Override
    public void run() {
      cursor.close();
      pinned.release();
    }
  }
}
