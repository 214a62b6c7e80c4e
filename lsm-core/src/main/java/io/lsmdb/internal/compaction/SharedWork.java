package io.lsmdb.internal.compaction;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The parts of one piece of work, done by the calling thread and by those threads of an executor
 * that are free.
 *
 * <p>Stateless. Whoever is free takes the next part, so that the work is done even if the executor
 * never runs a helper.
 */
public final class SharedWork {
  private SharedWork() {}

  /**
   * Does all parts, and returns when the last one has ended. An interrupt does not end this, and is
   * kept.
   *
   * @param parts how many there are
   * @param executor runs the helpers; may refuse them
   * @param helpers how many threads help at most
   * @param part does the part of a number, 0 to {@code parts} - 1; must not throw
   */
  public static void run(int parts, Executor executor, int helpers, IntConsumer part) {
    CountDownLatch open = new CountDownLatch(parts);
    AtomicInteger next = new AtomicInteger();
    Runnable worker =
        () -> {
          for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
            try {
              part.accept(i);
            } finally {
              open.countDown();
            }
          }
        };
    try {
      for (int i = 0; i < Math.min(helpers, parts - 1); i++) {
        executor.execute(worker);
      }
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // There is no room for helpers: this thread does the parts.
    }
    worker.run();
    awaitUninterruptibly(open);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
