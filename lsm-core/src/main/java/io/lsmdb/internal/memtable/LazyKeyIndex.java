package io.lsmdb.internal.memtable;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The order of a memtable's keys, kept at once or made when somebody asks for it.
 *
 * <p>One writer adds; any number of readers ask for the {@link #sources}. Owned by the memtable,
 * which releases it.
 *
 * <p>Finding a new key's place is the larger part of a put, and point reads need no order. So a
 * memtable that nobody is expected to scan leaves its keys as they came. Many at a time are sorted,
 * in the background, into runs, over which cursors and the flush merge; what is left when a cursor
 * comes is sorted by that. Few keys go into the list, so that a cursor after each put does not make
 * a run of each. ns of CPU an entry, 500,000 random keys of 16 bytes: sorting runs 55 to 60;
 * putting sorted keys into the list 270 where 60,000 are sorted together, 500 where 8,192 are. To
 * add them at once in order costs some 800.
 *
 * <p>A seek searches each run. So once a cursor has come, others are expected, and runs are merged
 * in the background: 100 ns an entry, see {@link RunMerge}. Without one they stay as they are.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The list has one writer at a time: the memtable's writer when it keeps order at once, else
 *       whoever holds the lock of this object, which nobody takes to add.
 *   <li>Entries are counted when they are complete, by a release. Whoever acquires the count may
 *       read that many entries, in the order of their numbers.
 *   <li>Each entry is in the list, or in one run, or waits. {@link #sources} hold at least the
 *       entries that were counted before the call. A run never changes, and where others take its
 *       place, it stays with the cursors that have it.
 *   <li>The lock is held while up to {@link #MANY} keys are sorted, or {@link #FEW} are inserted: 3
 *       to 4 ms. Runs are merged without it; it is only taken to put the merged one in their place.
 *       Until then others may add runs behind them.
 *   <li>A list that could not be brought up to date is never used again: another one takes its
 *       place, and all is sorted anew.
 * </ol>
 */
final class LazyKeyIndex {
  /**
   * So many keys are sorted together, in arrays below half of G1's smallest region. With four times
   * as many, order takes 5 to 25 % less, but the arrays are humongous objects.
   */
  static final int MANY = 60_000;

  /** Up to so many keys are put into the list, others become a run. */
  static final int FEW = 4_096;

  /** More runs would make seeks slow; what comes then goes into the list. */
  static final int MAX_RUNS = 64;

  /** Bytes that a key takes in a list that is made of sorted keys, rounded up. */
  private static final long LIST_BYTES = 16;

  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(LazyKeyIndex.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ChunkPool pool;
  private final Entries entries;
  private final boolean atOnce;

  /** Replaced by the holder of the lock alone, and only if order is not kept at once. */
  private volatile Sources sources;

  /** Entries added; released by the writer. */
  private int count;

  /** The first entry that is not in the sources. */
  @GuardedBy("this")
  private int next;

  /** Whether the list may have some of the entries that follow. */
  @GuardedBy("this")
  private boolean failed;

  /** Whether there was a cursor, so that runs are worth merging. */
  private volatile boolean scanned;

  /** What is being merged, or null; of the one thread at a time that does the {@link #work}. */
  private RunMerge merge;

  /**
   * Where the entries are. Others have other arrays of runs.
   *
   * @param list may gain others
   * @param listed whether the list has some; false if order is kept at once
   * @param runs not to be changed
   * @param ordered how many entries there are at least; 0 if order is kept at once
   */
  record Sources(BlockedSkipList list, boolean listed, SortedRun[] runs, int ordered) {}

  LazyKeyIndex(ChunkPool pool, Entries entries, boolean atOnce) {
    this.pool = pool;
    this.entries = entries;
    this.atOnce = atOnce;
    begin();
  }

  @GuardedBy("this")
  private void begin() {
    sources = new Sources(new BlockedSkipList(pool, entries), false, new SortedRun[0], 0);
    next = Entries.FIRST;
    failed = false;
  }

  boolean isKeptAtOnce() {
    return atOnce;
  }

  /** Makes sure that {@link #add} needs no more memory (writer only). */
  void reserve() {
    if (atOnce) {
      sources.list.reserve();
    }
  }

  /** Adds an entry that is complete, and whose key has none yet (writer only). */
  void add(byte[] key, int offset, int length, int entry) {
    if (atOnce) {
      sources.list.insert(key, offset, length, entry);
    }
    COUNT.setRelease(this, count + 1);
  }

  /** Entries added; for any thread. */
  int count() {
    return (int) COUNT.getAcquire(this);
  }

  /** Entries that are in no source yet; for any thread. */
  int waiting() {
    return atOnce ? 0 : count() - sources.ordered;
  }

  /** All entries that were added before; for any thread, may have to sort. */
  Sources sources() {
    if (atOnce) {
      return sources;
    }
    int wanted = count(); // no more: a writer may be faster than whoever follows it
    Sources now = sources; // read once: another thread may fail to bring them up, and begin anew
    return now.ordered < wanted ? bringUpTo(wanted) : now;
  }

  /** Notes that a cursor is opened; for any thread. */
  void noteCursor() {
    if (!scanned) {
      scanned = true;
    }
  }

  /** Whether {@link #work} would sort or merge something; for any thread. */
  boolean hasWork() {
    return waiting() >= MANY || (scanned && RunMerge.isWorthwhile(sources.runs));
  }

  /**
   * Sorts the next run, if as many keys wait as it has, or else merges a part of the runs, once
   * there was a cursor; by one thread at a time. Takes 3 to 10 ms.
   */
  void work() {
    int from = sources.ordered;
    if (!atOnce && count() - from >= MANY) {
      bringUpTo(from + MANY); // cursors may be at it: then this does less
    } else if (scanned) {
      mergeSome();
    }
  }

  private void mergeSome() {
    RunMerge current = merge != null ? merge : RunMerge.of(entries, sources.runs);
    merge = null; // given up if a step fails
    if (current != null) {
      if (current.step()) {
        replaceRuns(current);
      } else {
        merge = current;
      }
    }
  }

  private synchronized void replaceRuns(RunMerge done) {
    Sources before = sources;
    SortedRun[] runs = done.replaceIn(before.runs);
    sources = new Sources(before.list, before.listed, runs, before.ordered);
  }

  private synchronized Sources bringUpTo(int wanted) {
    if (failed) {
      begin();
    }
    try {
      Sources now = sources;
      while (now.ordered < wanted) {
        now = withNext(now, Math.min(wanted - now.ordered, MANY));
        sources = now;
      }
      return now;
    } catch (Throwable e) {
      failed = true;
      begin(); // may lack memory too: then the next caller does it
      throw e;
    }
  }

  /** The sources with the next entries, which go into a run or into the list. */
  @GuardedBy("this")
  private Sources withNext(Sources before, int number) {
    int[] added = new int[number];
    int entry = next;
    for (int i = 0; i < number; i++) {
      added[i] = entry;
      entry = entries.following(entry);
    }
    EntrySort.sort(entries, added);
    next = entry;
    SortedRun[] runs = before.runs;
    boolean toList = number <= FEW || runs.length == MAX_RUNS;
    if (toList) {
      before.list.insertAll(added);
    } else {
      runs = Arrays.copyOf(runs, runs.length + 1);
      runs[runs.length - 1] = SortedRun.of(entries, added);
    }
    return new Sources(before.list, before.listed || toList, runs, before.ordered + number);
  }

  /** Bytes that the list takes, or will take once it is asked for; for any thread. */
  long bytes() {
    return atOnce ? sources.list.bytes() : Math.max(sources.list.bytes(), count() * LIST_BYTES);
  }

  /** Gives everything back; nobody may read any more. */
  void release() {
    sources.list.release();
  }
}
