package io.lsmdb;

/**
 * The memory in which blocks of SSTables are kept: data, index and filter blocks alike, under one
 * strict cap.
 *
 * <p>Thread-safe. Created by {@link Db#newBlockCache(long)} to be shared by several stores of a
 * process, or made by a store for itself. Needs no closing; a store takes its blocks out when it is
 * closed.
 */
public interface BlockCache {
  /**
   * The cap.
   *
   * @return bytes
   */
  long capacity();

  /**
   * Changes the cap; a smaller one takes effect before the call returns.
   *
   * @param bytes the new cap, at least 0
   */
  void setCapacity(long bytes);

  /**
   * What the cached blocks take up.
   *
   * @return bytes, never more than {@link #capacity()}
   */
  long usage();

  /**
   * How often a block was found.
   *
   * @return since creation
   */
  long hits();

  /**
   * How often a block had to be read from its file.
   *
   * @return since creation
   */
  long misses();
}
