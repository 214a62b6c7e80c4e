package io.lsmdb.bench.compare;

import io.lsmdb.EventListener;
import io.lsmdb.bench.compare.BackgroundEvents.Kind;
import java.util.Locale;

/**
 * Hands on what this library's listener tells of its background work. Thread-safe.
 *
 * <p>It tells when a flush or compaction has ended, not when it began.
 */
record LsmdbEvents(BackgroundEvents events) implements EventListener {
  @Override
  public void onFlush(String family, long entries, long bytes) {
    events.ended(Kind.FLUSH, "", 0);
  }

  @Override
  public void onCompaction(
      String family, int fromLevel, int toLevel, long bytesRead, long bytesWritten) {
    String moved = bytesWritten == 0 ? ", moved" : "";
    events.ended(Kind.COMPACTION, "level " + fromLevel + " to " + toLevel + moved, 0);
  }

  @Override
  public void onStall(StallCause cause, String family, long nanos) {
    events.ended(
        Kind.STALL, "waits for " + cause.name().toLowerCase(Locale.ROOT).replace('_', ' '), nanos);
  }
}
