package io.lsmdb.bench.compare;

import java.util.Locale;

/** What is measured of a workload, in the order of the reports. */
enum Figure {
  THROUGHPUT("operations a second, wall clock", "1/s", true),
  CALLER_CPU("CPU of the calling threads per operation", "ns", false),
  PROCESS_CPU("CPU of the process per operation, until flush and compaction are idle", "ns", false),
  P50("latency, 50 %", "ns", false),
  P99("latency, 99 %", "ns", false),
  P999("latency, 99.9 %", "ns", false),
  MAX("latency, longest", "ns", false),
  ALLOCATED("bytes allocated per operation", "B", false),
  GC("time in garbage collection", "ms", false),
  WRITTEN("bytes sent to the device per byte put, until idle", "", false),
  DISK("bytes on disk per live byte, once idle, logs kept ready included", "", false),
  DATA("bytes of data files per live byte, once idle, logs left out", "", false),
  PEAK_MEMORY("peak resident memory of the process", "B", false),
  IDLE("seconds from the last operation to idle", "s", false),
  OPERATIONS("operations done", "", true);

  private final String description;
  private final String unit;
  private final boolean more;

  Figure(String description, String unit, boolean more) {
    this.description = description;
    this.unit = unit;
    this.more = more;
  }

  String description() {
    return description;
  }

  String unit() {
    return unit;
  }

  /** Whether it tells how good an engine is, other than how much it was given to do. */
  boolean isCompared() {
    return this != OPERATIONS && this != GC && this != IDLE;
  }

  /**
   * How many times better a value is than another one.
   *
   * @return above 1 when better; NaN when there is nothing to divide by
   */
  double ratio(double value, double other) {
    double ratio = more ? value / other : other / value;
    return Double.isInfinite(ratio) ? Double.NaN : ratio;
  }

  boolean isMoreBetter() {
    return more;
  }

  boolean isBetter(double value, double other) {
    return more ? value > other : value < other;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The figure of that name; throws when there is none. */
  static Figure of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
