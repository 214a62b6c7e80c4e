package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.EnduranceResults.Run;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One figure of all engines over the seconds of a long run, as lines. Stateless but for what it
 * shows.
 *
 * <p>Latencies have a logarithmic axis. At least one second must have the figure. Where there are
 * more seconds than {@link #POINTS}, a point stands for several, by the worst of them.
 */
final class TimePlot {
  private static final int POINTS = 450;
  private static final int TOP = 30;
  private static final int HEIGHT = 170;
  private static final int BOTTOM = 22;
  private static final double LOWEST_NANOS = 1e3;

  private final Map<EngineName, Run> runs;
  private final Figure figure;
  private final TimeAxis axis;
  private final double low;
  private final double high;

  TimePlot(Map<EngineName, Run> runs, Figure figure, TimeAxis axis) {
    this.runs = runs;
    this.figure = figure;
    this.axis = axis;
    double largest = extreme(true);
    if (isLogarithmic()) {
      low = Math.pow(10, Math.floor(Math.log10(Math.max(LOWEST_NANOS, extreme(false)))));
      high = Math.max(low * 10, Math.pow(10, Math.ceil(Math.log10(largest))));
    } else {
      low = 0;
      high = Math.max(1, largest * 1.1);
    }
  }

  private boolean isLogarithmic() {
    return figure.unit().equals("ns");
  }

  private double extreme(boolean largest) {
    double found = largest ? 1 : Double.MAX_VALUE;
    for (Run run : runs.values()) {
      for (Map<Figure, Double> second : run.seconds) {
        double value = second.getOrDefault(figure, found);
        found = largest ? Math.max(found, value) : Math.min(found, value);
      }
    }
    return found;
  }

  /** The drawing. */
  String draw() {
    Svg svg = new Svg();
    svg.text(0, 12, "class=\"title\"", title());
    legend(svg);
    grid(svg);
    axis.draw(svg, TOP, TOP + HEIGHT);
    runs.forEach((engine, run) -> svg.path(line(run.seconds), Palette.stroke(engine)));
    return svg.inline(TimeAxis.WIDTH, TOP + HEIGHT + BOTTOM, title());
  }

  private String title() {
    return figure.description()
        + (figure.isMoreBetter() ? ": more" : ": less")
        + " is better"
        + (isLogarithmic() ? ", logarithmic" : "");
  }

  private void legend(Svg svg) {
    double x = axis.right();
    List<EngineName> engines = List.copyOf(runs.keySet());
    for (int i = engines.size() - 1; i >= 0; i--) {
      EngineName engine = engines.get(i);
      x -= 7 * engine.toString().length() + 12;
      svg.text(x, 12, "", engine.toString());
      svg.line(x - 34, 8, x - 5, 8, Palette.stroke(engine));
      x -= 40;
    }
  }

  private void grid(Svg svg) {
    double step = isLogarithmic() ? 0 : niceStep(high / 4);
    for (double value = low; value <= high * 1.001; value = step == 0 ? value * 10 : value + step) {
      svg.line(axis.left(), y(value), axis.right(), y(value), "stroke=\"#ddd\"");
      String label = isLogarithmic() ? decade(value) : Quantity.of(figure, value);
      svg.text(axis.left() - 8, y(value) + 4, "text-anchor=\"end\"", value == 0 ? "0" : label);
    }
  }

  private static String decade(double nanos) {
    return Quantity.nanos(nanos).replaceFirst("\\.0+ ", " ");
  }

  /** 1, 2 or 5 times a power of ten, at least as large. */
  private static double niceStep(double atLeast) {
    double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= atLeast * 0.999) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private double y(double value) {
    double part =
        isLogarithmic()
            ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
            : value / high;
    return TOP + HEIGHT * (1 - Math.min(1, part));
  }

  private String line(List<Map<Figure, Double>> seconds) {
    StringBuilder commands = new StringBuilder();
    int width = (seconds.size() + POINTS - 1) / POINTS;
    for (int from = 0; from < seconds.size(); from += width) {
      int to = Math.min(seconds.size(), from + width);
      double worst = Double.NaN;
      for (Map<Figure, Double> second : seconds.subList(from, to)) {
        Double value = second.get(figure);
        if (value != null && !figure.isBetter(value, worst)) {
          worst = value;
        }
      }
      if (!Double.isNaN(worst)) {
        commands.append(commands.length() == 0 ? 'M' : 'L');
        commands.append(
            String.format(Locale.ROOT, "%.1f %.1f", axis.x((from + to) / 2.0), y(worst)));
      }
    }
    return commands.length() == 0 ? "M0 0" : commands.toString();
  }
}
