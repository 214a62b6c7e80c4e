package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Results.Outcome;
import io.lsmdb.bench.compare.Results.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Results as one HTML page that needs nothing else, readable on paper. Not thread-safe. */
final class HtmlReport {
  private static final List<Figure> CHARTS =
      List.of(
          Figure.CALLER_CPU,
          Figure.PROCESS_CPU,
          Figure.THROUGHPUT,
          Figure.P999,
          Figure.WRITTEN,
          Figure.DATA);

  private static final String HOW_TO_READ =
      """
      <h2>How to read this</h2>
      <p>Medians of all rounds; a thin line on a bar, and small type in the tables, show the least
      and the largest. × says how many times better an engine is than the best variant of RocksDB in
      the same run: below 1 is worse. + and − after it, and colours, mark where all rounds of the one
      were better or worse than all rounds of the other; without a mark, call it a tie. Where a
      workload writes, variants of RocksDB without a log do not count as the best. Each workload has
      a scale of its own, from 0.</p>
      """;

  private final Results results;
  private final List<EngineName> engines;
  private final HtmlPage page = new HtmlPage("lsmdb beside other stores");

  private HtmlReport(Results results) {
    this.results = results;
    this.engines = new ArrayList<>(results.engines().keySet());
  }

  /** The page. */
  static String of(Results results) {
    return new HtmlReport(results).make();
  }

  private String make() {
    sums();
    page.section("Machine", results.machine());
    page.section("Settings", results.settings());
    page.add(HOW_TO_READ);
    for (Figure figure : CHARTS) {
      new BarCharts(results, figure).addTo(page);
    }
    tables();
    circumstances();
    return page.finish();
  }

  private void sums() {
    for (EngineName engine : engines) {
      String obstacle = results.engine(engine).obstacle;
      if (obstacle != null) {
        page.paragraph(engine + ":", obstacle);
      }
      int[] counts = TextReport.counts(results, engine);
      if (!engine.isRocksDb() && counts[0] + counts[1] + counts[2] > 0) {
        page.paragraph(
            engine.toString(),
            String.format(
                Locale.ROOT,
                "beside the best RocksDB: %d figures better in all rounds, %d alike, %d worse.",
                counts[0],
                counts[1],
                counts[2]));
      }
    }
  }

  private void tables() {
    for (Figure figure : Figure.values()) {
      List<EngineName> shown = engines.stream().filter(engine -> has(engine, figure)).toList();
      if (shown.isEmpty()) {
        continue;
      }
      page.heading(title(figure)).add("<div class=\"scroll\"><table>\n<tr><th></th>");
      shown.forEach(engine -> page.add("<th>" + engine + "</th>"));
      page.add("</tr>\n");
      for (WorkloadName workload : results.workloads()) {
        if (shown.stream().noneMatch(e -> results.get(e, workload, figure).isPresent())) {
          continue;
        }
        page.add("<tr><td>" + workload + "</td>");
        shown.forEach(engine -> page.add(cell(engine, workload, figure)));
        page.add("</tr>\n");
      }
      page.add("</table></div>\n");
    }
  }

  private boolean has(EngineName engine, Figure figure) {
    return results.workloads().stream().anyMatch(w -> results.get(engine, w, figure).isPresent());
  }

  private String cell(EngineName engine, WorkloadName workload, Figure figure) {
    Optional<Spread> spread = results.get(engine, workload, figure);
    if (spread.isEmpty()) {
      return "<td>–</td>";
    }
    Optional<Outcome> outcome = results.outcome(engine, workload, figure);
    boolean marked = figure.isCompared() && outcome.isPresent() && outcome.get() != Outcome.TIE;
    String style = marked ? " class=\"" + outcome.get().name().toLowerCase(Locale.ROOT) + "\"" : "";
    String sign = marked ? TextReport.mark(outcome.get()) : "";
    String ratio =
        results
            .bestRocksDb(workload, figure)
            .map(best -> TextReport.ratio(figure.ratio(spread.get().median(), best.median())))
            .filter(text -> figure.isCompared() && !text.isEmpty())
            .map(text -> " <b>×" + text + sign + "</b>")
            .orElse("");
    return String.format(
        Locale.ROOT,
        "<td%s>%s%s <small>%s–%s</small></td>",
        style,
        TextReport.number(spread.get().median()),
        ratio,
        TextReport.number(spread.get().min()),
        TextReport.number(spread.get().max()));
  }

  private void circumstances() {
    Map<String, String> workloads = new LinkedHashMap<>();
    results.workloads().forEach(w -> workloads.put(w.toString(), w.description()));
    page.section("Workloads", workloads);
    results
        .engines()
        .forEach(
            (name, engine) -> {
              page.section(name.toString(), engine.facts);
              engine.notes.forEach((workload, note) -> page.paragraph(workload + ":", note));
            });
  }

  private static String title(Figure figure) {
    return figure.description() + (figure.unit().isEmpty() ? "" : " [" + figure.unit() + "]");
  }
}
