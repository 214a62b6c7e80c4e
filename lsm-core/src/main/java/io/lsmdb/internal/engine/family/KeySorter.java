package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.engine.runtime.Environment;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sorts the keys of memtables while these fill, so that the first cursor has few to sort, and those
 * that follow find few sorted runs.
 *
 * <p>Thread-safe. Memtables are offered by the commit leader, or before there is one, and by
 * cursors when they are opened and when they have sought often. They are sorted by a thread of the
 * sorter's own, which is made for the first of them. Owned by the store, which closes it when
 * writes have ended; cursors that are opened later do without.
 */
public final class KeySorter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private final Environment.ExecutorFactory executors;

  // Guarded by this, which is taken once for many keys.
  private ExecutorService executor; // null until there is something to sort
  private boolean closed;

  public KeySorter(Environment.ExecutorFactory executors) {
    this.executors = executors;
  }

  /**
   * Has a memtable's keys sorted if many wait for it, or its sorted runs merged if it is scanned.
   *
   * @param memtable held by its family, or by the caller, as long as this runs
   */
  public void offer(MemTableRef memtable) {
    if (!memtable.table().hasKeysToSort() || !memtable.beginSorting()) {
      return;
    }
    memtable.retain();
    try {
      if (!start(memtable)) {
        memtable.release();
      }
    } catch (Throwable e) { // nothing depends on it: whoever offers is to succeed
      gaveUp(e);
      memtable.release();
    }
  }

  private synchronized boolean start(MemTableRef memtable) {
    if (closed) {
      return false;
    }
    if (executor == null) {
      executor = executors.create("order", 1);
    }
    executor.execute(() -> sort(memtable));
    return true;
  }

  /** Reports a failure. The memtable counts as being sorted from now on, and is not tried again. */
  private static void gaveUp(Throwable failure) {
    LOG.warn(
        "the keys of a memtable were not sorted; its first cursor or its flush will do it",
        failure);
  }

  private static void sort(MemTableRef memtable) {
    try {
      do {
        while (isWorthSorting(memtable)) {
          memtable.table().sortKeys();
        }
        memtable.endSorting();
      } while (isWorthSorting(memtable) && memtable.beginSorting());
    } catch (Throwable e) {
      gaveUp(e);
    } finally {
      memtable.release();
    }
  }

  /** Whether there is something to do for others who hold the memtable. */
  private static boolean isWorthSorting(MemTableRef memtable) {
    return memtable.isShared() && memtable.table().hasKeysToSort();
  }

  /** Lets what has begun come to its end. */
  @Override
  public synchronized void close() {
    closed = true;
    if (executor != null) {
      executor.shutdown();
    }
  }
}
