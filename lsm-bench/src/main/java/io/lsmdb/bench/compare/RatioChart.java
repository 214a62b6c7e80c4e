package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Results.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One drawing for a README: how many times better this library is than the best RocksDB, sorted
 * bars on a logarithmic axis, losses to the left of one.
 *
 * <p>Stateless but for what it shows. The file needs nothing else and follows the light or dark
 * mode of its reader.
 */
final class RatioChart {
  private static final int WIDTH = 760;
  private static final int NAMES = 150;
  private static final int RIGHT = WIDTH - 190;
  private static final int TOP = 62;
  private static final int ROW = 24;
  private static final int BAR = 14;

  private static final String STYLE =
      """
      <style>
      text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
        fill: #1f2328; }
      .title { font-size: 15px; font-weight: 600; }
      .faint { fill: #59636e; font-size: 11px; }
      .value { font-weight: 600; }
      .better { fill: #1f6feb; } .worse { fill: #bc4c00; } .tie { fill: #8c959f; }
      .grid { stroke: #d1d9e0; } .one { stroke: #59636e; }
      @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc; } .faint { fill: #9198a1; }
        .better { fill: #4493f8; } .worse { fill: #db6d28; } .tie { fill: #6e7681; }
        .grid { stroke: #3d444d; } .one { stroke: #9198a1; }
      }
      </style>
      """;

  private final Results results;
  private final Figure figure;
  private final List<Row> rows = new ArrayList<>();

  private record Row(WorkloadName workload, double ratio, Spread ours, Spread theirs) {}

  RatioChart(Results results, Figure figure, List<WorkloadName> workloads) {
    this.results = results;
    this.figure = figure;
    for (WorkloadName workload : workloads) {
      Optional<Spread> ours = results.get(EngineName.LSMDB, workload, figure);
      Optional<Spread> theirs = results.bestRocksDb(workload, figure);
      if (ours.isPresent() && theirs.isPresent()) {
        double ratio = figure.ratio(ours.get().median(), theirs.get().median());
        if (ratio > 0) {
          rows.add(new Row(workload, ratio, ours.get(), theirs.get()));
        }
      }
    }
    rows.sort(Comparator.comparingDouble(Row::ratio).reversed());
  }

  /** Whether there is nothing to show. */
  boolean isEmpty() {
    return rows.isEmpty();
  }

  /** The content of an SVG file. */
  String draw() {
    double low = Math.min(1, floor(rows.get(rows.size() - 1).ratio()));
    double high = Math.max(2, rows.get(0).ratio());
    Svg svg = new Svg().raw(STYLE);
    String title = "How many times better than the best RocksDB";
    svg.text(0, 16, "class=\"title\"", title);
    svg.text(0, 35, "class=\"faint\"", subtitle());
    double bottom = TOP + rows.size() * ROW;
    for (double tick : new double[] {0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128}) {
      if (tick >= low && tick <= high) {
        String style = tick == 1 ? "class=\"one\"" : "class=\"grid\"";
        double x = x(tick, low, high);
        svg.line(x, TOP - 6, x, bottom, style);
        svg.text(x, TOP - 10, "class=\"faint\" text-anchor=\"middle\"", label(tick));
      }
    }
    double y = TOP;
    for (Row row : rows) {
      bar(svg, row, y, low, high);
      y += ROW;
    }
    svg.text(0, bottom + 18, "class=\"faint\"", circumstances());
    return svg.file(WIDTH, bottom + 28, title + ": " + figure.description());
  }

  private void bar(Svg svg, Row row, double y, double low, double high) {
    double one = x(1, low, high);
    double end = x(row.ratio(), low, high);
    String style =
        !row.ours().isApartFrom(row.theirs()) ? "tie" : row.ratio() > 1 ? "better" : "worse";
    svg.text(NAMES - 12, y + BAR - 3, "text-anchor=\"end\"", row.workload().toString());
    svg.rectangle(
        Math.min(one, end),
        y,
        Math.max(1, Math.abs(end - one)),
        BAR,
        "class=\"" + style + "\"",
        row.workload().description());
    double at = Math.max(one, end) + 6;
    String ratio = String.format(Locale.ROOT, row.ratio() < 9.95 ? "×%.1f" : "×%.0f", row.ratio());
    svg.text(at, y + BAR - 3, "class=\"value\"", ratio);
    svg.text(
        at + 40,
        y + BAR - 3,
        "class=\"faint\"",
        Quantity.of(figure, row.ours().median())
            + " against "
            + Quantity.of(figure, row.theirs().median()));
  }

  private String subtitle() {
    return figure.description()
        + ", medians; logarithmic, longer is better"
        + (rows.stream().allMatch(row -> row.ours().isApartFrom(row.theirs()))
            ? ""
            : "; grey: rounds overlap");
  }

  private String circumstances() {
    return setting("records")
        + " records, keys of "
        + setting("keys")
        + ", values of "
        + setting("values")
        + "; rounds: "
        + setting("rounds")
        + "; processors: "
        + results.machine().getOrDefault("processors", "?");
  }

  /** What a setting says up to its first comma. */
  private String setting(String name) {
    return results.settings().getOrDefault(name, "?").split(",")[0];
  }

  private static String label(double tick) {
    return tick < 1 ? "1/" + Math.round(1 / tick) : "×" + Math.round(tick);
  }

  /** The power of two at or below. */
  private static double floor(double ratio) {
    return Math.pow(2, Math.floor(Math.log(ratio) / Math.log(2)));
  }

  private static double x(double ratio, double low, double high) {
    return NAMES + (RIGHT - NAMES) * Math.log(ratio / low) / Math.log(high / low);
  }
}
