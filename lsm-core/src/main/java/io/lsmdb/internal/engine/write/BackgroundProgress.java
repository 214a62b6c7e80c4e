package io.lsmdb.internal.engine.write;

import io.lsmdb.DbException;

/** The background work as a stalled write sees it. Thread-safe. */
public interface BackgroundProgress {
  /** Whether this call comes from a callback that background work is waiting for. */
  boolean isOwnThread();

  /** How many attempts have begun, for {@link #shortageSince}. */
  long attempts();

  /** Tries again at once what a shortage keeps from going on. */
  void retry();

  /**
   * The full disk or heap that a later attempt has met. An attempt that was under way already does
   * not count: the space may have come back since.
   *
   * @param attempt how many attempts had begun
   * @return null if none of the later ones has failed so far
   */
  DbException shortageSince(long attempt);
}
