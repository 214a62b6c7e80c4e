package io.lsmdb.internal.engine;

import io.lsmdb.StorageException;
import io.lsmdb.internal.compaction.JobCancelledException;
import io.lsmdb.internal.version.ForceFailedException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that flush and compact, and what gives them work.
 *
 * <p>Thread-safe. Owned by the store. Of {@code maxBackgroundJobs} threads one only flushes, so
 * that a flush never waits behind a compaction; the others only compact.
 *
 * <p>A task does one step of work and submits itself again as long as there is more. A step that
 * finds the disk full is tried again after a while; any other failure stops all writes for good,
 * because what a half-done step has left cannot be told from here.
 */
final class BackgroundWorker {
  private static final long DISK_FULL_RETRY_NANOS = 200_000_000;

  private final EngineContext context;
  private final FlushWork flushes;
  private final CompactionWork compactions;
  private final ExecutorService flushExecutor;
  private final ExecutorService compactionExecutor;
  private final int compactionThreads;
  private final AtomicInteger flushTasks = new AtomicInteger();
  private final AtomicInteger compactionTasks = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();

  private volatile StorageException diskFull;

  BackgroundWorker(EngineContext context) {
    this.context = context;
    this.compactionThreads = context.options().maxBackgroundJobs() - 1;
    this.flushExecutor = context.env().executors().create("flush", 1);
    this.compactionExecutor = context.env().executors().create("compaction", compactionThreads);
    this.flushes = new FlushWork(context);
    this.compactions = new CompactionWork(context);
  }

  /** Runs parts of a large compaction, when a thread is free. */
  ExecutorService compactionExecutor() {
    return compactionExecutor;
  }

  CompactionWork compactions() {
    return compactions;
  }

  /** The full disk that keeps background work from going on, or null. */
  StorageException diskFull() {
    return diskFull;
  }

  FlushWork flushes() {
    return flushes;
  }

  /** Looks for work. Cheap; to be called whenever there may be some, without locks. */
  void schedule() {
    if (context.failure().isSet()) {
      return;
    }
    if (flushes.hasWork()) {
      submit(flushExecutor, flushTasks, 1, flushes::step);
    }
    if (!context.isClosing() && compactions.mayHaveWork()) {
      submit(compactionExecutor, compactionTasks, compactionThreads, compactions::step);
    }
  }

  /** One step of work: true when there may be more. */
  interface Step {
    /** Does a step. */
    boolean run();
  }

  private void submit(ExecutorService executor, AtomicInteger tasks, int limit, Step step) {
    int count = tasks.get();
    while (count < limit) {
      if (tasks.compareAndSet(count, count + 1)) {
        running.incrementAndGet();
        executor.execute(() -> runSteps(tasks, step));
        return;
      }
      count = tasks.get();
    }
  }

  private void runSteps(AtomicInteger tasks, Step step) {
    boolean more = true;
    try {
      while (more && !context.failure().isSet()) {
        more = step.run();
        diskFull = null;
        afterStep();
      }
    } catch (JobCancelledException closing) {
      // The store is being closed, or the family dropped; the job has deleted its outputs.
    } catch (RuntimeException | Error e) {
      if (judge(e)) {
        waitForSpace();
      }
    } finally {
      tasks.decrementAndGet();
      context.monitor().change(running::decrementAndGet);
      if (!context.isClosing()) {
        schedule();
      }
    }
  }

  /**
   * Decides what a failure of background work means: a full disk passes, anything else stops all
   * writes.
   *
   * @param e the failure
   * @return true for a full disk, after which the work may be tried again
   */
  boolean judge(Throwable e) {
    boolean passes =
        e instanceof StorageException storage
            && storage.reason() == StorageException.Reason.DISK_FULL
            && !(e instanceof ForceFailedException);
    if (passes) {
      diskFull = (StorageException) e;
    } else {
      context.failure().set(e);
      compactions.cancelRequests(context.failure().exception(false));
    }
    context.monitor().change(() -> {});
    return passes;
  }

  private void afterStep() {
    context.gate().reclaim();
    context.deleter().deleteObsolete();
    context.monitor().change(() -> {});
    schedule();
  }

  private void waitForSpace() {
    context.monitor().await(context::isClosing, DISK_FULL_RETRY_NANOS);
  }

  // ---- Closing.

  /** Waits until no step runs. New ones must have been prevented before. */
  void awaitIdle() {
    context.monitor().await(() -> running.get() == 0, Long.MAX_VALUE);
  }

  void shutdown() {
    flushExecutor.shutdown();
    compactionExecutor.shutdown();
  }
}
