package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.StoreLifecycle;

/**
 * What background work and changes of families do to the log once memtables are in tables.
 *
 * <p>Thread-safe; used by any thread but the commit leader. While the log is replayed there is
 * nothing to do: it is durable, and what is not needed any more is retired when the store starts.
 */
public final class LogUpkeep {
  private final DbMutex mutex;
  private final FamilyRegistry families;
  private final MemTableSealer sealer;
  private final StoreLifecycle lifecycle;

  // Set once, before background work begins.
  private LogManager log; // null while the log is replayed
  private CommitQueue queue;

  public LogUpkeep(
      DbMutex mutex, FamilyRegistry families, MemTableSealer sealer, StoreLifecycle lifecycle) {
    this.mutex = mutex;
    this.families = families;
    this.sealer = sealer;
    this.lifecycle = lifecycle;
  }

  /** Begins to look after a log that takes commits. */
  public void start(LogManager logManager, CommitQueue commitQueue) {
    log = logManager;
    queue = commitQueue;
  }

  /** Makes all of the log durable. */
  public void sync() {
    if (log != null) {
      log.sync(queue::exclusively);
    }
  }

  /** Retires the segments that no family needs any more. */
  public void retire() {
    if (log != null) {
      log.retireUnneeded(this::firstNeeded);
    }
  }

  /** Starts a new segment if the present ones are not needed. */
  public void rollUnneeded() {
    if (log != null) {
      log.rollUnneeded(queue::exclusively, this::firstNeeded);
    }
  }

  /**
   * Seals memtables that keep the log beyond its limit. Sealing is the leader's, who does so for
   * each new segment, but need not come by again.
   */
  public void sealForSize() {
    if (log != null && log.exceedsLimit() && lifecycle.isWorking()) {
      queue.exclusively(() -> sealer.sealBeyond(log.firstSequenceWithinLimit()));
    }
  }

  private long firstNeeded() {
    return mutex.get(
        () ->
            families.all().stream()
                .mapToLong(ColumnFamilyState::firstUnflushedLogged)
                .min()
                .orElse(Long.MAX_VALUE));
  }
}
