package io.lsmdb.internal.engine;

import java.util.function.LongSupplier;

/**
 * The clock of a family's expiries: the store's, but never behind one by which something was
 * dropped.
 *
 * <p>Thread-safe. A flush or compaction that drops what has expired raises it before the new
 * version is published; a reader that asks after it has loaded its read state therefore gets no
 * earlier time than that by which the read state was made.
 */
final class FamilyClock {
  private final LongSupplier source;
  private volatile long floor;

  /**
   * Starts the clock.
   *
   * @param source the store's clock
   * @param floor the latest clock by which an entry of the family was dropped, in ms
   */
  FamilyClock(LongSupplier source, long floor) {
    this.source = source;
    this.floor = floor;
  }

  /** The time at which entries are judged, in ms. */
  long now() {
    return Math.max(source.getAsLong(), floor);
  }

  /** When an entry expires that is written now; see {@link #NEVER}. */
  long after(long timeToLiveMillis) {
    long expiry = now() + timeToLiveMillis;
    return expiry < 0 ? NEVER : expiry;
  }

  /** In place of an expiry: none. */
  static final long NEVER = Long.MAX_VALUE;

  /** Notes that something was dropped; by one thread at a time, under the version set's lock. */
  void droppedAt(long clock) {
    floor = Math.max(floor, clock);
  }
}
