package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Workloads.Step;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that puts at a steady rate until it is ended.
 *
 * <p>It catches up after a pause of the engine, so that every engine is given the same work.
 */
final class PacedWriter {
  /** Puts a second. */
  static final int RATE = 20_000;

  private static final long INTERVAL_NANOS = 1_000_000;
  private static final int PER_INTERVAL = (int) (RATE * INTERVAL_NANOS / 1_000_000_000);

  private final Step step;
  private final Thread thread = new Thread(this::run, "paced writer");
  private volatile boolean ended;
  private volatile Exception failure;

  PacedWriter(Step step) {
    this.step = step;
    thread.start();
  }

  private void run() {
    long next = System.nanoTime();
    try {
      while (!ended) {
        for (int i = 0; i < PER_INTERVAL; i++) {
          step.run();
        }
        next += INTERVAL_NANOS;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  /** Ends the thread; fails if a put has failed. */
  void end() throws Exception {
    ended = true;
    thread.join();
    if (failure != null) {
      throw failure;
    }
  }
}
