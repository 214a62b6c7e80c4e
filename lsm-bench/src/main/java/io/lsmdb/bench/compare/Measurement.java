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
 * <p>The end of a step is the begin of the next, so that the clock is read once a step and no pause
 * of an engine is missed; a latency includes what it costs to make key and value, and to check.
 */
final class Measurement {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final long LONGEST_NANOS = 3_600_000_000_000L;
  private static final int DIGITS = 3;

  private final long limitNanos;

  /** With a limit after which no thread begins a step. */
  Measurement(long limitNanos) {
    this.limitNanos = limitNanos;
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
      for (Step step : steps) {
        tallies.add(executor.submit(() -> run(step, start)));
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

  private Tally run(Step step, CountDownLatch start) throws Exception {
    Tally tally = new Tally();
    long thread = Thread.currentThread().getId();
    start.countDown();
    start.await();
    long allocated = THREADS.getThreadAllocatedBytes(thread);
    long cpu = THREADS.getCurrentThreadCpuTime();
    long begin = System.nanoTime();
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
    tally.cpuNanos = THREADS.getCurrentThreadCpuTime() - cpu;
    tally.allocated = THREADS.getThreadAllocatedBytes(thread) - allocated;
    tally.operations = operations;
    tally.begin = begin;
    tally.end = last;
    return tally;
  }

  private static Map<Figure, Double> figures(Tally sum) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    double operations = sum.operations;
    figures.put(Figure.OPERATIONS, operations);
    if (operations > 0) {
      figures.put(Figure.THROUGHPUT, operations * 1e9 / Math.max(1, sum.end - sum.begin));
      figures.put(Figure.CALLER_CPU, sum.cpuNanos / operations);
      figures.put(Figure.ALLOCATED, sum.allocated / operations);
      figures.put(Figure.P50, (double) sum.latencies.getValueAtPercentile(50));
      figures.put(Figure.P99, (double) sum.latencies.getValueAtPercentile(99));
      figures.put(Figure.P999, (double) sum.latencies.getValueAtPercentile(99.9));
      figures.put(Figure.MAX, (double) sum.latencies.getMaxValue());
    }
    return figures;
  }
}
