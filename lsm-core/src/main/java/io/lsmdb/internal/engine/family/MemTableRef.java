package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.memtable.MemTable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A memtable with a count of the read states that hold it.
 *
 * <p>Thread-safe as far as noted. The last holder gives its memory back.
 */
public final class MemTableRef {
  private final MemTable table;
  private final AtomicInteger references = new AtomicInteger(1);

  /** The first sequence that is in the log and in this memtable; written by the commit leader. */
  private volatile long firstLoggedSequence = Long.MAX_VALUE;

  /** Whether it holds writes that are not in the log; written by the commit leader. */
  private volatile boolean unlogged;

  /** Whether its keys are being sorted, or are about to be; see {@link KeySorter}. */
  private final AtomicBoolean sorting = new AtomicBoolean();

  /** With how much memory it counts in the {@link WriteBuffers}, which guard it. */
  public long countedBytes;

  /** Which memtables were sealed at the same moment; guarded by the store's state lock. */
  public long sealGroup;

  MemTableRef(MemTable table) {
    this.table = table;
  }

  public MemTable table() {
    return table;
  }

  /**
   * Notes where a group of writes came from; called by the commit leader before it inserts them.
   */
  public void noteWrites(long firstSequence, boolean logged) {
    if (!logged) {
      if (!unlogged) {
        unlogged = true;
      }
    } else if (firstLoggedSequence == Long.MAX_VALUE) {
      firstLoggedSequence = firstSequence;
    }
  }

  /** Takes {@link #noteWrites} back after a group that was not written; by the commit leader. */
  public void forgetWritesIfEmpty() {
    if (table.isEmpty()) {
      firstLoggedSequence = Long.MAX_VALUE;
      unlogged = false;
    }
  }

  /** The first logged sequence, or {@link Long#MAX_VALUE} when there is none. */
  public long firstLoggedSequence() {
    return firstLoggedSequence;
  }

  boolean hasUnloggedWrites() {
    return unlogged;
  }

  /** Notes that its keys are being sorted; false if they are already. */
  boolean beginSorting() {
    return sorting.compareAndSet(false, true);
  }

  void endSorting() {
    sorting.set(false);
  }

  public void retain() {
    references.incrementAndGet();
  }

  /** Whether more than one read state holds it. */
  boolean isShared() {
    return references.get() > 1;
  }

  public void release() {
    if (references.decrementAndGet() == 0) {
      table.release();
    }
  }
}
