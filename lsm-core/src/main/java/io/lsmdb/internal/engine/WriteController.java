package io.lsmdb.internal.engine;

import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StallTimeoutException;
import io.lsmdb.StorageException;
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

  WriteController(EngineContext context) {
    this.context = context;
  }

  /** Computes a family's condition anew; called with the state monitor held. */
  static void update(ColumnFamilyState family) {
    var options = family.options();
    ReadState state = family.readState();
    Version version = state.version();
    long memtables = family.immutables().size() + 1L;
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
    return table.memoryUsage() >= family.options().writeBufferSize()
        || table.rangeMemoryUsage() >= MAX_RANGE_BYTES;
  }

  /**
   * Lets a write pass, at once or after a wait.
   *
   * @param family a family that is written to
   * @param bytes size of the write
   * @param timeoutNanos how long it may wait
   */
  void admit(ColumnFamilyState family, int bytes, long timeoutNanos) {
    StallCondition condition = family.stall();
    if (condition.cause() == null || context.background().isOwnThread()) {
      return; // a listener of background work would wait for itself
    }
    long start = context.env().nanoTime().getAsLong();
    Admission admission =
        condition.isStop()
            ? awaitRelease(family, timeoutNanos)
            : delay(family, condition.debt(), bytes, timeoutNanos);
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

  private static String describe(StallCondition condition, ColumnFamilyState family) {
    String what =
        switch (condition.cause()) {
          case MEMTABLES -> "memtables waiting to be flushed";
          case LEVEL0_FILES -> "files in level 0";
          case PENDING_COMPACTION -> "bytes of outstanding compaction";
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
                    !family.stall().isStop()
                        || family.isDropped()
                        || context.failure().isSet()
                        || context.isClosing()
                        || background.fullSince(attempts) != null,
                timeoutNanos);
    StorageException full = background.fullSince(attempts);
    if (passed && family.stall().isStop() && full != null) {
      throw full;
    }
    return passed ? Admission.AFTER_A_WAIT : Admission.REFUSED;
  }

  /**
   * Waits for the write's turn at the delayed rate, behind the family's other delayed writes; ends
   * early when there is no more reason to wait.
   */
  private Admission delay(ColumnFamilyState family, double debt, int bytes, long timeoutNanos) {
    double rate = FASTEST * Math.pow(SLOWEST / FASTEST, debt);
    long wait;
    synchronized (this) {
      long now = context.env().nanoTime().getAsLong();
      wait = Math.max(0, family.delayedUntil - now) + (long) (bytes / rate * 1e9);
      if (wait >= SHORTEST_WAIT_NANOS && wait > timeoutNanos) {
        return Admission.REFUSED;
      }
      family.delayedUntil = now + wait;
    }
    if (wait < SHORTEST_WAIT_NANOS) {
      return Admission.AT_ONCE;
    }
    context
        .monitor()
        .await(
            () ->
                family.stall().cause() == null
                    || family.isDropped()
                    || context.failure().isSet()
                    || context.isClosing(),
            wait);
    return Admission.AFTER_A_WAIT;
  }
}
