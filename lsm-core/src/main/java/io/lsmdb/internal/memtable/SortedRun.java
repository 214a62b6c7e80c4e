package io.lsmdb.internal.memtable;

/**
 * Numbers of entries in the order of their keys.
 *
 * <p>Never changes, hence may be shared by threads. Two runs are equal only if they are the same.
 *
 * <p>A run of many entries is kept in parts, which are no humongous objects of G1 even where its
 * regions are smallest: all parts but the last have {@link #PART} entries.
 *
 * <p>Keys lie anywhere in memory, so each that a search reads may miss all caches. Hence the run
 * has fences: eight bytes of every {@link #FENCE_STEP}th key, behind the bytes that all keys share.
 * A search reads keys only between two fences. Measured with 500,000 random keys in four runs: a
 * seek takes 3.1 us, 7.7 without fences.
 */
final class SortedRun {
  private static final int SHIFT = 16;

  /** So many entries are in one array; at least {@link LazyKeyIndex#MANY}. */
  static final int PART = 1 << SHIFT;

  /** Entries from one fence to the next; a power of two. */
  static final int FENCE_STEP = 8;

  private final int[][] parts;
  private final long[][] fences;
  private final int skip;
  private final int length;

  /**
   * Creates a run of several parts.
   *
   * @param parts not to be changed any more
   * @param fences of each part; see {@link #fences}
   * @param skip how many leading bytes all keys share
   */
  SortedRun(int[][] parts, long[][] fences, int skip) {
    this.parts = parts;
    this.fences = fences;
    this.skip = skip;
    this.length = (parts.length - 1) * PART + parts[parts.length - 1].length;
  }

  /**
   * Creates a run of one part.
   *
   * @param entries holds the entries
   * @param part up to {@link #PART} numbers, not to be changed any more
   */
  static SortedRun of(Entries entries, int[] part) {
    int last = part[part.length - 1];
    int skip = entries.sharedBytes(entries.keyOf(part[0]), entries.keyOf(last));
    return new SortedRun(new int[][] {part}, new long[][] {fences(entries, part, skip)}, skip);
  }

  /** The fences of a part, the first of which is that of its first key. */
  static long[] fences(Entries entries, int[] part, int skip) {
    long[] fences = new long[(part.length + FENCE_STEP - 1) / FENCE_STEP];
    for (int i = 0; i < fences.length; i++) {
      fences[i] = entries.keyPrefix(entries.keyOf(part[i * FENCE_STEP]), skip);
    }
    return fences;
  }

  /** How many entries there are, at least one. */
  int length() {
    return length;
  }

  /** The entry at a place. */
  int entry(int place) {
    return parts[place >>> SHIFT][place & PART - 1];
  }

  /** A prefix of a key behind the leading bytes that all keys share, to be compared with fences. */
  long prefix(byte[] key, int offset, int length) {
    return Nodes.prefix(key, offset, length, skip);
  }

  private int fenceCount() {
    return (length + FENCE_STEP - 1) / FENCE_STEP;
  }

  private long fence(int number) {
    int place = number * FENCE_STEP;
    return fences[place >>> SHIFT][(place & PART - 1) / FENCE_STEP];
  }

  /** How many fences are below a prefix. */
  int fencesBelow(long prefix) {
    int low = 0;
    int high = fenceCount();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (fence(middle) < prefix) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many fences are at or below a prefix, of which at least some are known to be. */
  int fencesUpTo(long prefix, int known) {
    if (known == fenceCount() || fence(known) > prefix) {
      return known; // nearly always: prefixes differ
    }
    return prefix == Long.MAX_VALUE ? fenceCount() : fencesBelow(prefix + 1);
  }

  /**
   * Reads keys from a place on together; see {@link Entries#touchKeys}.
   *
   * @param number a power of two
   * @param place a multiple of the number
   */
  int touchKeys(Entries entries, int place, int number) {
    int[] part = parts[place >>> SHIFT];
    int from = place & PART - 1;
    return entries.touchKeys(part, from, Math.min(from + number, part.length));
  }
}
