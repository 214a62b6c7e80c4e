package io.lsmdb.testing;

import io.lsmdb.internal.engine.runtime.Alarm;
import io.lsmdb.internal.engine.runtime.Environment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Executors whose tasks run when a test lets them, one at a time, in an order that a seed chooses.
 *
 * <p>Thread-safe. Tasks run either in the test's thread ({@link #runPending}), or beside a call
 * that waits for them ({@link #during}), in a thread that ends with the call. No thread is left
 * behind. Alarms ring when the test lets them ({@link #ringAlarms}).
 *
 * <p>Part of {@link SimulatedMachine}; the interface behind it is internal to the library.
 */
@SuppressWarnings("exports")
public final class SteppedExecutors implements Environment.ExecutorFactory {
  /** Work that fails for want of space submits itself again and again. */
  private static final int MAX_TASKS_AFTER_CALL = 100;

  private final Object lock = new Object();

  // Guarded by lock.
  private final Random random;
  private final List<Queue> queues = new ArrayList<>();
  private final List<StepAlarm> alarms = new ArrayList<>();
  private boolean running;
  private Throwable failure;

  /**
   * Creates a factory.
   *
   * @param seed chooses the order of tasks
   */
  public SteppedExecutors(long seed) {
    random = new Random(seed);
  }

  @Override
  public Queue create(String name, int threads) {
    synchronized (lock) {
      Queue queue = new Queue();
      queues.add(queue);
      return queue;
    }
  }

  @Override
  public Alarm createAlarm(String name, Runnable task) {
    synchronized (lock) {
      StepAlarm alarm = new StepAlarm(task);
      alarms.add(alarm);
      return alarm;
    }
  }

  /**
   * How long the alarm that rings first has been set for.
   *
   * @return ns as given when it was set, -1 if none is set
   */
  public long nextAlarm() {
    synchronized (lock) {
      return alarms.stream()
          .mapToLong(alarm -> alarm.nanos)
          .filter(nanos -> nanos >= 0)
          .min()
          .orElse(-1);
    }
  }

  /** Lets all alarms that are set ring in this thread, once. */
  public void ringAlarms() {
    List<StepAlarm> due = new ArrayList<>();
    synchronized (lock) {
      for (StepAlarm alarm : alarms) {
        if (alarm.nanos >= 0) {
          alarm.nanos = -1;
          due.add(alarm);
        }
      }
    }
    due.forEach(alarm -> alarm.task.run());
  }

  /** Runs the tasks of closed alarms, as if they had begun to ring before. */
  public void ringClosed() {
    List<StepAlarm> closed;
    synchronized (lock) {
      closed = alarms.stream().filter(alarm -> alarm.closed).toList();
    }
    closed.forEach(alarm -> alarm.task.run());
  }

  /** Runs tasks in this thread until there are none. */
  public void runPending() {
    runPending(Integer.MAX_VALUE);
  }

  /**
   * Runs tasks in this thread until there are none.
   *
   * @param most how many to run at most
   */
  public void runPending(int most) {
    for (int i = 0; i < most && runOne(); i++) {
      synchronized (lock) {
        rethrow();
      }
    }
  }

  /**
   * Lets tasks run beside a call, and afterwards until there are none, up to a limit.
   *
   * @param call may wait for tasks
   */
  public void during(Runnable call) {
    boolean[] returned = new boolean[1];
    Thread worker = new Thread(() -> runUntil(returned), "stepped-executor");
    worker.setDaemon(true);
    worker.start();
    try {
      call.run();
    } finally {
      synchronized (lock) {
        returned[0] = true;
        lock.notifyAll();
      }
      join(worker);
    }
    synchronized (lock) {
      rethrow();
    }
  }

  private static void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void runUntil(boolean[] returned) {
    int after = 0;
    while (after < MAX_TASKS_AFTER_CALL) {
      boolean late;
      synchronized (lock) {
        late = returned[0];
      }
      if (runOne()) {
        after += late ? 1 : 0;
      } else {
        synchronized (lock) {
          if (!hasTasks()) {
            if (returned[0]) {
              return;
            }
            try {
              lock.wait();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        }
      }
    }
  }

  private boolean runOne() {
    Runnable task;
    synchronized (lock) {
      List<Queue> ready = new ArrayList<>();
      for (Queue queue : queues) {
        if (!queue.tasks.isEmpty()) {
          ready.add(queue);
        }
      }
      if (running || ready.isEmpty()) {
        return false;
      }
      task = ready.get(random.nextInt(ready.size())).tasks.removeFirst();
      running = true;
    }
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      synchronized (lock) {
        failure = failure == null ? e : failure;
      }
    } finally {
      synchronized (lock) {
        running = false;
        lock.notifyAll();
      }
    }
    return true;
  }

  private boolean hasTasks() {
    return queues.stream().anyMatch(queue -> !queue.tasks.isEmpty());
  }

  /** A task never throws: the engine is to report failures in its own way. */
  private void rethrow() {
    if (failure != null) {
      Throwable first = failure;
      failure = null;
      throw new AssertionError("a background task threw " + first, first);
    }
  }

  /** One alarm; it rings when the test says so. */
  private final class StepAlarm implements Alarm {
    final Runnable task;

    // Guarded by lock.
    long nanos = -1;
    boolean closed;

    StepAlarm(Runnable task) {
      this.task = task;
    }

    @Override
    public void set(long after) {
      synchronized (lock) {
        nanos = closed ? -1 : after;
      }
    }

    @Override
    public void cancel() {
      synchronized (lock) {
        nanos = -1;
      }
    }

    @Override
    public void close() {
      synchronized (lock) {
        closed = true;
        nanos = -1;
      }
    }
  }

  /** One executor. */
  public final class Queue extends AbstractExecutorService {
    // Guarded by lock.
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean shutdown;

    private Queue() {}

    @Override
    public void execute(Runnable task) {
      synchronized (lock) {
        if (shutdown) {
          throw new RejectedExecutionException("shut down");
        }
        tasks.addLast(task);
        lock.notifyAll();
      }
    }

    @Override
    public void shutdown() {
      synchronized (lock) {
        shutdown = true;
      }
    }

    @Override
    public List<Runnable> shutdownNow() {
      synchronized (lock) {
        shutdown = true;
        List<Runnable> left = new ArrayList<>(tasks);
        tasks.clear();
        return left;
      }
    }

    @Override
    public boolean isShutdown() {
      synchronized (lock) {
        return shutdown;
      }
    }

    @Override
    public boolean isTerminated() {
      synchronized (lock) {
        return shutdown && tasks.isEmpty();
      }
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      runPending();
      return isTerminated();
    }
  }
}
