package io.lsmdb.bench.compare;

import com.sun.management.ThreadMXBean;
import io.lsmdb.bench.compare.Workloads.Step;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/**
 * Runs steps in threads of their own, and takes figures. Stateless but for its limit.
 *
 * <p>Without a rate, the end of a step is the begin of the next, so that the clock is read once a
 * step and no pause of an engine is missed. With a rate, a latency counts from when its step was
 * due: see {@link Pace}; CPU time is left out then, for waiting takes most of it. In both cases a
 * latency includes what it costs to make key and value, and to check.
 */
final class Measurement {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final long LONGEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 3;

  private final long limitNanos;
  private final int rate;

  /** With a limit after which no thread begins a step, and without a rate. */
  Measurement(long limitNanos) {
    this(limitNanos, 0);
  }

  /** With a number of steps a second, of all threads together; 0 for as many as can be. */
  Measurement(long limitNanos, int rate) {
    this.limitNanos = limitNanos;
    this.rate = rate;
  }

  /** What one thread did, or all of them. */
  private static final class Tally {
    final Histogram latencies = new Histogram(1, LONGEST_NANOS, DIGITS);
    long operations;
    long cpuNanos;
    long allocated;
    long begin = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;

    void add(Tally other) {
      latencies.add(other.latencies);
      operations += other.operations;
      cpuNanos += other.cpuNanos;
      allocated += other.allocated;
      begin = Math.min(begin, other.begin);
      end = Math.max(end, other.end);
    }
  }

  /** Runs every element in a thread, all of them at once. */
  Map<Figure, Double> run(List<Step> steps) throws Exception {
    CountDownLatch start = new CountDownLatch(steps.size());
    ExecutorService executor = Executors.newFixedThreadPool(steps.size());
    Tally sum = new Tally();
    try {
      List<Future<Tally>> tallies = new ArrayList<>();
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        Pace pace = rate == 0 ? null : new Pace(rate, i, steps.size());
        tallies.add(executor.submit(() -> run(step, pace, start)));
      }
      for (Future<Tally> tally : tallies) {
        sum.add(tally.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    } finally {
      executor.shutdownNow();
    }
    return figures(sum);
  }

  private Tally run(Step step, Pace pace, CountDownLatch start) throws Exception {
    Tally tally = new Tally();
    long thread = Thread.currentThread().getId();
    start.countDown();
    start.await();
    long allocated = THREADS.getThreadAllocatedBytes(thread);
    long cpu = THREADS.getCurrentThreadCpuTime();
    tally.begin = System.nanoTime();
    if (pace == null) {
      unpaced(step, tally);
    } else {
      paced(step, pace, tally);
    }
    tally.cpuNanos = THREADS.getCurrentThreadCpuTime() - cpu;
    tally.allocated = THREADS.getThreadAllocatedBytes(thread) - allocated;
    return tally;
  }

  private void unpaced(Step step, Tally tally) throws Exception {
    long begin = tally.begin;
    long last = begin;
    long operations = 0;
    Histogram latencies = tally.latencies;
    for (int done = step.run(); done > 0; done = step.run()) {
      operations += done;
      long now = System.nanoTime();
      latencies.recordValue(Math.min(now - last, LONGEST_NANOS));
      last = now;
      if (now - begin >= limitNanos) {
        break;
      }
    }
    tally.operations = operations;
    tally.end = last;
  }

  private void paced(Step step, Pace pace, Tally tally) throws Exception {
    long now = tally.begin;
    pace.begin(now);
    long due = pace.await();
    for (int done = step.run(); done > 0; done = step.run()) {
      tally.operations += done;
      now = System.nanoTime();
      tally.latencies.recordValue(Math.min(now - due, LONGEST_NANOS));
      if (now - tally.begin >= limitNanos) {
        break;
      }
      due = pace.await();
    }
    tally.end = now;
  }

  private Map<Figure, Double> figures(Tally sum) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    double operations = sum.operations;
    figures.put(Figure.OPERATIONS, operations);
    if (operations > 0) {
      figures.put(Figure.THROUGHPUT, operations * 1e9 / Math.max(1, sum.end - sum.begin));
      if (rate == 0) {
        figures.put(Figure.CALLER_CPU, sum.cpuNanos / operations);
      }
      figures.put(Figure.ALLOCATED, sum.allocated / operations);
      figures.put(Figure.P50, (double) sum.latencies.getValueAtPercentile(50));
      figures.put(Figure.P99, (double) sum.latencies.getValueAtPercentile(99));
      figures.put(Figure.P999, (double) sum.latencies.getValueAtPercentile(99.9));
      figures.put(Figure.MAX, (double) sum.latencies.getMaxValue());
    }
    return figures;
  }
}
