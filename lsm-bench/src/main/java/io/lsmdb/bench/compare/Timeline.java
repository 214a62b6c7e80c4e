package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Message.Kind;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Latencies and throughput of each second of a paced run, and of the whole.
 *
 * <p>Not thread-safe. An event counts as done in the second in which it ended, and its latency
 * belongs to the second in which it was due, so that each second shows the fate of as many events,
 * whatever happened. Events come in the order in which they were due.
 */
final class Timeline {
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final long LONGEST_NANOS = 3_600 * SECOND_NANOS;
  private static final int DIGITS = 3;

  private final Consumer<Message> out;
  private final Histogram all = new Histogram(1, LONGEST_NANOS, DIGITS);
  private final Histogram latencies = new Histogram(1, LONGEST_NANOS, DIGITS);
  private final long[] done;
  private int second;
  private long gcMillis;

  /**
   * An empty one.
   *
   * @param seconds length of the run
   * @param out takes the figures of each second as soon as it is over
   */
  Timeline(int seconds, Consumer<Message> out) {
    this.done = new long[seconds];
    this.out = out;
    this.gcMillis = ProcessFigures.gc();
  }

  /**
   * Takes one event in.
   *
   * @param dueNanos when it was due, since the run began
   * @param endNanos when it ended, since the run began
   */
  void record(long dueNanos, long endNanos) {
    finishUntil(dueNanos);
    int ended = (int) (endNanos / SECOND_NANOS);
    if (ended < done.length) {
      done[ended]++;
    }
    recordLatency(endNanos - dueNanos);
  }

  /** Takes in an event that was due but not done, with the time that it waited until the end. */
  void recordUnfinished(long dueNanos, long endNanos) {
    finishUntil(dueNanos);
    recordLatency(endNanos - dueNanos);
  }

  private void recordLatency(long nanos) {
    latencies.recordValue(Math.min(nanos, LONGEST_NANOS));
  }

  /** Gives out the seconds that are over. */
  private void finishUntil(long dueNanos) {
    while (second < done.length && dueNanos >= (second + 1) * SECOND_NANOS) {
      finish();
    }
  }

  private void finish() {
    Map<Figure, Double> figures = figures(latencies);
    figures.put(Figure.THROUGHPUT, (double) done[second]);
    long gc = ProcessFigures.gc();
    figures.put(Figure.GC, (double) (gc - gcMillis));
    gcMillis = gc;
    out.accept(Message.figures(Kind.SECOND, Integer.toString(second), figures));
    all.add(latencies);
    latencies.reset();
    second++;
  }

  /** Gives out the last second too; the latencies of the whole. */
  Map<Figure, Double> end() {
    while (second < done.length) {
      finish();
    }
    return figures(all);
  }

  private static Map<Figure, Double> figures(Histogram latencies) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    if (latencies.getTotalCount() > 0) {
      figures.put(Figure.P50, (double) latencies.getValueAtPercentile(50));
      figures.put(Figure.P99, (double) latencies.getValueAtPercentile(99));
      figures.put(Figure.P999, (double) latencies.getValueAtPercentile(99.9));
      figures.put(Figure.MAX, (double) latencies.getMaxValue());
    }
    return figures;
  }
}
