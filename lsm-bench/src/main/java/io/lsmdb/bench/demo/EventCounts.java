package io.lsmdb.bench.demo;

import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import java.util.concurrent.atomic.LongAdder;

/** Counts a store's flushes and compactions. Thread-safe. */
final class EventCounts implements EventListener {
  private final LongAdder flushes = new LongAdder();
  private final LongAdder compactions = new LongAdder();
  private final LongAdder moves = new LongAdder();

  /** The same options with this as their listener. */
  DbOptions listeningTo(DbOptions options) {
    return DbOptions.builder()
        .blockCacheSize(options.blockCacheSize())
        .defaultFamilyOptions(options.defaultFamilyOptions())
        .familyOptions(options.familyOptions())
        .listener(this)
        .build();
  }

  @Override
  public void onFlush(String family, long entries, long bytes) {
    flushes.increment();
  }

  @Override
  public void onCompaction(
      String family, int fromLevel, int toLevel, long bytesRead, long bytesWritten) {
    (bytesWritten == 0 ? moves : compactions).increment();
  }

  long flushes() {
    return flushes.sum();
  }

  long compactions() {
    return compactions.sum();
  }

  long moves() {
    return moves.sum();
  }
}
