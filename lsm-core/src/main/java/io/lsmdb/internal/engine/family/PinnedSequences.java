package io.lsmdb.internal.engine.family;

import java.util.Arrays;

/**
 * A multiset of sequences to which only equal or larger ones are added.
 *
 * <p>Not thread-safe; guarded by its {@link SnapshotList}.
 *
 * <ol>
 *   <li>Adding one takes constant time on average, removing one a binary search. There may be
 *       hundreds of thousands.
 *   <li>Places from {@code first} to before {@code end} hold ascending sequences, each with its
 *       count. Both ends have a count above zero; at least half of the places between them have.
 * </ol>
 */
final class PinnedSequences {
  private long[] sequences = new long[16];
  private int[] counts = new int[16];
  private int first;
  private int end;
  private int distinct; // places with a count above zero

  /** Adds a sequence, which is at or above all that are there. */
  void add(long sequence) {
    if (end > first && sequences[end - 1] == sequence) {
      counts[end - 1]++;
      return;
    }
    if (end > first && sequences[end - 1] > sequence) {
      throw new IllegalStateException("sequence " + sequence + " after " + sequences[end - 1]);
    }
    if (end == sequences.length) {
      pack();
    }
    sequences[end] = sequence;
    counts[end++] = 1;
    distinct++;
  }

  /**
   * Removes a sequence once.
   *
   * @return whether it is not there any more
   */
  boolean remove(long sequence) {
    int at = Arrays.binarySearch(sequences, first, end, sequence);
    if (at < 0 || counts[at] == 0) {
      throw new IllegalStateException("sequence " + sequence + " is not pinned");
    }
    if (--counts[at] > 0) {
      return false;
    }
    distinct--;
    while (first < end && counts[first] == 0) {
      first++;
    }
    while (first < end && counts[end - 1] == 0) {
      end--;
    }
    if (end - first > 2 * distinct) {
      pack();
    }
    return true;
  }

  /** Closes the gaps; makes room for as many again. */
  private void pack() {
    long[] packed = new long[Math.max(16, 2 * distinct)];
    int[] packedCounts = new int[packed.length];
    int n = 0;
    for (int i = first; i < end; i++) {
      if (counts[i] > 0) {
        packed[n] = sequences[i];
        packedCounts[n++] = counts[i];
      }
    }
    sequences = packed;
    counts = packedCounts;
    first = 0;
    end = n;
  }

  boolean isEmpty() {
    return distinct == 0;
  }

  /** The smallest one; there must be one. */
  long oldest() {
    return sequences[first];
  }

  /** The largest one; there must be one. */
  long newest() {
    return sequences[end - 1];
  }

  /** All, ascending, each once. */
  long[] toArray() {
    long[] all = new long[distinct];
    int n = 0;
    for (int i = first; i < end; i++) {
      if (counts[i] > 0) {
        all[n++] = sequences[i];
      }
    }
    return all;
  }
}
