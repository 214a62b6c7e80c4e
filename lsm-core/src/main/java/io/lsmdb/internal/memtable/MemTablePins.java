package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.ReaderEpochs;

/**
 * What a memtable asks about those who read it, so that it may use the memory of versions again
 * that newer ones have replaced.
 *
 * <p>Asked by the memtable's writer; answers may be older than the call only on the safe side. Each
 * lookup is under way in an epoch, and opens its cursors within it.
 */
public interface MemTablePins extends ReaderEpochs {
  /** Of readers that are not known: what they may read stays. */
  MemTablePins UNKNOWN =
      new MemTablePins() {
        @Override
        public long visibleSequence() {
          return 0;
        }

        @Override
        public boolean arePinned() {
          return true;
        }

        @Override
        public int epoch() {
          return 0;
        }

        @Override
        public boolean hasPassed(int epoch) {
          return false;
        }
      };

  /**
   * The sequence that is visible now: whoever begins to read later reads at this one or a newer
   * one, unless he {@linkplain #arePinned() pins} another.
   *
   * @return a volatile read
   */
  long visibleSequence();

  /**
   * Whether somebody may read at an older sequence, or stay at a place in the memtable, after the
   * epoch in which he began: by a snapshot, or by a cursor on this memtable.
   *
   * @return false only if whoever has pinned before has let go, and whoever pins from now on reads
   *     at what is visible by now, or at a newer sequence
   */
  boolean arePinned();
}
