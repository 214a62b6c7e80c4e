package io.lsmdb.internal.memtable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bound of what several {@link ChunkPool}s keep idle together. Thread-safe.
 *
 * <p>A pool that is dropped without being closed keeps its share for good.
 */
public final class IdleBudget {
  private final long maxBytes;
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates a budget of which nothing is used.
   *
   * @param maxBytes the bound
   */
  public IdleBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes a part of the budget, if so much is left. */
  boolean take(long bytes) {
    if (used.addAndGet(bytes) <= maxBytes) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  /** Gives a part back. */
  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  /**
   * What all pools keep.
   *
   * @return bytes
   */
  public long used() {
    return used.get();
  }
}
