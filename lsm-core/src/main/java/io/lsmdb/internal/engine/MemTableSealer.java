package io.lsmdb.internal.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What turns mutable memtables into immutable ones, for the flush to take.
 *
 * <p>Used by the commit leader alone (and by recovery, before there is one): no insertion runs
 * meanwhile, and everything inserted so far is visible. With atomic flushes, all families that are
 * not empty are sealed together.
 */
final class MemTableSealer {
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
    if (context.monitor().get(() -> family.immutables().size() + 1 < most)) {
      seal(family);
    } else {
      context.monitor().run(() -> WriteController.update(family));
    }
  }

  /** Seals the memtable that needs the oldest part of the log, unless it is sealed already. */
  void sealOldestLogged() {
    ColumnFamilyState oldest = context.monitor().get(this::familyThatPinsTheLog);
    if (oldest != null) {
      seal(oldest);
    }
  }

  private ColumnFamilyState familyThatPinsTheLog() {
    ColumnFamilyState oldest = null;
    long first = Long.MAX_VALUE;
    for (ColumnFamilyState family : context.families().all()) {
      long needed = family.firstUnflushedLogged();
      if (needed < first) {
        first = needed;
        oldest = family;
      }
    }
    boolean unsealed =
        oldest != null && oldest.readState().mutable().firstLoggedSequence() == first;
    return unsealed ? oldest : null;
  }

  /** Seals the memtables of some families that are not empty. */
  void sealAll(Collection<ColumnFamilyState> families) {
    for (ColumnFamilyState family : families) {
      if (!family.isDropped() && !isEmpty(family)) {
        seal(family);
      }
    }
  }

  private static boolean isEmpty(ColumnFamilyState family) {
    return family.readState().mutable().table().isEmpty();
  }

  /**
   * Seals a memtable, and with atomic flushes those of all other families: in one step, so that a
   * flush takes all of them or none.
   */
  void seal(ColumnFamilyState family) {
    List<ColumnFamilyState> together = new ArrayList<>();
    if (context.options().atomicFlush()) {
      for (ColumnFamilyState other : context.families().all()) {
        if (other != family && !isEmpty(other)) {
          together.add(other);
        }
      }
    }
    together.add(family);
    lastGroup++;
    context.monitor().change(() -> together.forEach(this::sealOne));
    context.scheduleWork();
  }

  private void sealOne(ColumnFamilyState family) {
    family.seal(lastGroup);
    WriteController.update(family);
  }
}
