package io.lsmdb.bench.demo;

import java.io.PrintWriter;

/**
 * Reports lines that hold no event, and counts them.
 *
 * <p>Not thread-safe. The first {@link #REPORTED} are printed with number and reason, the others
 * only counted.
 */
final class MalformedLines {
  static final int REPORTED = 20;
  private static final int SHOWN_CHARS = 60;

  private final PrintWriter err;
  private long count;

  MalformedLines(PrintWriter err) {
    this.err = err;
  }

  /**
   * Reports one line.
   *
   * @param line its number, from 1 on
   * @param reason what is wrong
   * @param content the line, or its beginning
   */
  void report(long line, String reason, String content) {
    count++;
    if (count <= REPORTED) {
      err.println("line " + line + " skipped: " + reason + ": " + printable(content));
    } else if (count == REPORTED + 1) {
      err.println("more lines were skipped; they are only counted from here on");
    }
    err.flush();
  }

  long count() {
    return count;
  }

  /**
   * The content in quotes, shortened, control characters replaced so that no terminal obeys them.
   */
  private static String printable(String content) {
    StringBuilder shown = new StringBuilder("\"");
    int end = Math.min(content.length(), SHOWN_CHARS);
    for (int i = 0; i < end; i++) {
      char c = content.charAt(i);
      shown.append(Character.isISOControl(c) ? '\uFFFD' : c);
    }
    return shown.append(end < content.length() ? "…\"" : "\"").toString();
  }
}
