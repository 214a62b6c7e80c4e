package io.lsmdb.bench.demo;

import io.lsmdb.DbStats;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.bench.ByteSize;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** The lines that the demo prints. Not thread-safe; does not own its output. */
final class DemoReport {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_MICRO = 1e3;

  private final PrintWriter out;

  DemoReport(PrintWriter out) {
    this.out = out;
  }

  void start(DemoSettings settings, Path directory) {
    line("input", "%s", settings.inputName());
    line(
        "store",
        "%s, %s writes, block cache %s",
        directory,
        settings.durability().durability(),
        ByteSize.format(settings.options().blockCacheSize()));
  }

  void throughput(long events, long nanos, long storeNanos) {
    line(
        "events",
        "%,d in %.2f s: %,.0f events/s, parsing and recomputation included",
        events,
        nanos / NANOS_PER_SECOND,
        events * NANOS_PER_SECOND / Math.max(1, nanos));
    line(
        "",
        "%.2f s of it in the store's 4 reads and 4 writes an event: %,.0f events/s",
        storeNanos / NANOS_PER_SECOND,
        events * NANOS_PER_SECOND / Math.max(1, storeNanos));
  }

  void operations(Latencies latencies) {
    out.printf(
        Locale.ROOT,
        "%-14s %12s %10s %10s %10s %10s%n",
        "microseconds",
        "count",
        "p50",
        "p99",
        "p99.9",
        "max");
    for (Shape shape : Shape.values()) {
      operation("get " + shape.family, latencies.gets(shape));
      operation("put " + shape.family, latencies.puts(shape));
    }
  }

  private void operation(String name, Histogram nanos) {
    out.printf(
        Locale.ROOT,
        "  %-12s %,12d %10.2f %10.2f %10.2f %10.2f%n",
        name,
        nanos.getTotalCount(),
        nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
        nanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
        nanos.getValueAtPercentile(99.9) / NANOS_PER_MICRO,
        nanos.getMaxValue() / NANOS_PER_MICRO);
  }

  void written(DbStats stats, EventCounts background) {
    double put = Math.max(1, stats.userBytesWritten());
    line(
        "bytes written",
        "%.2f per byte put until close: log %.2f, flushes %.2f, compactions %.2f; %s were put",
        stats.writeAmplification(),
        stats.logBytesWritten() / put,
        stats.flushBytesWritten() / put,
        stats.compactionBytesWritten() / put,
        ByteSize.format(stats.userBytesWritten()));
    line(
        "background",
        "%,d flushes, %,d compactions, %,d tables moved down",
        background.flushes(),
        background.compactions(),
        background.moves());
    line("stalls", "%s", stalls(stats));
    line("LZ4 codec", "%s", stats.lz4());
  }

  private static String stalls(DbStats stats) {
    if (stats.stalls().isEmpty()) {
      return "none";
    }
    return stats.stalls().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(stall -> stall(stall.getKey(), stall.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String stall(StallCause cause, DbStats.StallStats stats) {
    return String.format(
        Locale.ROOT,
        "%s %,d times, %.1f ms",
        cause,
        stats.count(),
        stats.nanos() / NANOS_PER_MILLI);
  }

  void merchants(long user, int merchants, String list) {
    line("prefix scan", "user %d has %,d merchants: %s", user, merchants, list);
  }

  void frozen(MidStreamSnapshot snapshot, StateHash frozen, StateHash live) {
    line(
        "snapshot",
        "taken after %,d events: %,d entries, digest %s, the same then and now",
        snapshot.takenAfter(),
        frozen.entries(),
        frozen.brief());
    line("live view", "%,d entries, digest %s", live.entries(), live.brief());
  }

  void malformed(long lines) {
    line("skipped", "%,d malformed lines", lines);
  }

  void size(long bytes) {
    line("size on disk", "%s after close, log included", ByteSize.format(bytes));
  }

  void reopened(long nanos) {
    line("reopened", "in %.1f ms", nanos / NANOS_PER_MILLI);
  }

  void verified(Map<Shape, Long> entries, long nanos) {
    for (Map.Entry<Shape, Long> family : entries.entrySet()) {
      Shape shape = family.getKey();
      line(
          "verified",
          "%-6s %,11d entries (%s)",
          shape.family,
          family.getValue(),
          shape.description);
    }
    line(
        "result",
        "reopened: every value equals the recomputation, none is missing or surplus (%.1f s)",
        nanos / NANOS_PER_SECOND);
  }

  void compacted(long nanos, long bytes) {
    line(
        "compacted",
        "all families in %.1f ms: %s of tables",
        nanos / NANOS_PER_MILLI,
        ByteSize.format(bytes));
  }

  void verifiedAgain(long nanos) {
    line("result", "compared again after compaction: equal (%.1f s)", nanos / NANOS_PER_SECOND);
  }

  void end(StoreDirectory directory) {
    if (directory.isKept()) {
      line("kept", "%s", directory.path());
    }
    out.flush();
  }

  /** An amount in pounds. */
  static String pounds(long pence) {
    return String.format(Locale.ROOT, "£%,.2f", pence / 100.0);
  }

  private void line(String label, String format, Object... values) {
    out.printf(Locale.ROOT, "%-14s %s%n", label, String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
