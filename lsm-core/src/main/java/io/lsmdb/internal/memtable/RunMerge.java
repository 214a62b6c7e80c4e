package io.lsmdb.internal.memtable;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The merging of sorted runs into one, in steps.
 *
 * <p>Used by one thread at a time; readers and the memtable's writer may be at work meanwhile. The
 * runs must have no key in common.
 *
 * <p>The keys lie anywhere in memory. So each is read once, together with those that follow it in
 * its run, for the eight bytes behind those that all keys share; keys are only compared where these
 * bytes are equal.
 */
final class RunMerge {
  /** Keys of so many entries of a run are read together. A power of two. */
  private static final int READ_AHEAD = 16;

  private final Entries entries;
  private final SortedRun[] runs;
  private final int skip;
  private final int[][] parts;
  private final long[][] fences;
  private final int length;
  private final PriorityQueue<Head> heads;
  private int merged; // entries that are in the parts already

  private RunMerge(Entries entries, SortedRun[] runs) {
    this.entries = entries;
    this.runs = runs;
    skip = sharedBytes();
    length = Arrays.stream(runs).mapToInt(SortedRun::length).sum();
    parts = new int[(length + SortedRun.PART - 1) / SortedRun.PART][];
    fences = new long[parts.length][];
    heads = new PriorityQueue<>(runs.length, this::compare);
    for (SortedRun run : runs) {
      heads.add(new Head(run));
    }
  }

  /**
   * Begins to merge those runs that are worth it.
   *
   * @return null if none are
   */
  static RunMerge of(Entries entries, SortedRun[] runs) {
    return isWorthwhile(runs)
        ? new RunMerge(entries, Arrays.copyOfRange(runs, first(runs), runs.length))
        : null;
  }

  /** Whether some of the runs are worth merging. */
  static boolean isWorthwhile(SortedRun[] runs) {
    return first(runs) < runs.length - 1;
  }

  /**
   * From where on runs are to be merged, so that each run is longer than those behind it together:
   * then there are few runs, and an entry is moved few times, both logarithmic in the number of
   * entries.
   */
  private static int first(SortedRun[] runs) {
    int first = runs.length - 1;
    int behind = 0;
    for (int i = runs.length - 1; i >= 0; i--) {
      if (runs[i].length() <= behind) {
        first = i;
      }
      behind += runs[i].length();
    }
    return first;
  }

  private int sharedBytes() {
    int key = entries.keyOf(runs[0].entry(0));
    int shared = Integer.MAX_VALUE;
    for (SortedRun run : runs) {
      int low = entries.keyOf(run.entry(0));
      int high = entries.keyOf(run.entry(run.length() - 1));
      shared = Math.min(shared, entries.sharedBytes(key, low));
      shared = Math.min(shared, entries.sharedBytes(key, high));
    }
    return shared;
  }

  /** Merges up to {@link SortedRun#PART} more entries; returns whether that was the rest. */
  boolean step() {
    int[] part = new int[Math.min(SortedRun.PART, length - merged)];
    for (int i = 0; i < part.length; i++) {
      Head least = heads.peek();
      part[i] = least.entry;
      next(least);
    }
    int number = merged / SortedRun.PART;
    parts[number] = part;
    fences[number] = SortedRun.fences(entries, part, skip);
    merged += part.length;
    return merged == length;
  }

  private void next(Head least) {
    heads.poll();
    if (least.next()) {
      heads.add(least);
    }
  }

  /**
   * Puts the merged run, after the last {@link #step}, in the place of those it was made of.
   *
   * @param present what there is now; others may have come behind those that were merged
   * @return a new array, or the given one if it does not hold the merged runs
   */
  SortedRun[] replaceIn(SortedRun[] present) {
    int at = Arrays.asList(present).indexOf(runs[0]);
    if (at < 0) {
      return present;
    }
    int behind = at + runs.length;
    SortedRun[] result = new SortedRun[present.length - runs.length + 1];
    System.arraycopy(present, 0, result, 0, at);
    result[at] = new SortedRun(parts, fences, skip);
    System.arraycopy(present, behind, result, at + 1, present.length - behind);
    return result;
  }

  private int compare(Head a, Head b) {
    int order = Long.compare(a.prefix, b.prefix);
    return order != 0 ? order : entries.compareKeys(a.entry, b.entry);
  }

  /** The first entry of a run that is not merged yet. */
  private final class Head {
    private final SortedRun run;
    private final long[] prefixes = new long[READ_AHEAD];
    private int place = -1;
    private int entry;
    private long prefix;

    Head(SortedRun run) {
      this.run = run;
      next();
    }

    /** Goes to the next entry; false at the end. */
    boolean next() {
      if (++place == run.length()) {
        return false;
      }
      int ahead = place & READ_AHEAD - 1;
      if (ahead == 0) {
        readPrefixes();
      }
      entry = run.entry(place);
      prefix = prefixes[ahead];
      return true;
    }

    private void readPrefixes() {
      int number = Math.min(READ_AHEAD, run.length() - place);
      for (int i = 0; i < number; i++) {
        prefixes[i] = entries.keyPrefix(entries.keyOf(run.entry(place + i)), skip);
      }
    }
  }
}
