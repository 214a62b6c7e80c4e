package io.lsmdb.bench.compare;

import java.util.List;

/**
 * Colours and dashes of the engines in charts. Stateless.
 *
 * <p>This library is the darkest, and lines differ by their dashes too, so that charts survive a
 * printer without colours.
 */
final class Palette {
  private static final List<String> COLOURS =
      List.of(
          "#0b4a7d", "#dd7733", "#eeb07a", "#a65e2e", "#c99a6b", "#5f9e6e", "#c2617a", "#8a76b5",
          "#a9a43c");

  private static final List<String> DASHES =
      List.of("", "7 3", "2 3", "9 3 2 3", "4 4", "1 3", "12 4", "6 2 1 2", "3 1");

  private Palette() {}

  static String colour(EngineName engine) {
    return COLOURS.get(engine.ordinal() % COLOURS.size());
  }

  /** Attributes of a filled shape. */
  static String fill(EngineName engine) {
    return "fill=\"" + colour(engine) + "\"";
  }

  /** Attributes of a line. */
  static String stroke(EngineName engine) {
    String dash = DASHES.get(engine.ordinal() % DASHES.size());
    String dashed = dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\"";
    return "fill=\"none\" stroke=\"" + colour(engine) + "\" stroke-width=\"1.5\"" + dashed;
  }
}
