package io.lsmdb.internal.engine.runtime;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * An alarm with a thread of its own, which lives while the alarm is set.
 *
 * <p>Thread-safe. Closed by the store that has made it.
 */
final class SystemAlarm implements Alarm {
  private static final long KEEP_ALIVE_SECONDS = 1;

  private final ScheduledThreadPoolExecutor executor;
  private final Runnable task;
  private Future<?> next; // guarded by this

  SystemAlarm(ThreadFactory threads, Runnable task) {
    this.executor =
        new ScheduledThreadPoolExecutor(1, threads, new ThreadPoolExecutor.DiscardPolicy());
    this.executor.setRemoveOnCancelPolicy(true);
    this.executor.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
    this.executor.allowCoreThreadTimeOut(true);
    this.task = task;
  }

  @Override
  public synchronized void set(long nanos) {
    cancel();
    next = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public synchronized void cancel() {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
  }

  @Override
  public void close() {
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.shutdown();
  }
}
