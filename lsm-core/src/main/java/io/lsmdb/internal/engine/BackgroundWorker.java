package io.lsmdb.internal.engine;

import io.lsmdb.DbException;
import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.compaction.JobCancelledException;
import io.lsmdb.internal.version.ForceFailedException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
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
final class BackgroundWorker {
  /**
   * Threads that write the tables of one flush step: one makes the steps, and the others help where
   * a step writes many tables. They wait for syncs most of the time.
   */
  static final int FLUSH_THREADS = 4;

  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  /** The wait between attempts that find no memory doubles so often at most. */
  private static final int MAX_DOUBLINGS = 5;

  private final EngineContext context;
  private final FlushWork flushes;
  private final ExpiryTimer watch;
  private final CompactionWork compactions;
  // Guarded by the state monitor.
  private final Lane flushLane;
  private final Lane compactionLane;
  private int running;

  /** The threads that run steps now. */
  private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

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
    final ExecutorService executor;
    final int threads;
    final BooleanSupplier step;
    int tasks;

    /** How often in a row steps have found no memory; about, if there are several threads. */
    final AtomicInteger shortages = new AtomicInteger();

    /** Makes a lane; a step returns whether there may be more to do. */
    Lane(String name, ExecutorService executor, int threads, BooleanSupplier step) {
      this.name = name;
      this.executor = executor;
      this.threads = threads;
      this.step = step;
    }
  }

  BackgroundWorker(EngineContext context) {
    this.context = context;
    this.flushes = new FlushWork(context);
    this.watch = new ExpiryTimer(context);
    this.compactions = new CompactionWork(context, watch);
    int threads = context.options().maxBackgroundJobs() - 1;
    Environment.ExecutorFactory executors = context.env().executors();
    this.flushLane = new Lane("flush", executors.create("flush", FLUSH_THREADS), 1, flushes::step);
    this.compactionLane =
        new Lane("compaction", executors.create("compaction", threads), threads, compactions::step);
  }

  /** Runs parts of a large compaction, when a thread is free. */
  Executor compactionExecutor() {
    return part -> compactionLane.executor.execute(() -> runPart(part));
  }

  private void runPart(Runnable part) {
    boolean added = workers.add(Thread.currentThread());
    try {
      part.run();
    } finally {
      if (added) {
        workers.remove(Thread.currentThread());
      }
    }
  }

  /** Runs parts of a flush of many families, when a thread is free. */
  Executor flushExecutor() {
    return part -> flushLane.executor.execute(() -> runPart(part));
  }

  CompactionWork compactions() {
    return compactions;
  }

  /** How many attempts have begun, for {@link #shortageSince}. */
  long attempts() {
    return attempts.get();
  }

  /**
   * The full disk or heap that a later attempt has met. An attempt that was under way already does
   * not count: the space may have come back since.
   *
   * @param attempt how many attempts had begun
   * @return null if none of the later ones has failed so far
   */
  DbException shortageSince(long attempt) {
    Shortage last = lastShortage.get();
    return last != null && last.attempt > attempt ? last.failure : null;
  }

  FlushWork flushes() {
    return flushes;
  }

  /** Looks for work. Cheap; to be called whenever there may be some, without locks. */
  void schedule() {
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

  /** Tries again at once what a shortage keeps from going on. */
  void retry() {
    retries.incrementAndGet();
    context.monitor().change(() -> {});
    schedule();
  }

  private void submit(Lane lane) {
    boolean starts =
        context
            .monitor()
            .get(
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
    context
        .monitor()
        .change(
            () -> {
              lane.tasks--;
              running--;
            });
  }

  /** Whether steps may begin: the store is neither being closed nor stopped by a failure. */
  boolean isWorking() {
    return !context.isClosing() && !context.failure().isSet();
  }

  /** Whether this call comes from a callback that background work is waiting for. */
  boolean isOwnThread() {
    return workers.contains(Thread.currentThread());
  }

  /** Refuses a call that would wait for the very thread it comes from. */
  void checkMayWait() {
    if (isOwnThread() || context.queue().isLedByCaller() || context.monitor().isHeld()) {
      throw new IllegalStateException(
          context.token()
              + " cannot flush, compact, create or drop a column family, or close from inside one of"
              + " its callbacks (an event listener, compaction filter, merge operator, time source or"
              + " the function of a compute), which it would wait for; call that from another thread"
              + " and do not wait for it in the callback");
    }
  }

  /** Refuses to close the store in the middle of one of its calls. */
  void checkMayClose() {
    checkMayWait();
    if (context.callbacks().isInside()) {
      throw new IllegalStateException(
          context.token()
              + " cannot be closed from inside a value reader, merge operator or time source of one of"
              + " its calls, which it would wait for; close it after that call has returned, or from"
              + " another thread");
    }
  }

  private void runSteps(Lane lane) {
    workers.add(Thread.currentThread());
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
      if (judge(e)) {
        isShort = true;
        Shortage met = new Shortage(attempt, shortage(lane, e));
        lastShortage.accumulateAndGet(met, (a, b) -> a != null && a.attempt > b.attempt ? a : b);
        waitForSpace(lane, retriesBefore);
      }
    } finally {
      workers.remove(Thread.currentThread());
      ended(lane);
      schedule();
    }
  }

  /**
   * Decides what a failure of background work means: a full disk or heap passes, as long as it has
   * left neither log nor manifest in doubt; anything else stops all writes.
   *
   * @param e the failure
   * @return true if the work may be tried again
   */
  boolean judge(Throwable e) {
    boolean passes =
        (isFullDisk(e) || e instanceof OutOfMemoryError)
            && !context.log().hasFailed()
            && !context.versions().isPublicationBroken();
    if (!passes) {
      context.failure().set(e);
    }
    return passes;
  }

  private static boolean isFullDisk(Throwable e) {
    return e instanceof StorageException storage
        && storage.reason() == StorageException.Reason.DISK_FULL
        && !(e instanceof ForceFailedException);
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
    context.gate().reclaim();
    context.monitor().change(() -> {});
    schedule();
  }

  /**
   * Waits for a while, or until somebody asks, if nobody has since the attempt began. Work that
   * finds no memory again and again waits longer and longer: an attempt may be long.
   */
  private void waitForSpace(Lane lane, long retriesBefore) {
    int doublings = Math.min(MAX_DOUBLINGS, Math.max(0, lane.shortages.get() - 1));
    context.monitor().change(() -> {});
    context
        .monitor()
        .await(
            () -> context.isClosing() || retries.get() != retriesBefore,
            context.tuning().diskFullRetryNanos() << doublings);
  }

  // ---- Closing.

  /**
   * Notes that a change of the manifest begins in a user's thread, which closing has to wait for.
   * By the commit leader, so that none begins once the store refuses commits.
   */
  void beginChange() {
    context.monitor().run(() -> running++);
  }

  /** Notes that a change has ended that was begun. */
  void endChange() {
    context.monitor().change(() -> running--);
  }

  /** Waits until no step or change runs. New ones must have been prevented before. */
  void awaitIdle() {
    context.monitor().await(() -> running == 0, Long.MAX_VALUE);
  }

  void shutdown() {
    watch.close();
    flushLane.executor.shutdown();
    compactionLane.executor.shutdown();
  }
}
