package io.lsmdb.internal.engine.background;

import io.lsmdb.DbException;
import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.internal.compaction.JobCancelledException;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.engine.runtime.StoreLifecycle;
import io.lsmdb.internal.engine.write.BackgroundProgress;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that flush and compact, and what gives them work.
 *
 * <p>Thread-safe. Owned by the store. Of {@code maxBackgroundJobs} threads one only flushes, so
 * that a flush never waits behind a compaction; the others only compact.
 *
 * <p>A task does one step of work and submits itself again as long as there is more. A step that
 * finds the disk full, or the heap, has changed nothing and is tried again after a while; any other
 * failure stops all writes for good, because what a half-done step has left cannot be told from
 * here.
 */
public final class BackgroundWorker implements BackgroundProgress {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  /** The wait between attempts that find no memory doubles so often at most. */
  private static final int MAX_DOUBLINGS = 5;

  private final Env env;
  private final DbMutex mutex;
  private final BackgroundThreads threads;
  private final FlushWork flushes;
  private final CompactionWork compactions;
  private final ExpiryTimer timer;

  // Guarded by the state monitor.
  private final Lane flushLane;
  private final Lane compactionLane;
  private int running;

  /** How many attempts have begun; an attempt is one step. */
  private final AtomicLong attempts = new AtomicLong();

  /** How often somebody has asked not to wait for space any longer. */
  private final AtomicLong retries = new AtomicLong();

  private final AtomicReference<Shortage> lastShortage = new AtomicReference<>();

  /** Whether no step has been made since one has met a shortage. */
  private volatile boolean isShort;

  /** A shortage of disk space or memory, and the number of the attempt that has met it. */
  private record Shortage(long attempt, DbException failure) {}

  /** One kind of work: its threads, and how many of them are at work. */
  private static final class Lane {
    final String name;
    final Executor executor;
    final int threads;
    final BooleanSupplier step;
    int tasks;

    /** How often in a row steps have found no memory; about, if there are several threads. */
    final AtomicInteger shortages = new AtomicInteger();

    /** Makes a lane; a step returns whether there may be more to do. */
    Lane(String name, Executor executor, int threads, BooleanSupplier step) {
      this.name = name;
      this.executor = executor;
      this.threads = threads;
      this.step = step;
    }
  }

  /**
   * The parts of a store that its background work uses.
   *
   * @param mutex guards the lanes
   * @param gate releases what readers have used, after each step
   * @param lifecycle whether steps may begin
   * @param judge decides what failures mean
   * @param threads run the steps
   * @param retryNanos ns after which a step that found no space is tried again
   */
  public record Env(
      DbMutex mutex,
      ReadGate gate,
      StoreLifecycle lifecycle,
      FailureJudge judge,
      BackgroundThreads threads,
      long retryNanos) {}

  /**
   * Creates a worker without work.
   *
   * @param env the parts of the store that it uses
   * @param flushes makes the steps of flushes
   * @param compactions makes the steps of compactions
   * @param timer is closed with the worker
   */
  public BackgroundWorker(
      Env env, FlushWork flushes, CompactionWork compactions, ExpiryTimer timer) {
    this.env = env;
    this.mutex = env.mutex();
    this.threads = env.threads();
    this.flushes = flushes;
    this.compactions = compactions;
    this.timer = timer;
    this.flushLane = new Lane("flush", threads.flush(), 1, flushes::step);
    this.compactionLane =
        new Lane("compaction", threads.compaction(), threads.compactions(), compactions::step);
  }

  public CompactionWork compactions() {
    return compactions;
  }

  @Override
  public long attempts() {
    return attempts.get();
  }

  @Override
  public DbException shortageSince(long attempt) {
    Shortage last = lastShortage.get();
    return last != null && last.attempt > attempt ? last.failure : null;
  }

  public FlushWork flushes() {
    return flushes;
  }

  /** Looks for work. Cheap; to be called whenever there may be some, without locks. */
  public void schedule() {
    if (flushes.hasWork()) {
      submit(flushLane);
    }
    if (compactions.mayHaveWork() && !isSpaceKeptForFlushes()) {
      submit(compactionLane);
    }
  }

  /** In a shortage flushes come first: a compaction would take the space that lets writes go on. */
  private boolean isSpaceKeptForFlushes() {
    return isShort && flushes.anyWaits();
  }

  @Override
  public void retry() {
    retries.incrementAndGet();
    mutex.change(() -> {});
    schedule();
  }

  private void submit(Lane lane) {
    boolean starts =
        mutex.get(
            () -> {
              if (lane.tasks == lane.threads || !isWorking()) {
                return false;
              }
              lane.tasks++;
              running++;
              return true;
            });
    if (starts) {
      boolean accepted = false;
      try {
        lane.executor.execute(() -> runSteps(lane));
        accepted = true;
      } finally {
        if (!accepted) {
          ended(lane);
        }
      }
    }
  }

  private void ended(Lane lane) {
    mutex.change(
        () -> {
          lane.tasks--;
          running--;
        });
  }

  @Override
  public boolean isOwnThread() {
    return threads.isOwnThread();
  }

  private boolean isWorking() {
    return env.lifecycle().isWorking();
  }

  /** Whether the store is being closed. */
  boolean isClosing() {
    return env.lifecycle().isClosing();
  }

  private void runSteps(Lane lane) {
    threads.enter();
    long attempt = attempts.incrementAndGet();
    long retriesBefore = retries.get();
    try {
      while (isWorking() && lane.step.getAsBoolean()) {
        isShort = false;
        lane.shortages.set(0);
        afterStep();
        attempt = attempts.incrementAndGet();
        retriesBefore = retries.get();
      }
    } catch (JobCancelledException closing) {
      // The store is being closed; the job has deleted its outputs.
    } catch (Throwable e) {
      if (env.judge().passes(e)) {
        isShort = true;
        Shortage met = new Shortage(attempt, shortage(lane, e));
        lastShortage.accumulateAndGet(met, (a, b) -> a != null && a.attempt > b.attempt ? a : b);
        waitForSpace(lane, retriesBefore);
      }
    } finally {
      threads.leave();
      ended(lane);
      schedule();
    }
  }

  /** A failure that passes, as callers are told of it. */
  private static DbException shortage(Lane lane, Throwable e) {
    if (e instanceof DbException known) {
      return known;
    }
    lane.shortages.incrementAndGet();
    LOG.warn("no memory for a {}; it is tried again", lane.name, e);
    return new InsufficientMemoryException("a " + lane.name + " was put off", e);
  }

  private void afterStep() {
    env.gate().reclaim();
    mutex.change(() -> {});
    schedule();
  }

  /**
   * Waits for a while, or until somebody asks, if nobody has since the attempt began. Work that
   * finds no memory again and again waits longer and longer: an attempt may be long.
   */
  private void waitForSpace(Lane lane, long retriesBefore) {
    int doublings = Math.min(MAX_DOUBLINGS, Math.max(0, lane.shortages.get() - 1));
    mutex.change(() -> {});
    mutex.await(() -> isClosing() || retries.get() != retriesBefore, env.retryNanos() << doublings);
  }

  // ---- Closing.

  /**
   * Notes that a change of the manifest begins in a user's thread, which closing has to wait for.
   * By the commit leader, so that none begins once the store refuses commits.
   */
  public void beginChange() {
    mutex.run(() -> running++);
  }

  /** Notes that a change has ended that was begun. */
  public void endChange() {
    mutex.change(() -> running--);
  }

  /** Waits until no step or change runs. New ones must have been prevented before. */
  public void awaitIdle() {
    mutex.await(() -> running == 0, Long.MAX_VALUE);
  }

  public void shutdown() {
    timer.close();
    threads.shutdown();
  }
}
