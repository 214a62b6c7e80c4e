package io.lsmdb;

/**
 * The clock that decides whether an entry has expired: the wall clock, or an event time that the
 * application advances.
 *
 * <p>Called by all threads that write, read, flush or compact, the latter with a lock held: it must
 * be quick, must not throw and must not call the store.
 */
@FunctionalInterface
public interface TimeSource {
  /**
   * The time now. It may go back; what a flush or compaction has dropped as expired stays expired
   * then.
   *
   * @return ms since 1970, or of whatever epoch the application uses; at least 0
   */
  long currentTimeMillis();
}
