package io.lsmdb;

/**
 * The store as it was at one moment, over all families.
 *
 * <p>Its own reads are those of the default family; {@link #of} reads any other.
 *
 * <p>Taking one costs next to nothing and copies nothing. While it is open, compaction keeps the
 * versions that it sees. Thread-safe. To be closed by whoever took it, before the store; one that
 * is forgotten is logged with the place where it was taken, and released.
 */
public interface Snapshot extends ReadView, AutoCloseable {
  /**
   * The reads of one family as of the snapshot.
   *
   * @param family a family of the snapshot's store
   * @return a view that lasts as long as the snapshot, and needs no closing
   * @throws IllegalArgumentException if the family is of another store
   * @throws DbClosedException if the snapshot or the store is closed, or the family dropped
   */
  ReadView of(ColumnFamily family);

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
