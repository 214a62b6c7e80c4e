package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.EnduranceResults.Run;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A long run as a table for a terminal. Stateless but for its target. */
final class EnduranceReport {
  private static final int NAME_WIDTH = 34;
  private static final int CELL_WIDTH = 24;

  private final PrintWriter out;

  EnduranceReport(PrintWriter out) {
    this.out = out;
  }

  void print(EnduranceResults results) {
    section("Machine", results.machine());
    section("Settings", results.settings());
    Map<String, Map<EngineName, String>> rows = new LinkedHashMap<>();
    results
        .runs()
        .forEach(
            (engine, run) -> {
              section("Engine " + engine, run.facts);
              if (run.obstacle != null) {
                out.println("  NO RESULT            " + run.obstacle);
              }
              summary(run)
                  .forEach(
                      (name, text) ->
                          rows.computeIfAbsent(name, n -> new LinkedHashMap<>()).put(engine, text));
            });
    table(results, rows);
    out.flush();
  }

  private void section(String title, Map<String, String> lines) {
    out.println();
    out.println(title);
    lines.forEach((name, text) -> out.printf(Locale.ROOT, "  %-20s %s%n", name, text));
  }

  private void table(EnduranceResults results, Map<String, Map<EngineName, String>> rows) {
    if (rows.isEmpty()) {
      return;
    }
    out.printf(Locale.ROOT, "%n%-" + NAME_WIDTH + "s", "");
    results
        .runs()
        .keySet()
        .forEach(engine -> out.printf(Locale.ROOT, "%" + CELL_WIDTH + "s", engine));
    out.println();
    rows.forEach(
        (name, cells) -> {
          out.printf(Locale.ROOT, "%-" + NAME_WIDTH + "s", name);
          for (EngineName engine : results.runs().keySet()) {
            out.printf(Locale.ROOT, "%" + CELL_WIDTH + "s", cells.getOrDefault(engine, "-"));
          }
          out.println();
        });
  }

  /** What decides first: names and texts, the same names for all engines that have a result. */
  static Map<String, String> summary(Run run) {
    Map<String, String> rows = new LinkedHashMap<>();
    if (run.whole.isEmpty()) {
      return rows;
    }
    rows.put("latency, 99.9 % of the run", nanos(run, Figure.P999));
    run.worstSecond()
        .ifPresent(
            second ->
                rows.put(
                    "worst second: 99.9 % (when)",
                    Quantity.nanos(run.slowest(second)) + " (at " + second + " s)"));
    rows.put("seconds with 99.9 % above 10 ms", run.slowSeconds() + " of " + run.seconds.size());
    rows.put("latency, longest", nanos(run, Figure.MAX));
    rows.put("latency, 99 %", nanos(run, Figure.P99));
    rows.put("latency, 50 %", nanos(run, Figure.P50));
    rows.put("events a second", number(run.whole.getOrDefault(Figure.THROUGHPUT, 0.0)));
    for (BackgroundEvents.Kind kind : BackgroundEvents.Kind.values()) {
      double[] sum = run.sum(kind);
      if (sum[0] > 0 || kind == BackgroundEvents.Kind.STALL) {
        String time = sum[1] > 0 ? " (" + Quantity.nanos(sum[1] * 1e6) + ")" : "";
        rows.put(kind.plural() + " (time)", number(sum[0]) + time);
      }
    }
    rows.put("CPU of the process an event", nanos(run, Figure.PROCESS_CPU));
    rows.put("garbage collection", Quantity.of(Figure.GC, run.whole.getOrDefault(Figure.GC, 0.0)));
    for (Figure figure : new Figure[] {Figure.WRITTEN, Figure.DISK, Figure.PEAK_MEMORY}) {
      Double value = run.whole.get(figure);
      rows.put(nameOf(figure), value == null ? "-" : Quantity.of(figure, value));
    }
    return rows;
  }

  private static String nameOf(Figure figure) {
    return switch (figure) {
      case WRITTEN -> "bytes to the device a byte put";
      case DISK -> "bytes on disk a live byte";
      default -> "peak resident memory";
    };
  }

  private static String nanos(Run run, Figure figure) {
    Double value = run.whole.get(figure);
    return value == null ? "-" : Quantity.nanos(value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }
}
