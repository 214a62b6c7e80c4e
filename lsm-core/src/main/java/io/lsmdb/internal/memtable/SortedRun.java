package io.lsmdb.internal.memtable;

/**
 * Numbers of entries in the order of their keys.
 *
 * <p>Never changes, hence may be shared by threads. Two runs are equal only if they are the same.
 *
 * <p>A run of many entries is kept in parts, which are no humongous objects of G1 even where its
 * regions are smallest: all parts but the last have {@link #PART} entries.
 */
final class SortedRun {
  private static final int SHIFT = 16;

  /** So many entries are in one array; at least {@link KeyOrder#MANY}. */
  static final int PART = 1 << SHIFT;

  private final int[][] parts;
  private final int length;

  /**
   * Creates a run.
   *
   * @param parts not to be changed any more
   */
  SortedRun(int[]... parts) {
    this.parts = parts;
    this.length = (parts.length - 1) * PART + parts[parts.length - 1].length;
  }

  /** How many entries there are, at least one. */
  int length() {
    return length;
  }

  /** The entry at a place. */
  int entry(int place) {
    return parts[place >>> SHIFT][place & PART - 1];
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
