package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.family.KeySorter;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.family.WriteBuffers;
import io.lsmdb.internal.engine.runtime.DbMutex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What turns mutable memtables into immutable ones, for the flush to take.
 *
 * <p>Used by the commit leader alone (and by recovery, before there is one): no insertion runs
 * meanwhile, and everything inserted so far is visible. With atomic flushes, all families that are
 * not empty are sealed together.
 */
public final class MemTableSealer {
  /** Smaller memtables are not sealed for their memory, in bytes. */
  private static final long SMALLEST_WORTH_SEALING = 64 << 10;

  private final Env env;
  private final FamilyRegistry families;
  private final WriteBuffers buffers;
  private final DbMutex mutex;
  private long lastGroup;

  /**
   * The parts of a store that sealing uses.
   *
   * @param families those of the store
   * @param buffers counts memory
   * @param sorter sorts the keys of memtables that are not full yet
   * @param mutex guards the families
   * @param atomicFlush whether memtables are flushed together, and so sealed together
   * @param scheduleWork run after memtables have been sealed
   */
  public record Env(
      FamilyRegistry families,
      WriteBuffers buffers,
      KeySorter sorter,
      DbMutex mutex,
      boolean atomicFlush,
      Runnable scheduleWork) {}

  public MemTableSealer(Env env) {
    this.env = env;
    this.families = env.families();
    this.buffers = env.buffers();
    this.mutex = env.mutex();
  }

  /**
   * Seals a family's memtable if it is full, and otherwise offers it for the sorting of what
   * commits have added.
   *
   * @param most memory from which on the memtable is sealed however many wait: there must be room
   *     for any group
   */
  void prepare(ColumnFamilyState family, long most) {
    MemTableRef memtable = family.readState().mutable();
    long memory = buffers.count(memtable);
    if (memory > most) {
      seal(family);
    } else if (FamilyRules.isFull(family, memtable.table(), memory)) {
      sealFull(family);
    } else {
      env.sorter().offer(memtable);
    }
  }

  /** Counts the memory of a family's memtable now. */
  void count(ColumnFamilyState family) {
    buffers.count(family.readState().mutable());
  }

  /**
   * Seals a full memtable if there is room for another one; otherwise it grows on, and further
   * writers wait before they join a commit group.
   */
  private void sealFull(ColumnFamilyState family) {
    int most = family.options().maxWriteBufferNumber();
    if (mutex.get(() -> FamilyRules.fullImmutables(family) + 1 < most)) {
      seal(family);
    } else {
      mutex.run(() -> FamilyRules.updateStall(family));
    }
  }

  /** Seals all memtables that need a part of the log before a sequence. */
  void sealBeyond(long firstKept) {
    List<ColumnFamilyState> pinning =
        mutex.get(
            () ->
                families.all().stream()
                    .filter(f -> f.readState().mutable().firstLoggedSequence() < firstKept)
                    .toList());
    sealTogether(pinning);
  }

  /** Seals the largest memtables if all of them take too much memory together. */
  void sealForMemory() {
    long excess = buffers.excess();
    if (excess == 0) {
      return;
    }
    List<ColumnFamilyState> all = families.all();
    all.sort(Comparator.comparingLong(MemTableSealer::memory).reversed());
    List<ColumnFamilyState> largest = new ArrayList<>();
    for (ColumnFamilyState family : all) {
      if (excess > 0 && memory(family) >= SMALLEST_WORTH_SEALING) {
        largest.add(family);
        excess -= memory(family);
      }
    }
    sealTogether(largest);
    buffers.relieved();
  }

  private static long memory(ColumnFamilyState family) {
    return family.readState().mutable().countedBytes;
  }

  /** Seals the memtables of some families that are not empty. */
  public void sealAll(Collection<ColumnFamilyState> some) {
    sealTogether(some.stream().filter(family -> !isEmpty(family)).toList());
  }

  private static boolean isEmpty(ColumnFamilyState family) {
    return family.readState().mutable().table().isEmpty();
  }

  /** Seals a memtable, and with atomic flushes those of all other families. */
  public void seal(ColumnFamilyState family) {
    sealTogether(List.of(family));
  }

  /**
   * Seals memtables, and with atomic flushes those of all other families: in one step, so that a
   * flush takes all of them or none.
   */
  private void sealTogether(List<ColumnFamilyState> some) {
    if (some.isEmpty()) {
      return;
    }
    Set<ColumnFamilyState> together = new LinkedHashSet<>(some);
    if (env.atomicFlush()) {
      families.all().stream().filter(f -> !isEmpty(f)).forEach(together::add);
    }
    Map<ColumnFamilyState, MemTableRef> fresh = new LinkedHashMap<>();
    together.forEach(family -> fresh.put(family, family.newMemTable())); // may find no memory
    lastGroup++;
    mutex.change(() -> fresh.forEach(this::sealOne));
    env.scheduleWork().run();
  }

  private void sealOne(ColumnFamilyState family, MemTableRef fresh) {
    if (!family.isDropped()) {
      family.seal(lastGroup, fresh);
      FamilyRules.updateStall(family);
    }
  }
}
