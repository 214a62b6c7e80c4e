package io.lsmdb.testing;

import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.fs.FileSystem;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Environments in which a store does the same again under the same seed.
 *
 * <p>Thread-safe: it holds no state.
 */
public final class TestEnvironments {
  private TestEnvironments() {}

  /**
   * An environment whose wall clock starts at a fixed time and moves by 1 ms a look.
   *
   * @param fileSystem where the store lives
   * @param seed of its random numbers
   * @param executors makes the executors of background work
   * @return a new environment
   */
  public static Environment of(
      FileSystem fileSystem, long seed, Environment.ExecutorFactory executors) {
    SplittableRandom random = new SplittableRandom(seed);
    AtomicLong millis = new AtomicLong(1_700_000_000_000L);
    return new Environment(
        fileSystem,
        millis::incrementAndGet,
        System::nanoTime,
        () -> {
          synchronized (random) {
            return random.nextLong();
          }
        },
        executors);
  }

  /**
   * An environment with threads of its own.
   *
   * @param fileSystem where the store lives
   * @param seed of its random numbers
   * @return a new environment
   */
  public static Environment threaded(FileSystem fileSystem, long seed) {
    return of(fileSystem, seed, TestEnvironments::threads);
  }

  private static ExecutorService threads(String name, int threads) {
    return Executors.newFixedThreadPool(
        threads,
        task -> {
          Thread thread = new Thread(task, "test-" + name);
          thread.setDaemon(true);
          return thread;
        });
  }
}
