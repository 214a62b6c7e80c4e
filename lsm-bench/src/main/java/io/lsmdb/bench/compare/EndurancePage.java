package io.lsmdb.bench.compare;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A long run as one HTML page that needs nothing else, readable on paper. Not thread-safe. */
final class EndurancePage {
  private static final List<Figure> PLOTS =
      List.of(Figure.P999, Figure.MAX, Figure.P50, Figure.THROUGHPUT, Figure.GC);

  private static final String HOW_TO_READ =
      """
      <p>Each event has a moment at which it is due, and its latency counts from then, so that a
      pause of the store is seen by all events that came due meanwhile. A second shows the events
      that were due in it, and as throughput those that ended in it. What decides is 99.9 % over the
      whole run, and the worst second. lsmdb tells when a flush or compaction has ended; RocksDB also
      when it began, hence its bands; other engines tell nothing. RocksDB calls writes delayed or
      stopped while it slows them down; lsmdb tells how long writes waited. Engines run one after
      the other, so a disturbance of the machine may meet one alone: repeat what matters.</p>
      """;

  private EndurancePage() {}

  /** The page. */
  static String of(EnduranceResults results) {
    HtmlPage page = new HtmlPage("A state store under steady load");
    results
        .runs()
        .forEach(
            (engine, run) -> {
              if (run.obstacle != null) {
                page.paragraph(engine + ":", run.obstacle);
              }
            });
    summary(results, page);
    page.add(HOW_TO_READ);
    plots(results, page);
    page.section("Settings", results.settings());
    page.section("Machine", results.machine());
    results.runs().forEach((engine, run) -> page.section(engine.toString(), run.facts));
    return page.finish();
  }

  private static void summary(EnduranceResults results, HtmlPage page) {
    Map<EngineName, Map<String, String>> columns = new EnumMap<>(EngineName.class);
    Set<String> names = new LinkedHashSet<>();
    results
        .runs()
        .forEach(
            (engine, run) -> {
              columns.put(engine, EnduranceReport.summary(run));
              names.addAll(columns.get(engine).keySet());
            });
    page.add("<div class=\"scroll\"><table>\n<tr><th></th>");
    results.runs().keySet().forEach(engine -> page.add("<th>" + engine + "</th>"));
    page.add("</tr>\n");
    for (String name : names) {
      page.add("<tr><td>" + HtmlPage.escape(name) + "</td>");
      for (EngineName engine : results.runs().keySet()) {
        String text = columns.get(engine).getOrDefault(name, "–");
        page.add("<td>" + HtmlPage.escape(text) + "</td>");
      }
      page.add("</tr>\n");
    }
    page.add("</table></div>\n");
  }

  private static void plots(EnduranceResults results, HtmlPage page) {
    Map<EngineName, EnduranceResults.Run> runs = new LinkedHashMap<>(results.runs());
    runs.values().removeIf(run -> run.seconds.isEmpty());
    if (runs.isEmpty()) {
      return;
    }
    int seconds = runs.values().stream().mapToInt(run -> run.seconds.size()).max().orElse(1);
    TimeAxis axis = new TimeAxis(seconds);
    String lanes = new MarkLanes(runs, axis).draw();
    for (Figure figure : PLOTS) {
      if (runs.values().stream().noneMatch(run -> has(run, figure))) {
        continue;
      }
      page.add("<figure>" + new TimePlot(runs, figure, axis).draw() + "</figure>\n");
      if (figure == PLOTS.get(0)) {
        page.add("<figure>" + lanes + "</figure>\n");
      }
    }
  }

  private static boolean has(EnduranceResults.Run run, Figure figure) {
    return run.seconds.stream().anyMatch(second -> second.containsKey(figure));
  }
}
