package io.lsmdb.bench.compare;

import java.util.Map;

/**
 * A page that needs nothing else and reads well on paper, while it is being made. Not thread-safe.
 */
final class HtmlPage {
  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em;
        padding: 0 1em; color: #1a1a1a; background: #fff; }
      h1, h2, h3 { line-height: 1.2; break-after: avoid; } h2 { margin: 1.6em 0 0.3em; }
      p { margin: 0.4em 0; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.5em 0; }
      th, td { padding: 0.15em 0.7em; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child, table.words td { text-align: left; }
      td { white-space: nowrap; } table.words td:last-child { white-space: normal; }
      td small { color: #555; } tr { break-inside: avoid; }
      .win { background: #e2f2e4; } .loss { background: #fbe3df; }
      .scroll { overflow-x: auto; }
      .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr));
        gap: 0.9em 1.2em; margin: 0.6em 0; }
      .cards figure { margin: 0; break-inside: avoid; }
      figure { margin: 0.8em 0; break-inside: avoid; } figcaption { color: #333; }
      svg { max-width: 100%; height: auto; display: block; print-color-adjust: exact; }
      svg text { font: 11px system-ui, sans-serif; fill: #1a1a1a; }
      svg text.title { font-weight: 600; font-size: 12px; } svg text.faint { fill: #555; }
      @page { margin: 14mm; }
      @media print { body { margin: 0; padding: 0; font-size: 10px; max-width: none; }
        h1 { font-size: 20px; } h2 { font-size: 14px; } .scroll { overflow: visible; }
        .win, .loss { print-color-adjust: exact; } th, td { padding: 0.1em 0.4em; }
        .cards { grid-template-columns: repeat(2, 1fr); } td small { font-size: 8px; } }
      """;

  private final StringBuilder out = new StringBuilder();

  HtmlPage(String title) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<title>").append(escape(title)).append("</title>\n<style>\n").append(STYLE);
    out.append("</style>\n</head>\n<body>\n<h1>").append(escape(title)).append("</h1>\n");
  }

  /** Markup as it is. */
  HtmlPage add(String markup) {
    out.append(markup);
    return this;
  }

  /** A plain text with a name before it. */
  HtmlPage paragraph(String name, String text) {
    out.append("<p><b>").append(escape(name)).append("</b> ").append(escape(text));
    out.append("</p>\n");
    return this;
  }

  HtmlPage heading(String text) {
    out.append("<h2>").append(escape(text)).append("</h2>\n");
    return this;
  }

  /** A heading with names and texts below; nothing if there are none. */
  HtmlPage section(String title, Map<String, String> lines) {
    return lines.isEmpty() ? this : heading(title).words(lines);
  }

  /** A table of names and texts. */
  HtmlPage words(Map<String, String> lines) {
    out.append("<table class=\"words\">\n");
    lines.forEach(
        (name, text) -> {
          out.append("<tr><td>").append(escape(name)).append("</td><td>");
          out.append(escape(text)).append("</td></tr>\n");
        });
    out.append("</table>\n");
    return this;
  }

  /** The page. */
  String finish() {
    return out + "</body>\n</html>\n";
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
