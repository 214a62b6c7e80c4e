package io.lsmdb.internal.engine.family;

import io.lsmdb.EventListener.StallCause;

/**
 * The memory that the memtables of a store take until they are in tables, and its cap.
 *
 * <p>Thread-safe. Its lock is taken when a memtable has allocated memory, not for each write.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A memtable counts with its memory, but for what small commits have added since the last
 *       one, until it leaves its family. What readers hold longer does not count: no flush could
 *       release it.
 *   <li>Half of the cap is for mutable memtables. Beyond that the largest ones are to be sealed,
 *       until a quarter is left; so flushes are under way long before writers have to stop.
 *   <li>Writers stop only while some memtable waits for its flush, which lets them go on.
 * </ol>
 */
public final class WriteBuffers {
  private final long cap;

  // Guarded by this. The commit leader alone changes the first, and reads it without the lock.
  private long mutableBytes;
  private long sealedBytes;

  /** From how many mutable bytes on memtables are to be sealed; used by the commit leader. */
  private long sealAt;

  private volatile StallCondition stall = StallCondition.NONE;

  /**
   * Begins with nothing.
   *
   * @param cap bytes at which writers stop
   */
  public WriteBuffers(long cap) {
    this.cap = cap;
    this.sealAt = cap / 2;
  }

  /** Whether writes of all families are to wait. */
  public StallCondition stall() {
    return stall;
  }

  /** Counts what was added to a mutable memtable; returns its memory. By the commit leader. */
  public long count(MemTableRef memtable) {
    long bytes = memtable.table().memoryUsage();
    if (bytes != memtable.countedBytes) {
      add(memtable, bytes);
    }
    return bytes;
  }

  private synchronized void add(MemTableRef memtable, long bytes) {
    mutableBytes += bytes - memtable.countedBytes;
    memtable.countedBytes = bytes;
    update();
  }

  /** How much memory of the largest memtables is to be sealed; asked by the commit leader. */
  public long excess() {
    return mutableBytes < sealAt ? 0 : mutableBytes - cap / 4;
  }

  /** Notes that as much has been sealed as was worth it; by the commit leader. */
  public void relieved() {
    sealAt = nextSeal();
  }

  /** Notes that a memtable has been sealed; by the commit leader. */
  synchronized void sealed(MemTableRef memtable) {
    count(memtable);
    left(memtable);
    sealedBytes += memtable.countedBytes;
    update();
  }

  /** Notes that a sealed memtable has left its family. */
  synchronized void released(MemTableRef memtable) {
    sealedBytes -= memtable.countedBytes;
    update();
  }

  /** Notes that a mutable memtable has left its family with it; by the commit leader. */
  synchronized void dropped(MemTableRef mutable) {
    left(mutable);
    update();
  }

  /** Takes off what was mutable; what was not worth sealing may be among it. */
  private void left(MemTableRef memtable) {
    mutableBytes -= memtable.countedBytes;
    sealAt = Math.min(sealAt, nextSeal());
  }

  private long nextSeal() {
    return Math.max(cap / 2, mutableBytes + cap / 16);
  }

  private void update() {
    long slowdown = cap / 8 * 7;
    stall =
        sealedBytes == 0
            ? StallCondition.NONE
            : StallCondition.of(
                StallCause.WRITE_BUFFERS, mutableBytes + sealedBytes, slowdown, cap);
  }
}
