package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.NioFileSystem;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * The ambient things that the engine uses: files, clock, random numbers and threads.
 *
 * <p>Thread-safe. The only place of the library that reads a clock or creates a thread; tests put
 * their own in its place.
 *
 * @param fileSystem where the store lives
 * @param clockMillis wall clock in ms since 1970
 * @param nanoTime clock for durations, in ns
 * @param random source of 64-bit ids and salts
 * @param executors makes the executors of background work
 */
public record Environment(
    FileSystem fileSystem,
    LongSupplier clockMillis,
    LongSupplier nanoTime,
    LongSupplier random,
    ExecutorFactory executors) {

  /** Makes executors; the store that asks for one shuts it down. */
  @FunctionalInterface
  public interface ExecutorFactory {
    /**
     * Makes an executor.
     *
     * @param name what its threads do, for their names
     * @param threads how many tasks run at a time
     * @return to be shut down by the caller
     */
    ExecutorService create(String name, int threads);

    /**
     * Makes an alarm; it takes no thread before it is set.
     *
     * @param name what it is for, for the name of its thread
     * @param task to be run each time the alarm rings, short
     * @return to be closed by the caller
     */
    default Alarm createAlarm(String name, Runnable task) {
      return new SystemAlarm(daemons(name), task);
    }
  }

  /**
   * The real world.
   *
   * @return NIO files, system clocks, secure random numbers, daemon threads
   */
  public static Environment system() {
    SecureRandom random = new SecureRandom();
    return new Environment(
        new NioFileSystem(),
        SystemClock::millis,
        SystemClock::nanos,
        random::nextLong,
        Environment::threads);
  }

  /** Makes an executor whose threads end when there is nothing to do for a while. */
  private static ExecutorService threads(String name, int threads) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons(name));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private static ThreadFactory daemons(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "lsmdb-" + name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
