package io.lsmdb.internal.memtable;

/**
 * The comparison of a key with what stands in blocks.
 *
 * <p>Used by the writer and by lock-free readers; has no state of its own.
 *
 * <p>A key's place in a block is found by counting the slots with smaller prefixes, in whatever
 * order they stand: some fifteen loads from two cache lines and no branch to mispredict. Keys
 * themselves are read only where prefixes are equal.
 */
final class BlockSearch {
  private final Entries entries;
  private final Nodes nodes;

  BlockSearch(Entries entries, Nodes nodes) {
    this.entries = entries;
    this.nodes = nodes;
  }

  /**
   * The number of slots in an order whose keys are below a key, or at it.
   *
   * @param prefix the key's prefix after the block's skip; the key must share the skipped bytes
   * @param orEqual whether slots with the key itself count
   */
  int rank(
      long[] array,
      int base,
      long permutation,
      long prefix,
      int level,
      boolean orEqual,
      byte[] key,
      int offset,
      int length) {
    int less = 0;
    int equal = 0;
    for (int i = base + 1, end = i + Permutation.count(permutation); i < end; i++) {
      long p = array[i];
      less += p < prefix ? 1 : 0;
      equal += p == prefix ? 1 : 0;
    }
    if (equal == 0) {
      return less;
    }
    int low = less;
    int high = less + equal;
    while (low < high) {
      int middle = low + high >>> 1;
      int slot = Permutation.slot(permutation, middle);
      int reference = keyOf(level, Nodes.reference(array, base, slot));
      int order = reference == 0 ? -1 : entries.compareKey(reference, key, offset, length);
      if (order < 0 || order == 0 && orEqual) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Whether a search must go on to a node, given its low key.
   *
   * @param next the node, or 0 for none
   * @param start the key's first eight bytes, see {@link Nodes#prefix(byte[], int, int, int)}
   * @param below whether the search is for what is below the key, hence may stop before the key
   */
  boolean isPast(int next, long start, boolean below, byte[] key, int offset, int length) {
    if (next == 0) {
      return false;
    }
    long low = nodes.lowPrefix(next);
    if (low != start) {
      return low < start;
    }
    int order = entries.compareKey(Nodes.low(nodes.word(next)), key, offset, length);
    return order < 0 || order == 0 && !below;
  }

  /** The reference of a slot's key: its entry's key, or its node's low key (0: below any key). */
  int keyOf(int level, int reference) {
    return level == 0 ? entries.keyOf(reference) : Nodes.low(nodes.word(reference));
  }

  /** How many leading bytes the low keys of two nodes share at least, taken as zero-padded. */
  int sharedBytes(int lower, int upper) {
    long difference = nodes.lowPrefix(lower) ^ nodes.lowPrefix(upper);
    if (difference != 0) {
      return Long.numberOfLeadingZeros(difference) >>> 3;
    }
    return entries.sharedBytes(Nodes.low(nodes.word(lower)), Nodes.low(nodes.word(upper)));
  }
}
