package io.lsmdb.internal.memtable;

import java.util.Arrays;

/**
 * The sorting of entries by their keys.
 *
 * <p>Used by one thread. The keys must be complete and different.
 *
 * <p>The keys lie anywhere in memory, so each is read once, not at each comparison: what is sorted
 * are numbers of 64 bits. Their upper bits are of the eight bytes of a key behind those that all
 * keys of the range share, without bits that do not vary (half of them in digits), as many as there
 * is room for; their lower bits say where in the range the key was. Keys that are equal in the
 * upper bits make a smaller range, which is sorted in the same way.
 */
final class EntrySort {
  /** Ranges up to this length are sorted by comparing keys. */
  private static final int SHORT = 12;

  private final Entries entries;
  private final int[] sorted;
  private final long[] packed;
  private final int[] copy;

  /** Depends on all keys read together, so that no compiler leaves a load out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  // Runs of bits that vary over a range, the lowest first, and by how much each moves down.
  private final long[] runs = new long[32];
  private final int[] shifts = new int[32];
  private int runCount;

  /** Ranges that are still to be sorted: first places and ends in turn. */
  private int[] ranges = new int[64];

  private int rangeCount;

  private EntrySort(Entries entries, int[] numbers) {
    this.entries = entries;
    this.sorted = numbers;
    this.packed = new long[numbers.length];
    this.copy = new int[numbers.length];
  }

  /**
   * Sorts entries.
   *
   * @param entries holds the entries
   * @param numbers the entries' numbers, which are put in order
   */
  static void sort(Entries entries, int[] numbers) {
    if (numbers.length <= SHORT) {
      sortByComparing(entries, numbers, 0, numbers.length);
    } else {
      new EntrySort(entries, numbers).sort();
    }
  }

  private void sort() {
    push(0, sorted.length);
    while (rangeCount > 0) {
      int end = ranges[--rangeCount];
      int from = ranges[--rangeCount];
      if (end - from <= SHORT) {
        touched = entries.touchKeys(sorted, from, end);
        sortByComparing(entries, sorted, from, end);
      } else {
        sortByPrefix(from, end);
      }
    }
  }

  private void push(int from, int end) {
    if (rangeCount == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * rangeCount);
    }
    ranges[rangeCount++] = from;
    ranges[rangeCount++] = end;
  }

  private static void sortByComparing(Entries entries, int[] numbers, int from, int end) {
    for (int i = from + 1; i < end; i++) {
      int entry = numbers[i];
      int to = i;
      while (to > from && entries.compareKeys(numbers[to - 1], entry) > 0) {
        numbers[to] = numbers[to - 1];
        to--;
      }
      numbers[to] = entry;
    }
  }

  private void sortByPrefix(int from, int end) {
    int length = end - from;
    int placeBits = 32 - Integer.numberOfLeadingZeros(length - 1);
    long varying = readPrefixes(from, end);
    findRuns(varying);
    int surplus = Math.max(0, Long.bitCount(varying) - (63 - placeBits));
    for (int i = 0; i < length; i++) {
      packed[i] = squeezed(packed[i]) >>> surplus << placeBits | i;
    }
    Arrays.sort(packed, 0, length);
    System.arraycopy(sorted, from, copy, 0, length);
    int start = 0;
    for (int i = 0; i < length; i++) {
      sorted[from + i] = copy[(int) packed[i] & (1 << placeBits) - 1];
      if (packed[i] >>> placeBits != packed[start] >>> placeBits) {
        pushEqual(from + start, from + i);
        start = i;
      }
    }
    if (start > 0) {
      pushEqual(from + start, end);
    } else {
      sortPadded(from, end);
    }
  }

  /** Reads the prefixes of a range; returns the bits that are not the same in all of them. */
  private long readPrefixes(int from, int end) {
    int shared = sharedBytes(from, end);
    long varying = 0;
    for (int i = from; i < end; i++) {
      long prefix = entries.keyPrefix(entries.keyOf(sorted[i]), shared);
      packed[i - from] = prefix;
      varying |= prefix ^ packed[0];
    }
    return varying;
  }

  /** Finds the runs of bits that {@link #squeezed} is to keep. */
  private void findRuns(long bits) {
    runCount = 0;
    int kept = 0;
    long left = bits;
    while (left != 0) {
      int low = Long.numberOfTrailingZeros(left);
      int length = Long.numberOfTrailingZeros(~(left >>> low));
      runs[runCount] = -1L >>> 64 - length << low;
      shifts[runCount] = low - kept;
      kept += length;
      left &= ~runs[runCount++];
    }
  }

  /** The varying bits of a prefix without the gaps between them. */
  private long squeezed(long prefix) {
    long bits = prefix ^ Long.MIN_VALUE;
    long result = 0;
    for (int i = 0; i < runCount; i++) {
      result |= (bits & runs[i]) >>> shifts[i];
    }
    return result;
  }

  private void pushEqual(int from, int end) {
    if (end - from > 1) {
      push(from, end);
    }
  }

  /**
   * Sorts a range of keys that only differ behind the end of the shortest one, where a prefix takes
   * them as padded with zeros. So they are, and few keys are like that.
   */
  private void sortPadded(int from, int end) {
    Integer[] boxed = new Integer[end - from];
    Arrays.setAll(boxed, i -> sorted[from + i]);
    Arrays.sort(boxed, entries::compareKeys);
    for (int i = from; i < end; i++) {
      sorted[i] = boxed[i - from];
    }
  }

  private int sharedBytes(int from, int end) {
    int first = entries.keyOf(sorted[from]);
    int shared = Integer.MAX_VALUE;
    for (int i = from + 1; i < end && shared > 0; i++) {
      shared = Math.min(shared, entries.sharedBytes(first, entries.keyOf(sorted[i])));
    }
    return shared;
  }
}
