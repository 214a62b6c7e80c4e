package io.lsmdb.internal.engine.family;

import java.util.function.LongSupplier;

/**
 * The clock of a family's expiries: the store's, but never behind the expiry of something that was
 * dropped.
 *
 * <p>Thread-safe. A flush or compaction that drops what has expired raises it to the latest of the
 * expiries before the new version is published; for a reader that asks after it has loaded its read
 * state, all that is missing there has therefore expired. It is not raised to the clock by which
 * that was found out: a clock that was wrong for a while, and ahead, must not take along what was
 * not dropped.
 */
public final class FamilyClock {
  private final LongSupplier source;
  private volatile long floor;

  /**
   * Starts the clock.
   *
   * @param source the store's clock
   * @param floor the latest expiry of what was dropped of the family, in ms
   */
  FamilyClock(LongSupplier source, long floor) {
    this.source = source;
    this.floor = floor;
  }

  /** The time at which entries are judged, in ms. */
  public long now() {
    return Math.max(source.getAsLong(), floor);
  }

  /** When an entry expires that is written now; see {@link #NEVER}. */
  public long after(long timeToLiveMillis) {
    long expiry = now() + timeToLiveMillis;
    return expiry < 0 ? NEVER : expiry;
  }

  /** In place of an expiry: none. */
  public static final long NEVER = Long.MAX_VALUE;

  /**
   * Notes the expiry of what was dropped; by one thread at a time, under the version set's lock.
   */
  void dropped(long expiry) {
    floor = Math.max(floor, expiry);
  }
}
