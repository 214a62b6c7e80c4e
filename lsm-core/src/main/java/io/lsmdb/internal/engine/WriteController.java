package io.lsmdb.internal.engine;

import io.lsmdb.DbException;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StallTimeoutException;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.version.Version;

/**
 * What makes writes wait when flushes and compactions lag behind.
 *
 * <p>Thread-safe. A write to a family without debt passes after one volatile read. With debt it is
 * delayed, the more the closer a limit is, and at the limit it waits; every wait is counted with
 * its cause. Waiting happens before a write joins a commit group, so that it delays nobody else,
 * and nothing of it has been written when its patience ends.
 *
 * <p>The delay: writes of a family pass at a rate that falls from {@link #FASTEST} to {@link
 * #SLOWEST} by equal factors for equal steps of debt, so that the brake takes hold smoothly.
 */
final class WriteController {
  /** Rate of delayed writes at the least debt, in bytes a second. */
  static final double FASTEST = 64 << 20;

  /** Rate of delayed writes just below the stop, in bytes a second. */
  static final double SLOWEST = 1 << 20;

  /** So much of a memtable its range tombstones may take, whatever its size, in bytes. */
  private static final long MAX_RANGE_BYTES = 16 << 20;

  /** Shorter waits are put off until they add up. */
  private static final long SHORTEST_WAIT_NANOS = 100_000;

  private enum Admission {
    AT_ONCE,
    AFTER_A_WAIT,
    REFUSED
  }

  private final EngineContext context;

  /** Until when the writes take that the store as a whole delays, in ns; guarded by this. */
  private long storeDelayedUntil;

  WriteController(EngineContext context) {
    this.context = context;
  }

  /** Computes a family's condition anew; called with the state monitor held. */
  static void update(ColumnFamilyState family) {
    var options = family.options();
    ReadState state = family.readState();
    Version version = state.version();
    long memtables = fullImmutables(family) + 1;
    StallCondition condition = StallCondition.NONE;
    if (memtables >= options.maxWriteBufferNumber() && isFull(family)) {
      condition =
          new StallCondition(StallCause.MEMTABLES, memtables, options.maxWriteBufferNumber(), 1);
    }
    condition =
        condition.or(
            StallCondition.of(
                StallCause.LEVEL0_FILES,
                family.picker().level0Backlog(version),
                options.level0SlowdownWritesTrigger(),
                options.level0StopWritesTrigger()));
    condition =
        condition.or(
            StallCondition.of(
                StallCause.PENDING_COMPACTION,
                family.picker().pendingBytes(version, CompactionWork.levelOptions(family)),
                options.softPendingCompactionBytes(),
                options.hardPendingCompactionBytes()));
    family.setStall(condition);
  }

  /** Whether the mutable memtable has reached its size. */
  static boolean isFull(ColumnFamilyState family) {
    MemTable table = family.readState().mutable().table();
    return isFull(family, table, table.memoryUsage());
  }

  /** Whether a memtable of a family has reached its size. */
  static boolean isFull(ColumnFamilyState family, MemTable table, long memory) {
    return memory >= family.options().writeBufferSize()
        || table.rangeMemoryUsage() >= MAX_RANGE_BYTES;
  }

  /**
   * How many full memtables the immutable ones amount to: those that were sealed early, for another
   * family's sake or for the log's, take as much of the limit as they have of memory. Called with
   * the state monitor held.
   */
  static long fullImmutables(ColumnFamilyState family) {
    long size = family.options().writeBufferSize();
    long bytes = 0;
    for (MemTableRef immutable : family.immutables()) {
      long memory = immutable.table().memoryUsage();
      bytes += isFull(family, immutable.table(), memory) ? size : memory;
    }
    return bytes / size;
  }

  /**
   * Lets a write pass, at once or after a wait.
   *
   * @param family a family that is written to
   * @param bytes size of the write
   * @param timeoutNanos how long it may wait
   */
  void admit(ColumnFamilyState family, int bytes, long timeoutNanos) {
    StallCondition condition = condition(family);
    if (condition.cause() == null || context.background().isOwnThread()) {
      return; // a listener of background work would wait for itself
    }
    long start = context.env().nanoTime().getAsLong();
    Admission admission =
        condition.isStop()
            ? awaitRelease(family, timeoutNanos)
            : delay(family, condition, bytes, timeoutNanos);
    if (admission != Admission.AT_ONCE) {
      long waited = context.env().nanoTime().getAsLong() - start;
      context.stats().stalled(condition.cause(), waited);
      context.tell(listener -> listener.onStall(condition.cause(), family.name(), waited));
    }
    if (admission == Admission.REFUSED) {
      throw new StallTimeoutException(
          describe(condition, family)
              + ": the write would have waited longer than its options allow; retry later or write"
              + " more slowly");
    }
  }

  /** The worst of the conditions of a family and of the store. */
  private StallCondition condition(ColumnFamilyState family) {
    return family.stall().or(context.writeBuffers().stall()).or(context.log().stall());
  }

  private static String describe(StallCondition condition, ColumnFamilyState family) {
    String what =
        switch (condition.cause()) {
          case MEMTABLES -> "memtables waiting to be flushed";
          case LEVEL0_FILES -> "files in level 0";
          case PENDING_COMPACTION -> "bytes of outstanding compaction";
          case WRITE_BUFFERS -> "bytes of memtables in the whole store";
          case LOG_SIZE -> "bytes of log in the whole store";
        };
    return "column family "
        + family.name()
        + " has "
        + condition.current()
        + " "
        + what
        + ", the limit is "
        + condition.limit();
  }

  /** Waits until the family's writes need not stop any more, or the store cannot write at all. */
  private Admission awaitRelease(ColumnFamilyState family, long timeoutNanos) {
    BackgroundWorker background = context.background();
    long attempts = background.attempts();
    background.retry();
    boolean passed =
        context
            .monitor()
            .await(
                () ->
                    !condition(family).isStop()
                        || family.isDropped()
                        || context.failure().isSet()
                        || context.isClosing()
                        || background.shortageSince(attempts) != null,
                timeoutNanos);
    DbException shortage = background.shortageSince(attempts);
    if (passed && condition(family).isStop() && shortage != null) {
      throw shortage;
    }
    return passed ? Admission.AFTER_A_WAIT : Admission.REFUSED;
  }

  /**
   * Waits for the write's turn at the delayed rate, behind the family's other delayed writes, or
   * those of the store; ends early when there is no more reason to wait.
   */
  private Admission delay(
      ColumnFamilyState family, StallCondition condition, int bytes, long timeoutNanos) {
    double rate = FASTEST * Math.pow(SLOWEST / FASTEST, condition.debt());
    boolean ofStore =
        condition.cause() == StallCause.WRITE_BUFFERS || condition.cause() == StallCause.LOG_SIZE;
    long wait;
    synchronized (this) {
      long now = context.env().nanoTime().getAsLong();
      long until = ofStore ? storeDelayedUntil : family.delayedUntil;
      wait = Math.max(0, until - now) + (long) (bytes / rate * 1e9);
      if (wait >= SHORTEST_WAIT_NANOS && wait > timeoutNanos) {
        return Admission.REFUSED;
      }
      if (ofStore) {
        storeDelayedUntil = now + wait;
      } else {
        family.delayedUntil = now + wait;
      }
    }
    if (wait < SHORTEST_WAIT_NANOS) {
      return Admission.AT_ONCE;
    }
    context
        .monitor()
        .await(
            () ->
                condition(family).cause() == null
                    || family.isDropped()
                    || context.failure().isSet()
                    || context.isClosing(),
            wait);
    return Admission.AFTER_A_WAIT;
  }
}
