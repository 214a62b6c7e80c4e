package io.lsmdb.internal.compaction;

import java.util.Arrays;

/**
 * The tombstones of one key of which it is not known yet whether they hide anything, newest first.
 *
 * <p>Not thread-safe; belongs to a {@link CompactionIterator}. They have no values, so each is its
 * trailer.
 */
final class PendingTombstones {
  private long[] trailers = new long[4];
  private int count;
  private int shown;

  void add(long trailer) {
    if (count == trailers.length) {
      trailers = Arrays.copyOf(trailers, 2 * count);
    }
    trailers[count++] = trailer;
  }

  /** Lets go of the one that was added last. */
  void removeLast() {
    count--;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Lets go of all; how many there were. */
  int clear() {
    int cleared = count;
    count = 0;
    shown = 0;
    return cleared;
  }

  /** Whether some are left for {@link #show}. */
  boolean hasNext() {
    return shown < count;
  }

  /** The next one's trailer. */
  long show() {
    return trailers[shown++];
  }
}
