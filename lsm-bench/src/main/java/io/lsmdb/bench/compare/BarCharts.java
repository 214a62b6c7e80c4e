package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Results.Spread;
import java.util.List;
import java.util.Optional;

/**
 * One figure of all workloads, a small chart of bars for each workload. Stateless but for what it
 * shows.
 *
 * <p>A bar is the median, a line on it reaches from the least to the largest round. Bars carry the
 * names of their engines, so that they can be told apart without colours.
 */
final class BarCharts {
  private static final int WIDTH = 340;
  private static final int NAMES = 128;
  private static final int BARS = 94;
  private static final int ROW = 16;
  private static final int BAR = 11;
  private static final int TITLE = 20;

  private final Results results;
  private final Figure figure;
  private final List<EngineName> shown;

  BarCharts(Results results, Figure figure) {
    this.results = results;
    this.figure = figure;
    this.shown = List.copyOf(results.engines().keySet());
  }

  /** Adds the charts to a page; nothing if there are no figures. */
  void addTo(HtmlPage page) {
    StringBuilder cards = new StringBuilder();
    for (WorkloadName workload : results.workloads()) {
      card(workload, cards);
    }
    if (cards.length() > 0) {
      page.heading(
          figure.description() + (figure.isMoreBetter() ? ": more" : ": less") + " is better");
      page.add("<div class=\"cards\">\n" + cards + "</div>\n");
    }
  }

  private void card(WorkloadName workload, StringBuilder into) {
    double largest =
        shown.stream()
            .flatMap(engine -> results.get(engine, workload, figure).stream())
            .mapToDouble(Spread::max)
            .max()
            .orElse(0);
    if (largest <= 0) {
      return;
    }
    Svg svg = new Svg();
    svg.text(0, 12, "class=\"title\"", workload.toString());
    int y = TITLE;
    for (EngineName engine : shown) {
      Optional<Spread> spread = results.get(engine, workload, figure);
      if (spread.isPresent()) {
        row(svg, engine, y, spread.get(), largest);
        svg.text(
            valueAt(spread.get(), largest), y + BAR - 1, "", label(engine, workload, spread.get()));
        y += ROW;
      }
    }
    into.append("<figure>").append(svg.inline(WIDTH, y, workload + ": " + figure.description()));
    into.append("</figure>\n");
  }

  private static void row(Svg svg, EngineName engine, int y, Spread spread, double largest) {
    double scale = BARS / largest;
    svg.text(NAMES - 6, y + BAR - 1, "text-anchor=\"end\"", engine.toString());
    svg.rectangle(NAMES, y, Math.max(1, spread.median() * scale), BAR, Palette.fill(engine), "");
    if (spread.max() > spread.min()) {
      double middle = y + BAR / 2.0;
      double from = NAMES + spread.min() * scale;
      double to = NAMES + spread.max() * scale;
      // White below black shows on dark bars and on paper alike.
      svg.line(from, middle, to, middle, "stroke=\"#fff\" stroke-width=\"3\"");
      svg.line(from, middle, to, middle, "stroke=\"#000\"");
    }
  }

  private static double valueAt(Spread spread, double largest) {
    return NAMES + Math.max(1, spread.max() * BARS / largest) + 5;
  }

  private String label(EngineName engine, WorkloadName workload, Spread spread) {
    String ratio =
        results
            .bestRocksDb(workload, figure)
            .filter(best -> !engine.isRocksDb())
            .map(best -> TextReport.ratio(figure.ratio(spread.median(), best.median())))
            .orElse("");
    return Quantity.of(figure, spread.median()) + (ratio.isEmpty() ? "" : " ×" + ratio);
  }
}
