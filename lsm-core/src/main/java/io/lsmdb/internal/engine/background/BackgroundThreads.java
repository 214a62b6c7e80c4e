package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.engine.runtime.Environment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/**
 * The threads that flush and compact.
 *
 * <p>Thread-safe. Owned by the {@code BackgroundWorker}, which shuts them down.
 */
public final class BackgroundThreads {
  /**
   * Threads that write the tables of one flush step: one makes the steps, and the others help where
   * a step writes many tables. They wait for syncs most of the time.
   */
  static final int FLUSH_THREADS = 4;

  private final ExecutorService flush;
  private final ExecutorService compaction;
  private final int compactions;

  /** The threads that run steps now. */
  private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

  /**
   * Creates the threads.
   *
   * @param executors makes them
   * @param compactions how many compact at a time
   */
  public BackgroundThreads(Environment.ExecutorFactory executors, int compactions) {
    this.flush = executors.create("flush", FLUSH_THREADS);
    this.compaction = executors.create("compaction", compactions);
    this.compactions = compactions;
  }

  /** How many compactions run at a time. */
  int compactions() {
    return compactions;
  }

  /** Runs the steps of flushes. */
  Executor flush() {
    return flush;
  }

  /** Runs the steps of compactions. */
  Executor compaction() {
    return compaction;
  }

  /** Runs parts of a flush of many families, when a thread is free. */
  void helpFlush(Runnable part) {
    flush.execute(() -> runPart(part));
  }

  /** Runs parts of a large compaction, when a thread is free. */
  public void helpCompaction(Runnable part) {
    compaction.execute(() -> runPart(part));
  }

  private void runPart(Runnable part) {
    boolean added = enter();
    try {
      part.run();
    } finally {
      if (added) {
        leave();
      }
    }
  }

  /** Notes that this thread begins to work; false if it does already. */
  boolean enter() {
    return workers.add(Thread.currentThread());
  }

  /** Notes that this thread has ended its work. */
  void leave() {
    workers.remove(Thread.currentThread());
  }

  /** Whether this call comes from a callback that background work is waiting for. */
  boolean isOwnThread() {
    return workers.contains(Thread.currentThread());
  }

  void shutdown() {
    flush.shutdown();
    compaction.shutdown();
  }
}
