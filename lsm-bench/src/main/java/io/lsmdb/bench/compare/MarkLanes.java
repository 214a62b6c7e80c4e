package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.EnduranceResults.Run;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happened in the background of a long run, a lane for each kind and engine. Stateless but for
 * what it shows.
 *
 * <p>Marks that would cover each other are drawn as one.
 */
final class MarkLanes {
  private static final int TOP = 22;
  private static final int LANE = 13;
  private static final int MARK = 9;
  private static final int GAP = 8;
  private static final double LEAST_WIDTH = 1.5;

  private static final Map<BackgroundEvents.Kind, String> FILLS =
      new EnumMap<>(
          Map.of(
              BackgroundEvents.Kind.FLUSH, "fill=\"#3b8bc4\"",
              BackgroundEvents.Kind.COMPACTION, "fill=\"#9aa5ad\"",
              BackgroundEvents.Kind.STALL, "fill=\"#b3261e\"",
              BackgroundEvents.Kind.CHECKPOINT, "fill=\"#2e7d4f\""));

  private final Map<EngineName, Run> runs;
  private final TimeAxis axis;

  MarkLanes(Map<EngineName, Run> runs, TimeAxis axis) {
    this.runs = runs;
    this.axis = axis;
  }

  /** The drawing; empty if no engine has told anything. */
  String draw() {
    Svg lanes = new Svg();
    Svg svg = new Svg();
    double y = TOP;
    for (Map.Entry<EngineName, Run> run : runs.entrySet()) {
      double before = y;
      for (BackgroundEvents.Kind kind : BackgroundEvents.Kind.values()) {
        List<Mark> marks =
            run.getValue().marks.stream().filter(mark -> mark.kind() == kind).toList();
        if (!marks.isEmpty()) {
          lane(lanes, y, run.getKey() + " " + kind, marks);
          y += LANE;
        }
      }
      y += y > before ? GAP : 0;
    }
    if (y == TOP) {
      return "";
    }
    String title = "What happened in the background";
    svg.text(0, 12, "class=\"title\"", title);
    axis.draw(svg, TOP, y);
    return svg.raw(lanes.markup()).inline(TimeAxis.WIDTH, y + 22, title);
  }

  private void lane(Svg svg, double y, String name, List<Mark> marks) {
    svg.text(axis.left() - 8, y + MARK, "text-anchor=\"end\"", shorten(name));
    svg.line(axis.left(), y + MARK / 2.0, axis.right(), y + MARK / 2.0, "stroke=\"#ddd\"");
    List<Mark> sorted =
        marks.stream().sorted((a, b) -> Double.compare(a.beginMillis(), b.beginMillis())).toList();
    Mark drawn = null;
    for (Mark mark : sorted) {
      if (drawn == null) {
        drawn = mark;
      } else if (right(drawn) >= x(mark.beginMillis()) - 0.5) {
        drawn = drawn.and(mark);
      } else {
        draw(svg, y, drawn);
        drawn = mark;
      }
    }
    draw(svg, y, drawn);
  }

  /** Leaves room for the longest name of an engine. */
  private static String shorten(String name) {
    return name.replace("rocksdb-kafka-streams", "kafka-streams");
  }

  private void draw(Svg svg, double y, Mark mark) {
    double x = x(mark.beginMillis());
    svg.rectangle(x, y, right(mark) - x, MARK, FILLS.get(mark.kind()), tip(mark));
  }

  private double x(double millis) {
    return axis.x(millis / 1000);
  }

  private double right(Mark mark) {
    return Math.max(x(mark.endMillis()), x(mark.beginMillis()) + LEAST_WIDTH);
  }

  private static String tip(Mark mark) {
    return String.format(
        Locale.ROOT,
        "%d × %s, %s, at %.1f s%s",
        mark.count(),
        mark.kind(),
        mark.text(),
        mark.beginMillis() / 1000,
        mark.millis() > 0 ? " for " + Quantity.nanos(mark.millis() * 1e6) : "");
  }
}
