package io.lsmdb;

/**
 * The store as it was at one moment, over all families.
 *
 * <p>Taking one costs next to nothing and copies nothing; while it is open, compaction keeps the
 * versions that it sees. Thread-safe. To be closed by whoever took it, before the store; one that
 * is forgotten is logged with the place where it was taken, and released.
 */
public interface Snapshot extends ReadView, AutoCloseable {
  /**
   * The last write that the snapshot sees.
   *
   * @return a sequence number
   */
  long sequence();

  /** Releases the snapshot; closing twice is fine. */
  @Override
  void close();
}
