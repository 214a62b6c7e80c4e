package io.lsmdb.bench.compare;

import java.util.Locale;

/** Takes what an engine tells of the work in its background. Called by any thread, which waits. */
@FunctionalInterface
interface BackgroundEvents {
  /** Ignores everything. */
  BackgroundEvents NONE = (kind, text, nanos) -> {};

  /** What may be marked on the axis of time. */
  enum Kind {
    FLUSH("flushes"),
    COMPACTION("compactions"),
    STALL("stalls"),
    CHECKPOINT("checkpoints");

    private final String plural;

    Kind(String plural) {
      this.plural = plural;
    }

    String plural() {
      return plural;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name; throws when there is none. */
    static Kind of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * Something has just ended.
   *
   * @param kind what it was
   * @param text its cause or extent; the same for what may be merged
   * @param nanos how long it took; 0 if the engine does not tell
   */
  void ended(Kind kind, String text, long nanos);
}
