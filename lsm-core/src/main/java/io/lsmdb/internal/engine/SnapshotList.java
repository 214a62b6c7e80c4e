package io.lsmdb.internal.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The sequences that open snapshots pin.
 *
 * <p>Thread-safe. A snapshot reads the visible sequence and registers it under the same lock under
 * which compaction lists them: a sequence that is not in the list when a compaction begins can only
 * be registered later with a value at or above everything that the compaction reads.
 */
final class SnapshotList {
  private final TreeMap<Long, Integer> counts = new TreeMap<>();
  private final LongSupplier visibleSequence;
  private boolean closed; // for a moment, to new ones

  SnapshotList(LongSupplier visibleSequence) {
    this.visibleSequence = visibleSequence;
  }

  /** Pins the visible sequence of now, and returns it. */
  synchronized long acquire() {
    awaitOpen();
    long sequence = visibleSequence.getAsLong();
    counts.merge(sequence, 1, Integer::sum);
    return sequence;
  }

  private void awaitOpen() {
    boolean interrupted = false;
    while (closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs an action that snapshots above a sequence would notice, unless there are any; none is
   * taken meanwhile.
   *
   * @return false if the action was not run
   */
  boolean runIfNoneAbove(long sequence, Runnable action) {
    synchronized (this) {
      awaitOpen(); // another thread's action
      if (!counts.isEmpty() && counts.lastKey() > sequence) {
        return false;
      }
      closed = true;
    }
    try {
      action.run();
    } finally {
      synchronized (this) {
        closed = false;
        notifyAll();
      }
    }
    return true;
  }

  synchronized void release(long sequence) {
    counts.computeIfPresent(sequence, (s, count) -> count == 1 ? null : count - 1);
  }

  /** The pinned sequences, ascending, each once. */
  synchronized long[] toArray() {
    return counts.keySet().stream().mapToLong(Long::longValue).toArray();
  }

  synchronized int size() {
    return counts.entrySet().stream().mapToInt(Map.Entry::getValue).sum();
  }
}
