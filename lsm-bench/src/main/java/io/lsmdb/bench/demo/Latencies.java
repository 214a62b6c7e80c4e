package io.lsmdb.bench.demo;

import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * How long the store's operations took, for each shape of state.
 *
 * <p>Not thread-safe. Three significant digits, in nanoseconds; what {@link System#nanoTime()}
 * costs is included.
 */
final class Latencies {
  private static final int DIGITS = 3;

  private final Map<Shape, Histogram> gets = new EnumMap<>(Shape.class);
  private final Map<Shape, Histogram> puts = new EnumMap<>(Shape.class);
  private long totalNanos;

  Latencies() {
    for (Shape shape : Shape.values()) {
      gets.put(shape, new Histogram(DIGITS));
      puts.put(shape, new Histogram(DIGITS));
    }
  }

  void got(Shape shape, long nanos) {
    totalNanos += nanos;
    gets.get(shape).recordValue(Math.max(0, nanos));
  }

  void put(Shape shape, long nanos) {
    totalNanos += nanos;
    puts.get(shape).recordValue(Math.max(0, nanos));
  }

  Histogram gets(Shape shape) {
    return gets.get(shape);
  }

  Histogram puts(Shape shape) {
    return puts.get(shape);
  }

  /** Nanoseconds of all operations together. */
  long totalNanos() {
    return totalNanos;
  }
}
