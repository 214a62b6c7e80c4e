package io.lsmdb.bench.compare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Turns what an engine tells of its background into marks, and merges stalls that follow each other
 * closely, of which there may be thousands.
 *
 * <p>Thread-safe. Drops what ended before {@link #begin}.
 */
final class Marks implements BackgroundEvents {
  private static final double GAP_MILLIS = 100;

  private final LongSupplier nanoClock;
  private final Consumer<Mark> out;

  // Guarded by this.
  private final Map<String, Mark> open = new HashMap<>();
  private boolean begun;
  private long beginNanos;

  /**
   * Of one run.
   *
   * @param nanoClock a monotonic clock in nanoseconds
   * @param out takes a mark once nothing is merged with it any more
   */
  Marks(LongSupplier nanoClock, Consumer<Mark> out) {
    this.nanoClock = nanoClock;
    this.out = out;
  }

  /** The moment that marks count from. */
  synchronized void begin(long nanoTime) {
    begun = true;
    beginNanos = nanoTime;
  }

  @Override
  public synchronized void ended(Kind kind, String text, long nanos) {
    if (!begun) {
      return;
    }
    double end = (nanoClock.getAsLong() - beginNanos) / 1e6;
    Mark mark = new Mark(kind, text, Math.max(0, end - nanos / 1e6), end, 1);
    if (kind != Kind.STALL) {
      out.accept(mark);
      return;
    }
    Mark last = open.get(text);
    if (last != null && mark.beginMillis() - last.endMillis() > GAP_MILLIS) {
      out.accept(last);
      last = null;
    }
    open.put(text, last == null ? mark : last.and(mark));
  }

  /** Gives out what nothing is merged with any more, or all. */
  void flush(boolean all) {
    List<Mark> finished = new ArrayList<>();
    synchronized (this) {
      double now = (nanoClock.getAsLong() - beginNanos) / 1e6;
      for (Iterator<Mark> marks = open.values().iterator(); marks.hasNext(); ) {
        Mark mark = marks.next();
        if (all || now - mark.endMillis() > GAP_MILLIS) {
          finished.add(mark);
          marks.remove();
        }
      }
    }
    finished.forEach(out);
  }
}
