package io.lsmdb.internal.wal;

/**
 * A force of everything that had been appended at one moment.
 *
 * <p>Made by {@link LogWriter#beginSync}, run once by any thread, handed back to {@link
 * LogWriter#completeSync} by the thread that may append. Writers need not wait for it.
 */
public final class LogSync {
  private final LogWriter writer;
  private final LogSegment[] segments;
  private final long[] from;
  private final long[] to;
  private volatile boolean done;

  LogSync(LogWriter writer, LogSegment[] segments) {
    this.writer = writer;
    this.segments = segments;
    from = new long[segments.length];
    to = new long[segments.length];
    for (int i = 0; i < segments.length; i++) {
      from[i] = segments[i].forced;
      to[i] = segments[i].used;
    }
  }

  /** Forces, oldest segment first. A failure poisons the writer. */
  public void force() {
    try {
      for (int i = 0; i < segments.length; i++) {
        if (from[i] < to[i]) {
          segments[i].force(from[i], to[i]);
        }
      }
    } catch (RuntimeException | Error e) {
      writer.poison(e);
      throw e;
    }
    done = true;
  }

  /** Takes note in the segments that they are forced. */
  void record() {
    if (!done) {
      throw new IllegalStateException("the force has not been run, or has failed");
    }
    for (int i = 0; i < segments.length; i++) {
      segments[i].forced = Math.max(segments[i].forced, to[i]);
      segments[i].known = Math.max(segments[i].known, to[i]);
    }
  }
}
