package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Results.EngineResults;
import io.lsmdb.bench.compare.Results.Outcome;
import io.lsmdb.bench.compare.Results.Spread;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Results as tables for a terminal, wins and losses alike. Stateless but for its target. */
final class TextReport {
  /** What is shown unless all is asked for. */
  static final List<Figure> MAIN =
      List.of(
          Figure.THROUGHPUT,
          Figure.CALLER_CPU,
          Figure.PROCESS_CPU,
          Figure.P999,
          Figure.MAX,
          Figure.GC,
          Figure.WRITTEN,
          Figure.DATA);

  private static final int NAME_WIDTH = 18;
  private static final int CELL_WIDTH = 24;

  private final PrintWriter out;

  TextReport(PrintWriter out) {
    this.out = out;
  }

  void print(Results results, boolean allFigures) {
    section("Machine", results.machine());
    section("Settings", results.settings());
    results.engines().forEach(this::engine);
    for (Figure figure : allFigures ? List.of(Figure.values()) : MAIN) {
      table(results, figure);
    }
    notes(results);
    sums(results);
    out.flush();
  }

  private void section(String title, Map<String, String> lines) {
    out.println();
    out.println(title);
    lines.forEach((name, text) -> out.printf(Locale.ROOT, "  %-20s %s%n", name, text));
  }

  private void engine(EngineName name, EngineResults results) {
    section("Engine " + name, results.facts);
    if (results.obstacle != null) {
      out.println("  NO RESULT            " + results.obstacle);
    }
  }

  private void table(Results results, Figure figure) {
    List<EngineName> shown =
        results.engines().keySet().stream()
            .filter(
                e ->
                    results.workloads().stream()
                        .anyMatch(w -> results.get(e, w, figure).isPresent()))
            .toList();
    if (shown.isEmpty()) {
      return;
    }
    String unit = figure.unit().isEmpty() ? "" : " [" + figure.unit() + "]";
    out.printf(Locale.ROOT, "%n%s%s%n", figure.description(), unit);
    out.println(
        "  median, then how many times better than the best RocksDB: + in all rounds, - worse in all");
    out.print(" ".repeat(NAME_WIDTH));
    shown.forEach(engine -> out.printf(Locale.ROOT, "%" + CELL_WIDTH + "s", engine));
    out.println();
    for (WorkloadName workload : results.workloads()) {
      out.printf(Locale.ROOT, "%-" + NAME_WIDTH + "s", workload);
      for (EngineName engine : shown) {
        out.printf(Locale.ROOT, "%" + CELL_WIDTH + "s", cell(results, engine, workload, figure));
      }
      out.println();
    }
  }

  private static String cell(
      Results results, EngineName engine, WorkloadName workload, Figure figure) {
    Optional<Spread> spread = results.get(engine, workload, figure);
    if (spread.isEmpty()) {
      return "-";
    }
    double median = spread.get().median();
    String ratio =
        results
            .bestRocksDb(workload, figure)
            .map(best -> ratio(figure.ratio(median, best.median())))
            .orElse("");
    String mark = results.outcome(engine, workload, figure).map(TextReport::mark).orElse("");
    return number(median) + String.format(Locale.ROOT, "%8s%2s", ratio, mark);
  }

  static String mark(Outcome outcome) {
    return switch (outcome) {
      case WIN -> "+";
      case TIE -> "";
      case LOSS -> "-";
    };
  }

  static String ratio(double ratio) {
    return Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.2f", ratio);
  }

  /** At least three digits. */
  static String number(double value) {
    return String.format(
        Locale.ROOT,
        Math.abs(value) < 10 ? "%.2f" : Math.abs(value) < 100 ? "%.1f" : "%,.0f",
        value);
  }

  private void notes(Results results) {
    results
        .engines()
        .forEach(
            (name, engine) ->
                engine.notes.forEach(
                    (workload, text) ->
                        out.printf(Locale.ROOT, "%nNote: %s, %s: %s", name, workload, text)));
    out.println();
  }

  private void sums(Results results) {
    if (results.engines().keySet().stream().noneMatch(EngineName::isRocksDb)) {
      return;
    }
    out.println();
    for (EngineName engine : results.engines().keySet()) {
      if (!engine.isRocksDb()) {
        int[] counts = counts(results, engine);
        out.printf(
            Locale.ROOT,
            "%s beside the best RocksDB: %d better, %d alike, %d worse%n",
            engine,
            counts[0],
            counts[1],
            counts[2]);
      }
    }
  }

  /** How often an engine won, tied and lost. */
  static int[] counts(Results results, EngineName engine) {
    int[] counts = new int[Outcome.values().length];
    for (WorkloadName workload : results.workloads()) {
      for (Figure figure : Figure.values()) {
        if (figure.isCompared()) {
          results.outcome(engine, workload, figure).ifPresent(o -> counts[o.ordinal()]++);
        }
      }
    }
    return counts;
  }
}
