package io.lsmdb.internal.engine.write;

import io.lsmdb.DbException;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StallTimeoutException;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.StallCondition;
import io.lsmdb.internal.engine.family.WriteBuffers;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.engine.runtime.EventReporter;
import io.lsmdb.internal.engine.runtime.StoreLifecycle;
import java.util.function.LongSupplier;

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
public final class WriteController {
  /** Rate of delayed writes at the least debt, in bytes a second. */
  static final double FASTEST = 64 << 20;

  /** Rate of delayed writes just below the stop, in bytes a second. */
  static final double SLOWEST = 1 << 20;

  /** Shorter waits are put off until they add up. */
  private static final long SHORTEST_WAIT_NANOS = 100_000;

  private enum Admission {
    AT_ONCE,
    AFTER_A_WAIT,
    REFUSED
  }

  private final Env env;
  private final DbMutex mutex;
  private final StoreLifecycle lifecycle;
  private final BackgroundProgress background;

  private final LongSupplier nanoTime;

  /** Until when the writes take that the store as a whole delays, in ns; guarded by this. */
  private long storeDelayedUntil;

  /**
   * The parts of a store that stalls use.
   *
   * @param mutex guards the families, and is waited at
   * @param lifecycle ends all waits
   * @param buffers may stall the store as a whole
   * @param log may as well
   * @param stats counts stalls
   * @param events reports stalls
   */
  public record Env(
      DbMutex mutex,
      StoreLifecycle lifecycle,
      WriteBuffers buffers,
      LogManager log,
      EngineStats stats,
      EventReporter events) {}

  /**
   * Creates the controller of a store.
   *
   * @param env the parts that it uses
   * @param background what writes wait for
   * @param nanoTime clock for durations, in ns
   */
  public WriteController(Env env, BackgroundProgress background, LongSupplier nanoTime) {
    this.env = env;
    this.mutex = env.mutex();
    this.lifecycle = env.lifecycle();
    this.background = background;
    this.nanoTime = nanoTime;
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
    if (condition.cause() == null || background.isOwnThread()) {
      return; // a listener of background work would wait for itself
    }
    long start = nanoTime.getAsLong();
    Admission admission =
        condition.isStop()
            ? awaitRelease(family, timeoutNanos)
            : delay(family, condition, bytes, timeoutNanos);
    if (admission != Admission.AT_ONCE) {
      long waited = nanoTime.getAsLong() - start;
      env.stats().stalled(condition.cause(), waited);
      env.events().report(listener -> listener.onStall(condition.cause(), family.name(), waited));
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
    return family.stall().or(env.buffers().stall()).or(env.log().stall());
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
    long attempts = background.attempts();
    background.retry();
    boolean passed =
        mutex.await(
            () ->
                !condition(family).isStop()
                    || family.isDropped()
                    || !lifecycle.isWorking()
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
      long now = nanoTime.getAsLong();
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
    mutex.await(
        () -> condition(family).cause() == null || family.isDropped() || !lifecycle.isWorking(),
        wait);
    return Admission.AFTER_A_WAIT;
  }
}
