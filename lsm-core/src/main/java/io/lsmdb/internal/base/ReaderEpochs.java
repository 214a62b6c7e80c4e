package io.lsmdb.internal.base;

/**
 * Tells when those who were reading have stopped.
 *
 * <p>Thread-safe, and nobody waits. What has been unlinked in an epoch, so that no new reader finds
 * it, may be given back once that epoch has passed. The engine's read gate is one.
 */
public interface ReaderEpochs {
  /**
   * The epoch of now. What is to be given back must have been unlinked by a volatile write before:
   * with a weaker one, a reader of a later epoch might still find it.
   *
   * @return to be compared by {@link #hasPassed} only
   */
  int epoch();

  /**
   * Whether every lookup that was under way in an epoch, or earlier, has ended.
   *
   * @param epoch what {@link #epoch} returned
   * @return true for good once it is true
   */
  boolean hasPassed(int epoch);
}
