package io.lsmdb.internal.engine;

import io.lsmdb.DbException;
import io.lsmdb.internal.engine.FlushPicker.Batch;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The flushing of sealed memtables into tables of level 0.
 *
 * <p>Steps run in one thread at a time; {@link FlushPicker} chooses what each takes. The tables of
 * a step, one for each family, enter the manifest in one edit, with one sync of the directory and
 * one of the manifest.
 */
final class FlushWork {
  private final EngineContext context;
  private final FlushPicker picker;

  /** Whether the last step found the disk full; used by steps alone. */
  private boolean wasFull;

  FlushWork(EngineContext context) {
    this.context = context;
    this.picker = new FlushPicker(context.options().atomicFlush());
  }

  /** Whether memtables wait. */
  boolean hasWork() {
    return context
        .monitor()
        .get(() -> flushable().stream().anyMatch(family -> !family.isFlushing()));
  }

  /**
   * The families with memtables that may be flushed; with the state monitor held. While one of them
   * is being dropped, atomic flushes wait: until the drop is recorded, a crash would bring the
   * family back without what was sealed together with the others.
   */
  private List<ColumnFamilyState> flushable() {
    List<ColumnFamilyState> waiting = context.families().all();
    waiting.removeIf(family -> family.immutables().isEmpty());
    boolean anyDropping = waiting.removeIf(ColumnFamilyState::isDropping);
    return anyDropping && context.options().atomicFlush() ? List.of() : waiting;
  }

  /** Whether memtables wait, those included that are being flushed. */
  boolean anyWaits() {
    return context
        .monitor()
        .get(() -> context.families().all().stream().anyMatch(f -> !f.immutables().isEmpty()));
  }

  /** Flushes some of what waits; false when nothing does. */
  boolean step() {
    List<Batch> batches = context.monitor().get(this::take);
    if (batches.isEmpty()) {
      return false;
    }
    boolean done = false;
    try {
      flush(batches);
      done = true;
    } finally {
      wasFull = !done;
      context.monitor().change(() -> batches.forEach(batch -> batch.family().setFlushing(false)));
      batches.forEach(batch -> batch.memtables().forEach(MemTableRef::release));
    }
    return true;
  }

  /** Picks the memtables of the next step, and pins them; with the state monitor held. */
  private List<Batch> take() {
    List<Batch> batches = picker.pick(flushable(), wasFull);
    for (Batch batch : batches) {
      batch.memtables().forEach(MemTableRef::retain);
      batch.family().setFlushing(true);
    }
    return batches;
  }

  private void flush(List<Batch> batches) {
    FlushTables writes = new FlushTables(context, batches);
    boolean complete = false;
    try {
      if (!writes.run()) {
        picker.interrupted();
      }
      keepPrefixRule(writes.written());
      complete = true;
    } finally {
      if (!complete) {
        // Another attempt writes other tables; on a full disk these must not stay in its way.
        writes.tables().forEach(table -> context.deleter().add(table.file()));
      }
    }
    install(writes);
    context.logUpkeep().retire();
    context.logUpkeep().rollUnneeded();
    context.logUpkeep().sealForSize();
    context.background().compactions().versionChanged();
    writes.reportKept();
    for (AddedFile file : writes.tables()) {
      FileMetadata table = file.file();
      context.stats().flushed(table.size());
      ColumnFamilyState family = context.families().byId(file.family());
      if (family != null) {
        context.tell(l -> l.onFlush(family.name(), table.counts().entries(), table.size()));
      }
    }
  }

  /** Records the tables, and takes their memtables out of the families. */
  private void install(FlushTables writes) {
    VersionEdit edit = writes.edit();
    Set<Integer> changed = new HashSet<>();
    edit.added().forEach(table -> changed.add(table.family()));
    edit.rangeTombstones().forEach(ranges -> changed.add(ranges.family()));
    context
        .versions()
        .logAndApply(
            edit,
            () -> {
              context.droppedExpired(edit);
              context.monitor().change(() -> writes.written().forEach(b -> flushed(b, changed)));
            });
  }

  /** Takes memtables out of their family, at once if no new version of it is going to. */
  private static void flushed(Batch batch, Set<Integer> changed) {
    ColumnFamilyState family = batch.family();
    family.markFlushed(batch.memtables());
    if (!changed.contains(family.id())) {
      family.publish(family.readState().version());
      WriteController.update(family);
    }
  }

  /**
   * Syncs the log through the flush if a memtable outside of it has logged entries below it:
   * otherwise a loss of power could keep the newer writes of a flushed family and lose older ones
   * of another, a hole in the order of writes.
   */
  private void keepPrefixRule(List<Batch> batches) {
    Set<MemTableRef> flushing = new HashSet<>();
    batches.forEach(batch -> flushing.addAll(batch.memtables()));
    long largest = Batch.largestSequence(batches);
    boolean needed =
        context
            .monitor()
            .get(
                () ->
                    context.families().all().stream()
                        .anyMatch(f -> f.firstUnflushedLogged(flushing) <= largest));
    if (needed) {
      context.logUpkeep().sync();
    }
  }

  // ---- On request

  /** Seals the memtables of some families, and waits until they are in tables. */
  void flushAndWait(List<ColumnFamilyState> families) {
    context.background().checkMayWait();
    await(seal(families));
  }

  /** Waits until sealed memtables are in tables; throws when that cannot be. */
  void await(Collection<MemTableRef> waiting) {
    Set<MemTableRef> memtables = new HashSet<>(waiting);
    while (context.monitor().get(() -> anyWaits(memtables))) {
      long attempts = context.background().attempts();
      context.background().retry();
      context.monitor().await(() -> !anyWaits(memtables) || cannotFlush(attempts), Long.MAX_VALUE);
      if (context.monitor().get(() -> anyWaits(memtables))) {
        context.failure().check();
        DbException shortage = context.background().shortageSince(attempts);
        if (shortage != null) {
          throw shortage;
        }
        if (context.isClosing()) {
          throw context.gate().closedException();
        }
      }
    }
  }

  /** Seals the memtables of some families; returns all that wait for their flush now. */
  List<MemTableRef> seal(List<ColumnFamilyState> families) {
    context.gate().checkOpen();
    context.failure().check();
    List<MemTableRef> waiting = new ArrayList<>();
    context
        .queue()
        .exclusively(
            () -> {
              context.applier().checkOpen();
              waiting.addAll(sealNow(families));
            });
    return waiting;
  }

  /** Seals the memtables with writes that are in no log; as commit leader. */
  List<MemTableRef> sealUnlogged() {
    return sealNow(
        context
            .monitor()
            .get(
                () ->
                    context.families().all().stream()
                        .filter(ColumnFamilyState::hasUnloggedWrites)
                        .toList()));
  }

  /** Seals the memtables of all families; as commit leader. */
  List<MemTableRef> sealAll() {
    return sealNow(context.families().all());
  }

  private List<MemTableRef> sealNow(List<ColumnFamilyState> families) {
    // An atomic flush is one of all families, even if the ones that were asked for are empty.
    Collection<ColumnFamilyState> concerned =
        context.options().atomicFlush() ? context.families().all() : families;
    List<MemTableRef> waiting = new ArrayList<>();
    context.sealer().sealAll(concerned);
    context.monitor().run(() -> concerned.forEach(family -> waiting.addAll(family.immutables())));
    return waiting;
  }

  private boolean anyWaits(Set<MemTableRef> memtables) {
    return context.families().all().stream()
        .anyMatch(family -> family.immutables().stream().anyMatch(memtables::contains));
  }

  private boolean cannotFlush(long attemptsBefore) {
    return context.failure().isSet()
        || context.background().shortageSince(attemptsBefore) != null
        || context.isClosing();
  }
}
