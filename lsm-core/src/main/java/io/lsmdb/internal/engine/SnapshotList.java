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

  SnapshotList(LongSupplier visibleSequence) {
    this.visibleSequence = visibleSequence;
  }

  /** Pins the visible sequence of now, and returns it. */
  synchronized long acquire() {
    long sequence = visibleSequence.getAsLong();
    counts.merge(sequence, 1, Integer::sum);
    return sequence;
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
