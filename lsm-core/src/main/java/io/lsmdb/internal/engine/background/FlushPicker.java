package io.lsmdb.internal.engine.background;

import io.lsmdb.EventListener.StallCause;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.family.StallCondition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The choice of the memtables that one flush step takes.
 *
 * <p>Not thread-safe: used by the flush thread with the state monitor held.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The memtables of a family are taken in the order in which they were sealed.
 *   <li>With atomic flushes, memtables that were sealed together are taken together. Several such
 *       groups may be taken at once, the oldest ones first.
 *   <li>Otherwise memtables are taken by class, in turns: those that stop writers, small ones,
 *       large ones. A step of one class ends before any class waits for a second step of another.
 * </ol>
 */
public final class FlushPicker {
  /** Memory of the memtables that one step takes together; the first of them may be larger. */
  static final long MAX_GROUP_BYTES = 16L << 20;

  /**
   * Memory of the range tombstones of one batch, those of its first memtable not counted: they go
   * into one record of the manifest, which is bounded.
   */
  private static final long MAX_RANGE_BYTES = 64 << 20;

  private enum Kind {
    STALLING,
    SMALL,
    LARGE
  }

  /** The memtables of one family that a step flushes into one table. */
  record Batch(ColumnFamilyState family, List<MemTableRef> memtables) {
    /** The largest sequence in them; the last one may be empty, sealed to release the log. */
    long lastSequence() {
      return memtables.stream().mapToLong(m -> m.table().lastSequence()).max().orElse(0);
    }

    /** The largest sequence in some batches. */
    static long largestSequence(List<Batch> batches) {
      return batches.stream().mapToLong(Batch::lastSequence).max().orElse(0);
    }

    private long bytes() {
      return memtables.stream().mapToLong(m -> m.table().memoryUsage()).sum();
    }

    private long sealGroup() {
      return memtables.get(0).sealGroup;
    }

    private Kind kind() {
      if (stopsWriters(family)) {
        return Kind.STALLING;
      }
      return bytes() <= MAX_GROUP_BYTES ? Kind.SMALL : Kind.LARGE;
    }
  }

  private final boolean atomic;
  private Kind last = Kind.LARGE;
  private boolean interrupted;

  /**
   * Creates a picker.
   *
   * @param atomic whether memtables that were sealed together must be flushed together
   */
  FlushPicker(boolean atomic) {
    this.atomic = atomic;
  }

  /** Whether a family's writers wait for a flush of it. */
  static boolean stopsWriters(ColumnFamilyState family) {
    StallCondition stall = family.stall();
    return stall.isStop() && stall.cause() == StallCause.MEMTABLES;
  }

  /** Notes that a step has ended early for memtables that stop writers: they are next. */
  void interrupted() {
    interrupted = true;
  }

  /**
   * Picks the memtables of the next step.
   *
   * @param families those that may be flushed
   * @param least whether to take as little as possible, since the disk was found full
   * @return empty when nothing waits
   */
  List<Batch> pick(List<ColumnFamilyState> families, boolean least) {
    return atomic ? pickGroups(families, least) : pickInTurn(families, least);
  }

  private List<Batch> pickGroups(List<ColumnFamilyState> families, boolean least) {
    TreeMap<Long, Long> bytesByGroup = new TreeMap<>();
    for (ColumnFamilyState family : families) {
      for (MemTableRef memtable : family.immutables()) {
        bytesByGroup.merge(memtable.sealGroup, memtable.table().memoryUsage(), Long::sum);
      }
    }
    long newest = Long.MIN_VALUE;
    long bytes = 0;
    for (var group : bytesByGroup.entrySet()) {
      bytes += group.getValue();
      if (newest != Long.MIN_VALUE && (least || bytes > MAX_GROUP_BYTES)) {
        break;
      }
      newest = group.getKey();
    }
    List<Batch> batches = new ArrayList<>();
    for (ColumnFamilyState family : families) {
      long upTo = newest;
      List<MemTableRef> memtables =
          family.immutables().stream().filter(memtable -> memtable.sealGroup <= upTo).toList();
      if (!memtables.isEmpty()) {
        batches.add(new Batch(family, memtables));
      }
    }
    return batches;
  }

  private List<Batch> pickInTurn(List<ColumnFamilyState> families, boolean least) {
    TreeMap<Kind, List<Batch>> waiting = new TreeMap<>();
    for (ColumnFamilyState family : families) {
      if (!family.immutables().isEmpty()) {
        Batch batch = new Batch(family, oldest(family));
        waiting.computeIfAbsent(batch.kind(), kind -> new ArrayList<>()).add(batch);
      }
    }
    if (waiting.isEmpty()) {
      last = Kind.LARGE;
      return List.of();
    }
    List<Batch> ofClass = waiting.get(Kind.STALLING);
    if (ofClass == null || !interrupted) {
      Kind next = waiting.higherKey(last);
      last = next == null ? waiting.firstKey() : next;
      ofClass = waiting.get(last);
    }
    interrupted = false;
    ofClass.sort(Comparator.comparingLong(Batch::sealGroup));
    return least ? ofClass.subList(0, 1) : fitting(ofClass);
  }

  /** The memtables of a family whose range tombstones fit into one record of the manifest. */
  private static List<MemTableRef> oldest(ColumnFamilyState family) {
    List<MemTableRef> memtables = new ArrayList<>();
    long ranges = 0;
    for (MemTableRef memtable : family.immutables()) {
      ranges += memtable.table().rangeMemoryUsage();
      if (!memtables.isEmpty() && ranges > MAX_RANGE_BYTES) {
        break;
      }
      memtables.add(memtable);
    }
    return memtables;
  }

  private static List<Batch> fitting(List<Batch> batches) {
    List<Batch> taken = new ArrayList<>();
    long bytes = 0;
    for (Batch batch : batches) {
      bytes += batch.bytes();
      if (!taken.isEmpty() && bytes > MAX_GROUP_BYTES) {
        break;
      }
      taken.add(batch);
    }
    return taken;
  }
}
