package io.lsmdb.internal.engine;

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
final class MemTableSealer {
  /** Smaller memtables are not sealed for their memory, in bytes. */
  private static final long SMALLEST_WORTH_SEALING = 64 << 10;

  private final EngineContext context;
  private long lastGroup;

  MemTableSealer(EngineContext context) {
    this.context = context;
  }

  /**
   * Seals a full memtable if there is room for another one; otherwise it grows on, and further
   * writers wait before they join a commit group.
   */
  void sealFull(ColumnFamilyState family) {
    int most = family.options().maxWriteBufferNumber();
    if (context.monitor().get(() -> WriteController.fullImmutables(family) + 1 < most)) {
      seal(family);
    } else {
      context.monitor().run(() -> WriteController.update(family));
    }
  }

  /** Seals all memtables that need a part of the log in front of its newest {@code maxLogSize}. */
  void sealBeyondLogLimit() {
    long firstKept = context.log().firstSequenceWithinLimit();
    List<ColumnFamilyState> pinning =
        context
            .monitor()
            .get(
                () ->
                    context.families().all().stream()
                        .filter(f -> f.readState().mutable().firstLoggedSequence() < firstKept)
                        .toList());
    sealTogether(pinning);
  }

  /** Seals the largest memtables if all of them take too much memory together. */
  void sealForMemory() {
    WriteBuffers buffers = context.writeBuffers();
    long excess = buffers.excess();
    if (excess == 0) {
      return;
    }
    List<ColumnFamilyState> families = context.families().all();
    families.sort(Comparator.comparingLong(MemTableSealer::memory).reversed());
    List<ColumnFamilyState> largest = new ArrayList<>();
    for (ColumnFamilyState family : families) {
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
  void sealAll(Collection<ColumnFamilyState> families) {
    sealTogether(families.stream().filter(family -> !isEmpty(family)).toList());
  }

  private static boolean isEmpty(ColumnFamilyState family) {
    return family.readState().mutable().table().isEmpty();
  }

  /** Seals a memtable, and with atomic flushes those of all other families. */
  void seal(ColumnFamilyState family) {
    sealTogether(List.of(family));
  }

  /**
   * Seals memtables, and with atomic flushes those of all other families: in one step, so that a
   * flush takes all of them or none.
   */
  private void sealTogether(List<ColumnFamilyState> families) {
    if (families.isEmpty()) {
      return;
    }
    Set<ColumnFamilyState> together = new LinkedHashSet<>(families);
    if (context.options().atomicFlush()) {
      context.families().all().stream().filter(f -> !isEmpty(f)).forEach(together::add);
    }
    Map<ColumnFamilyState, MemTableRef> fresh = new LinkedHashMap<>();
    together.forEach(family -> fresh.put(family, family.newMemTable())); // may find no memory
    lastGroup++;
    context.monitor().change(() -> fresh.forEach(this::sealOne));
    context.scheduleWork();
  }

  private void sealOne(ColumnFamilyState family, MemTableRef fresh) {
    if (!family.isDropped()) {
      family.seal(lastGroup, fresh);
      WriteController.update(family);
    }
  }
}
