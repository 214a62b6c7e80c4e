package io.lsmdb.internal.engine;

/**
 * What background work and changes of families do to the log once memtables are in tables.
 *
 * <p>Thread-safe; used by any thread but the commit leader. While the log is replayed there is
 * nothing to do: it is durable, and what is not needed any more is retired when the store starts.
 */
final class LogUpkeep {
  private final EngineContext context;

  LogUpkeep(EngineContext context) {
    this.context = context;
  }

  /** Makes all of the log durable. */
  void sync() {
    if (context.isStarted()) {
      context.log().sync(context.queue());
    }
  }

  /** Retires the segments that no family needs any more. */
  void retire() {
    if (context.isStarted()) {
      context.log().retireUnneeded(this::firstNeeded);
    }
  }

  /** Starts a new segment if the present ones are not needed. */
  void rollUnneeded() {
    if (context.isStarted()) {
      context.log().rollUnneeded(context.queue(), this::firstNeeded);
    }
  }

  /**
   * Seals memtables that keep the log beyond its limit. Sealing is the leader's, who does so for
   * each new segment, but need not come by again.
   */
  void sealForSize() {
    if (context.isStarted() && context.log().exceedsLimit() && context.background().isWorking()) {
      context.queue().exclusively(context.sealer()::sealBeyondLogLimit);
    }
  }

  private long firstNeeded() {
    return context
        .monitor()
        .get(
            () ->
                context.families().all().stream()
                    .mapToLong(ColumnFamilyState::firstUnflushedLogged)
                    .min()
                    .orElse(Long.MAX_VALUE));
  }
}
