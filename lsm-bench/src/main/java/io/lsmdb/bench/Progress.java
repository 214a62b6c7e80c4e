package io.lsmdb.bench;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a long task is: a bar on a terminal, a line about every tenth otherwise.
 *
 * <p>Not thread-safe. Where the length is unknown, only the count is shown, on a pipe each time it
 * has doubled.
 */
public final class Progress {
  private static final int BAR = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final double LEAST_TO_ESTIMATE = 0.02;
  private static final long FIRST_COUNT = 10_000;

  private final PrintWriter out;
  private final boolean terminal;
  private final String unit;
  private final LongSupplier nanoClock;
  private final long start;
  private long lastDrawn;
  private int tenths;
  private long nextCount = FIRST_COUNT;
  private boolean drawn;

  /**
   * Starts.
   *
   * @param out where to show it
   * @param terminal whether that is a terminal
   * @param unit what is counted, in the plural
   * @param nanoClock a monotonic clock in nanoseconds
   */
  public Progress(PrintWriter out, boolean terminal, String unit, LongSupplier nanoClock) {
    this.out = out;
    this.terminal = terminal;
    this.unit = unit;
    this.nanoClock = nanoClock;
    this.start = nanoClock.getAsLong();
    this.lastDrawn = start - REDRAW_NANOS;
  }

  /**
   * Shows the state if it is time to; cheap enough to be called often.
   *
   * @param fraction 0 to 1, or -1 when the length is unknown
   * @param count how many are done
   */
  public void update(double fraction, long count) {
    if (terminal) {
      long now = nanoClock.getAsLong();
      if (now - lastDrawn >= REDRAW_NANOS) {
        lastDrawn = now;
        draw(fraction, count);
      }
    } else if (fraction >= 0) {
      int reached = (int) (fraction * 10);
      if (reached > tenths) {
        tenths = reached;
        line(String.format(Locale.ROOT, "%3d %%  %,d %s", reached * 10, count, unit));
      }
    } else if (count >= nextCount) {
      nextCount *= 2;
      line(String.format(Locale.ROOT, "%,d %s", count, unit));
    }
  }

  private void draw(double fraction, long count) {
    String bar = "";
    if (fraction >= 0) {
      int full = (int) (fraction * BAR);
      String cells = "#".repeat(full) + "-".repeat(BAR - full);
      bar = String.format(Locale.ROOT, "[%s] %3d %%  ", cells, (int) (fraction * 100));
    }
    double seconds = Math.max(1, nanoClock.getAsLong() - start) / 1e9;
    String rate = count < seconds ? "" : String.format(Locale.ROOT, ", %,.0f/s", count / seconds);
    String text = bar + String.format(Locale.ROOT, "%,d %s", count, unit) + rate;
    // Blanks at the end wipe out what is left of a longer line.
    out.print(String.format(Locale.ROOT, "\r%-79s", text + left(fraction, seconds)));
    out.flush();
    drawn = true;
  }

  /** How long it will take if it goes on like this, once there is enough to tell by. */
  private static String left(double fraction, double seconds) {
    if (fraction < LEAST_TO_ESTIMATE || fraction >= 1 || seconds < 1) {
      return "";
    }
    long left = Math.round(seconds / fraction - seconds);
    return left < 100 ? ", about " + left + " s left" : ", about " + (left + 30) / 60 + " min left";
  }

  private void line(String text) {
    out.println(text);
    out.flush();
  }

  /** Leaves the terminal at the start of an empty line. */
  public void end() {
    if (drawn) {
      out.print("\r" + " ".repeat(79) + "\r");
      out.flush();
    }
  }
}
