package io.lsmdb.internal.compaction;

import java.util.Arrays;

/**
 * The parts into which the live snapshots cut the sequence numbers.
 *
 * <p>Immutable. Stripe i is what lies above i snapshots: nobody can tell apart what happened within
 * one.
 */
final class Stripes {
  private final long[] snapshots;

  /**
   * Cuts the sequence numbers.
   *
   * @param snapshots sequences of the live snapshots, ascending
   */
  Stripes(long[] snapshots) {
    this.snapshots = snapshots.clone();
  }

  /** Number of the stripe of a sequence: how many snapshots are older than it. */
  int of(long sequence) {
    int n = snapshots.length;
    if (n == 0 || sequence > snapshots[n - 1]) {
      return n;
    }
    int found = Arrays.binarySearch(snapshots, sequence);
    return found >= 0 ? found : -found - 1;
  }

  /** The sequence of the snapshot that ends a stripe; not that of the present. */
  long end(int stripe) {
    return snapshots[stripe];
  }

  /** Number of the stripe of the present. */
  int last() {
    return snapshots.length;
  }

  /** The newest sequence of each stripe. */
  long[] newestOfEach(long[] falling) {
    long[] result = new long[falling.length];
    int n = 0;
    int stripe = -1;
    for (long sequence : falling) {
      int own = of(sequence);
      if (own != stripe) {
        result[n++] = sequence;
        stripe = own;
      }
    }
    return Arrays.copyOf(result, n);
  }
}
