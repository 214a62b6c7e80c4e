package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Results.EngineResults;
import io.lsmdb.bench.compare.Results.Outcome;
import io.lsmdb.bench.compare.Results.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Results as one HTML page that needs nothing else, readable on paper. Not thread-safe.
 *
 * <p>Charts show medians as bars with a line from the least to the largest round; bars of one
 * workload are to one scale, and in the order of the legend, so that they can be told apart without
 * colours.
 */
final class HtmlReport {
  private static final List<Figure> CHARTS =
      List.of(Figure.THROUGHPUT, Figure.CALLER_CPU, Figure.PROCESS_CPU, Figure.P999);

  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em;
        padding: 0 1em; color: #1a1a1a; background: #fff; }
      h1, h2, h3 { line-height: 1.2; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.5em 0; }
      th, td { padding: 0.15em 0.7em; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child { text-align: left; }
      td small { color: #555; }
      .win { background: #e2f2e4; } .loss { background: #fbe3df; }
      .scroll { overflow-x: auto; }
      svg { max-width: 100%; height: auto; }
      svg text { font: 12px system-ui, sans-serif; fill: #1a1a1a; }
      section { break-inside: auto; } h2, h3 { break-after: avoid; }
      table, svg { break-inside: avoid; }
      @media print { body { margin: 0; font-size: 10px; max-width: none; }
        .win, .loss { print-color-adjust: exact; } th, td { padding: 0.1em 0.4em; } }
      """;

  private static final List<String> COLOURS =
      List.of(
          "#1b6ca8", "#c8553d", "#e0a458", "#8d6a9f", "#6b7f82", "#4f9d69", "#b5838d", "#2f4858",
          "#a3a847");

  private final Results results;
  private final List<EngineName> engines;
  private final StringBuilder out = new StringBuilder();

  private HtmlReport(Results results) {
    this.results = results;
    this.engines = new ArrayList<>(results.engines().keySet());
  }

  /** The page. */
  static String of(Results results) {
    return new HtmlReport(results).page();
  }

  private String page() {
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<title>lsmdb beside other stores</title>\n<style>\n").append(STYLE);
    out.append("</style>\n</head>\n<body>\n<h1>lsmdb beside other stores</h1>\n");
    sums();
    for (Figure figure : CHARTS) {
      new Chart(figure).draw();
    }
    tables();
    circumstances();
    return out.append("</body>\n</html>\n").toString();
  }

  private void sums() {
    for (EngineName engine : engines) {
      if (!engine.isRocksDb() && engines.stream().anyMatch(EngineName::isRocksDb)) {
        int[] counts = TextReport.counts(results, engine);
        out.append(
            String.format(
                Locale.ROOT,
                "<p><b>%s</b> beside the best RocksDB: %d figures better in all rounds,"
                    + " %d alike, %d worse.</p>\n",
                engine,
                counts[0],
                counts[1],
                counts[2]));
      }
    }
    results
        .engines()
        .forEach(
            (name, engine) -> {
              if (engine.obstacle != null) {
                out.append("<p><b>").append(name).append("</b>: ");
                out.append(escape(engine.obstacle)).append("</p>\n");
              }
            });
  }

  private void tables() {
    for (Figure figure : Figure.values()) {
      if (engines.stream().noneMatch(engine -> has(engine, figure))) {
        continue;
      }
      out.append("<section><h2>").append(escape(title(figure))).append("</h2>\n");
      out.append("<div class=\"scroll\"><table>\n<tr><th></th>");
      engines.forEach(engine -> out.append("<th>").append(engine).append("</th>"));
      out.append("</tr>\n");
      for (WorkloadName workload : results.workloads()) {
        out.append("<tr><td title=\"").append(escape(workload.description())).append("\">");
        out.append(workload).append("</td>");
        engines.forEach(engine -> cell(engine, workload, figure));
        out.append("</tr>\n");
      }
      out.append("</table></div></section>\n");
    }
  }

  private boolean has(EngineName engine, Figure figure) {
    return results.workloads().stream().anyMatch(w -> results.get(engine, w, figure).isPresent());
  }

  private void cell(EngineName engine, WorkloadName workload, Figure figure) {
    Optional<Spread> spread = results.get(engine, workload, figure);
    if (spread.isEmpty()) {
      out.append("<td>–</td>");
      return;
    }
    Optional<Outcome> outcome = results.outcome(engine, workload, figure);
    boolean marked = figure.isCompared() && outcome.isPresent() && outcome.get() != Outcome.TIE;
    out.append(marked ? "<td class=\"" + outcome.get().name().toLowerCase(Locale.ROOT) : "<td");
    out.append(marked ? "\">" : ">").append(TextReport.number(spread.get().median()));
    results
        .bestRocksDb(workload, figure)
        .map(best -> TextReport.ratio(figure.ratio(spread.get().median(), best.median())))
        .filter(ratio -> figure.isCompared() && !ratio.isEmpty())
        .ifPresent(ratio -> out.append(" <b>×").append(ratio).append("</b>"));
    out.append(" <small>").append(TextReport.number(spread.get().min())).append('–');
    out.append(TextReport.number(spread.get().max())).append("</small></td>");
  }

  private void circumstances() {
    out.append(
        "<section><h2>How to read this</h2>\n<p>Medians of all rounds, in small type the least and"
            + " the largest. × says how many times better an engine is than the best variant of"
            + " RocksDB; coloured where all rounds of the one are on the same side of all rounds of"
            + " the other. Where a workload writes, variants of RocksDB without a log do not count"
            + " as the best.</p>\n<table>\n");
    for (WorkloadName workload : results.workloads()) {
      row(workload.toString(), workload.description());
    }
    out.append("</table></section>\n");
    section("Machine", results.machine());
    section("Settings", results.settings());
    for (Map.Entry<EngineName, EngineResults> engine : results.engines().entrySet()) {
      section(engine.getKey().toString(), engine.getValue().facts);
      engine
          .getValue()
          .notes
          .forEach(
              (workload, note) ->
                  out.append("<p>").append(workload).append(": ").append(escape(note) + "</p>\n"));
    }
  }

  private void section(String title, Map<String, String> lines) {
    out.append("<section><h2>").append(escape(title)).append("</h2>\n<table>\n");
    lines.forEach(this::row);
    out.append("</table></section>\n");
  }

  private void row(String name, String text) {
    out.append("<tr><td>").append(escape(name)).append("</td><td style=\"text-align:left\">");
    out.append(escape(text)).append("</td></tr>\n");
  }

  private static String title(Figure figure) {
    return figure.description() + (figure.unit().isEmpty() ? "" : " [" + figure.unit() + "]");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** One figure of all workloads as horizontal bars. */
  private final class Chart {
    private static final int WIDTH = 900;
    private static final int NAMES = 130;
    private static final int NUMBERS = 190;
    private static final int BAR = 11;
    private static final int GAP = 9;
    private static final int LEGEND = 24;

    private final Figure figure;
    private final List<EngineName> shown;
    private int y = LEGEND;

    Chart(Figure figure) {
      this.figure = figure;
      this.shown = engines.stream().filter(e -> has(e, figure)).toList();
    }

    void draw() {
      StringBuilder bars = new StringBuilder();
      for (WorkloadName workload : results.workloads()) {
        group(workload, bars);
      }
      if (bars.isEmpty()) {
        return;
      }
      out.append("<section><h3>").append(escape(title(figure)));
      out.append(figure.ratio(2, 1) > 1 ? ", more is better" : ", less is better");
      out.append("; each workload to its own scale</h3>\n");
      out.append(
          String.format(
              Locale.ROOT,
              "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\""
                  + " aria-label=\"%s\">\n",
              WIDTH,
              y,
              WIDTH,
              y,
              escape(figure.description())));
      int x = NAMES;
      for (EngineName engine : shown) {
        rectangle(out, x, 4, 10, colour(engine));
        text(out, x + 14, 13, "start", engine.toString());
        x += 30 + 7 * engine.toString().length();
      }
      out.append(bars).append("</svg></section>\n");
    }

    private void group(WorkloadName workload, StringBuilder bars) {
      double largest =
          shown.stream()
              .flatMap(engine -> results.get(engine, workload, figure).stream())
              .mapToDouble(Spread::max)
              .max()
              .orElse(0);
      if (largest <= 0) {
        return;
      }
      text(bars, NAMES - 8, y + BAR - 1, "end", workload.toString());
      for (EngineName engine : shown) {
        Optional<Spread> spread = results.get(engine, workload, figure);
        if (spread.isPresent()) {
          bar(bars, engine, workload, spread.get(), (WIDTH - NAMES - NUMBERS) / largest);
          y += BAR + 1;
        }
      }
      y += GAP;
    }

    private void bar(
        StringBuilder bars, EngineName engine, WorkloadName workload, Spread spread, double scale) {
      double length = Math.max(1, spread.median() * scale);
      rectangle(bars, NAMES, y, length, colour(engine));
      bars.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#1a1a1a\"/>\n",
              NAMES + spread.min() * scale,
              y + BAR / 2.0,
              NAMES + spread.max() * scale));
      String ratio =
          results
              .bestRocksDb(workload, figure)
              .filter(best -> !engine.isRocksDb())
              .map(best -> TextReport.ratio(figure.ratio(spread.median(), best.median())))
              .map(text -> text.isEmpty() ? "" : " ×" + text)
              .orElse("");
      double end = NAMES + Math.max(length, spread.max() * scale) + 5;
      text(bars, end, y + BAR - 1, "start", TextReport.number(spread.median()) + ratio);
    }

    private String colour(EngineName engine) {
      return COLOURS.get(engine.ordinal() % COLOURS.size());
    }

    private static void rectangle(
        StringBuilder into, double x, double y, double width, String colour) {
      into.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
              x,
              y,
              width,
              BAR,
              colour));
    }

    private static void text(StringBuilder into, double x, double y, String anchor, String text) {
      into.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
              x,
              y,
              anchor,
              escape(text)));
    }
  }
}
