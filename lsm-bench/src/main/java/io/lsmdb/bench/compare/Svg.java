package io.lsmdb.bench.compare;

import java.util.Locale;

/**
 * A drawing that is being made, in the units of its view box. Not thread-safe.
 *
 * <p>Numbers are written with one decimal, texts escaped.
 */
final class Svg {
  private final StringBuilder out = new StringBuilder();

  Svg() {}

  /** A filled rectangle, with a text that shows when pointed at; none if empty. */
  Svg rectangle(double x, double y, double width, double height, String attributes, String tip) {
    out.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" %s",
            x,
            y,
            width,
            height,
            attributes));
    out.append(tip.isEmpty() ? "/>\n" : "><title>" + HtmlPage.escape(tip) + "</title></rect>\n");
    return this;
  }

  /** A straight line. */
  Svg line(double x1, double y1, double x2, double y2, String attributes) {
    out.append(
        String.format(
            Locale.ROOT, "<path d=\"M%.1f %.1fL%.1f %.1f\" %s/>\n", x1, y1, x2, y2, attributes));
    return this;
  }

  /** A path whose commands are made elsewhere. */
  Svg path(String commands, String attributes) {
    out.append("<path d=\"").append(commands).append("\" ").append(attributes).append("/>\n");
    return this;
  }

  /** A text whose attributes tell its anchor and class. */
  Svg text(double x, double y, String attributes, String text) {
    out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes));
    out.append(HtmlPage.escape(text)).append("</text>\n");
    return this;
  }

  /** Anything that is well-formed, such as a style. */
  Svg raw(String markup) {
    out.append(markup);
    return this;
  }

  /** What was drawn, to be part of another drawing. */
  String markup() {
    return out.toString();
  }

  /** The whole, of a width and height, for a page. */
  String inline(double width, double height, String description) {
    return finish("", width, height, description);
  }

  /** The same for a file of its own. */
  String file(double width, double height, String description) {
    return finish(" xmlns=\"http://www.w3.org/2000/svg\"", width, height, description);
  }

  private String finish(String space, double width, double height, String description) {
    String opening =
        String.format(
            Locale.ROOT,
            "<svg%s viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\""
                + " aria-label=\"%s\">\n",
            space,
            width,
            height,
            width,
            height,
            HtmlPage.escape(description));
    return opening + out + "</svg>\n";
  }
}
