package io.lsmdb.internal.engine;

import io.lsmdb.internal.memtable.MemTable;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sorts the keys of memtables while these fill, so that the first cursor has few to sort.
 *
 * <p>Memtables are offered by the commit leader, or before there is one; they are sorted by a
 * thread of the sorter's own, which is made for the first of them. Owned by the store, which closes
 * it when writes have ended.
 */
final class KeySorter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private final Environment.ExecutorFactory executors;
  private ExecutorService executor; // null until there is something to sort; the leader's

  KeySorter(Environment.ExecutorFactory executors) {
    this.executors = executors;
  }

  /**
   * Has a memtable's keys sorted if many wait for it.
   *
   * @param memtable held by its family as long as this runs
   */
  void offer(MemTableRef memtable) {
    if (!hasMany(memtable) || !memtable.beginSorting()) {
      return;
    }
    memtable.retain();
    try {
      if (executor == null) {
        executor = executors.create("order", 1);
      }
      executor.execute(() -> sort(memtable));
    } catch (Throwable e) { // nothing depends on it: the write that offers is to succeed
      gaveUp(e);
      memtable.release();
    }
  }

  /** Reports a failure. The memtable counts as being sorted from now on, and is not tried again. */
  private static void gaveUp(Throwable failure) {
    LOG.warn(
        "the keys of a memtable were not sorted; its first cursor or its flush will do it",
        failure);
  }

  private static boolean hasMany(MemTableRef memtable) {
    return memtable.table().unorderedKeys() >= MemTable.SORTED_TOGETHER;
  }

  private static void sort(MemTableRef memtable) {
    try {
      do {
        while (hasMany(memtable)) {
          memtable.table().sortKeys();
        }
        memtable.endSorting();
      } while (hasMany(memtable) && memtable.beginSorting());
    } catch (Throwable e) {
      gaveUp(e);
    } finally {
      memtable.release();
    }
  }

  /** Lets what has begun come to its end. */
  @Override
  public void close() {
    if (executor != null) {
      executor.shutdown();
    }
  }
}
