package io.lsmdb.internal.engine;

import io.lsmdb.StorageException;
import io.lsmdb.internal.compaction.FlushJob;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.range.LiveRangeTombstones;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import io.lsmdb.internal.version.VersionEdit.FlushedSequence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The flushing of sealed memtables into tables of level 0.
 *
 * <p>Steps run in one thread at a time. The memtables of a family become tables in the order in
 * which they were sealed; with atomic flushes, memtables of all families that were sealed together
 * enter the manifest together.
 */
final class FlushWork {
  /**
   * How much memory the range tombstones of one step may take, that of its first memtable not
   * counted: they go into one record of the manifest, which is bounded.
   */
  private static final long MAX_RANGE_BYTES = 64 << 20;

  private final EngineContext context;

  FlushWork(EngineContext context) {
    this.context = context;
  }

  /** The memtables of one family that a step flushes into one table. */
  private record Batch(ColumnFamilyState family, List<MemTableRef> memtables) {
    long lastSequence() {
      // Not of the last one alone: a memtable may be sealed empty, to let go of the log.
      return memtables.stream().mapToLong(m -> m.table().lastSequence()).max().orElse(0);
    }
  }

  /** Whether memtables wait. */
  boolean hasWork() {
    return context
        .monitor()
        .get(
            () ->
                context.families().all().stream()
                    .anyMatch(
                        f -> !f.immutables().isEmpty() && !f.isFlushing() && !f.isDropping()));
  }

  /** Whether memtables wait, those included that are being flushed. */
  boolean anyWaits() {
    return context
        .monitor()
        .get(() -> context.families().all().stream().anyMatch(f -> !f.immutables().isEmpty()));
  }

  /** Flushes what waits longest; false when nothing does. */
  boolean step() {
    List<Batch> batches = context.monitor().get(this::take);
    if (batches.isEmpty()) {
      return false;
    }
    try {
      flush(batches);
    } finally {
      context
          .monitor()
          .change(
              () -> {
                for (Batch batch : batches) {
                  batch.family().setFlushing(false);
                }
              });
      batches.forEach(batch -> batch.memtables().forEach(MemTableRef::release));
    }
    return true;
  }

  /** Picks the memtables of the next step, and pins them; with the state monitor held. */
  private List<Batch> take() {
    List<Batch> batches = new ArrayList<>();
    long oldest = Long.MAX_VALUE;
    List<ColumnFamilyState> families = new ArrayList<>(context.families().all());
    families.removeIf(ColumnFamilyState::isDropping);
    for (ColumnFamilyState family : families) {
      if (!family.immutables().isEmpty()) {
        oldest = Math.min(oldest, family.immutables().peekFirst().sealGroup);
      }
    }
    for (ColumnFamilyState family : families) {
      List<MemTableRef> memtables = new ArrayList<>();
      long ranges = 0;
      for (MemTableRef memtable : family.immutables()) {
        ranges += memtable.table().rangeMemoryUsage();
        boolean fits = memtables.isEmpty() || ranges <= MAX_RANGE_BYTES;
        if (context.options().atomicFlush() ? memtable.sealGroup == oldest : fits) {
          memtables.add(memtable);
        } else {
          break;
        }
      }
      boolean isTurn =
          context.options().atomicFlush()
              || (!memtables.isEmpty() && memtables.get(0).sealGroup == oldest);
      if (!memtables.isEmpty() && isTurn) {
        memtables.forEach(MemTableRef::retain);
        family.setFlushing(true);
        batches.add(new Batch(family, memtables));
      }
    }
    return batches;
  }

  /** What the flushed memtables have become. */
  private static final class Outcome {
    final List<AddedFile> added = new ArrayList<>();
    final List<DropClock> dropClocks = new ArrayList<>();
    final List<DeletedRanges> deleted = new ArrayList<>();
  }

  private void flush(List<Batch> batches) {
    Outcome outcome = new Outcome();
    List<FlushedSequence> flushed = new ArrayList<>();
    long largest = 0;
    boolean written = false;
    try {
      for (Batch batch : batches) {
        write(batch, outcome);
        flushed.add(new FlushedSequence(batch.family().id(), batch.lastSequence()));
        largest = Math.max(largest, batch.lastSequence());
      }
      keepPrefixRule(batches, largest);
      written = true;
    } finally {
      if (!written) {
        // Another attempt writes other tables; on a full disk these must not stay in its way.
        outcome.added.forEach(table -> context.deleter().add(table.file()));
      }
    }
    VersionEdit edit =
        new VersionEdit(List.of(), List.of(), outcome.added, flushed, List.of(), 0, largest)
            .dropping(outcome.dropClocks)
            .deleting(outcome.deleted);
    context
        .versions()
        .logAndApply(
            edit,
            () -> {
              context.droppedExpired(edit);
              context.monitor().change(() -> batches.forEach(b -> flushed(b, edit)));
            });
    context.retireLog();
    context.rollUnneededLog();
    context.background().compactions().versionChanged();
    for (AddedFile file : outcome.added) {
      FileMetadata table = file.file();
      context.stats().flushed(table.size());
      ColumnFamilyState family = context.families().byId(file.family());
      if (family != null) {
        context.tell(l -> l.onFlush(family.name(), table.counts().entries(), table.size()));
      }
    }
  }

  /** Takes memtables out of their family, at once if no new version of it is going to. */
  private static void flushed(Batch batch, VersionEdit edit) {
    ColumnFamilyState family = batch.family();
    family.markFlushed(batch.memtables());
    if (!edit.changes(family.id())) {
      family.publish(family.readState().version());
      WriteController.update(family);
    }
  }

  private void write(Batch batch, Outcome outcome) {
    // The memtables are the oldest of their family, so all that is older is in tables already. Only
    // the key ranges of these are looked at, hence nothing needs to be pinned.
    Version older = context.monitor().get(() -> batch.family().readState().version());
    int family = batch.family().id();
    long now = batch.family().clock().now();
    List<InternalIterator> iterators = new ArrayList<>();
    RangeTombstones ranges = RangeTombstones.EMPTY;
    for (MemTableRef memtable : batch.memtables()) {
      iterators.add(memtable.table().iterator());
      LiveRangeTombstones more = memtable.table().rangeTombstones();
      ranges = more == null ? ranges : ranges.union(more.toImmutable());
    }
    long[] snapshots = context.snapshots().toArray();
    if (!ranges.isEmpty()) {
      outcome.deleted.add(new DeletedRanges(family, FlushJob.withoutHidden(ranges, snapshots)));
    }
    try (InternalIterator merged = MergingIterator.of(iterators)) {
      FlushJob.Result result =
          new FlushJob(
                  merged,
                  older,
                  snapshots,
                  context.jobEnvironment(
                      batch.family(), batch.family().rules(now).hidingBy(ranges)),
                  () -> false)
              .run();
      result.table().ifPresent(table -> outcome.added.add(new AddedFile(family, 0, table)));
      outcome.dropClocks.addAll(
          DropClock.of(family, result.statistics().entries().latestExpired()));
    }
  }

  /**
   * Forces the log through the flush if another family has logged entries below it that are in no
   * table: otherwise a loss of power could keep this family's newer writes and lose the older ones
   * of the other family, a hole in the order of writes.
   */
  private void keepPrefixRule(List<Batch> batches, long largest) {
    boolean needed =
        context
            .monitor()
            .get(
                () ->
                    context.families().all().stream()
                        .filter(f -> batches.stream().noneMatch(b -> b.family() == f))
                        .anyMatch(f -> f.firstUnflushedLogged() <= largest));
    if (needed) {
      context.log().sync(context.queue());
    }
  }

  // ---- On request

  /** Seals the memtables of some families, and waits until they are in tables. */
  void flushAndWait(List<ColumnFamilyState> families) {
    context.background().checkMayWait();
    await(seal(families));
  }

  /** Waits until sealed memtables are in tables; throws when that cannot be. */
  void await(List<MemTableRef> memtables) {
    while (context.monitor().get(() -> anyWaits(memtables))) {
      long attempts = context.background().attempts();
      context.background().retry();
      context.monitor().await(() -> !anyWaits(memtables) || cannotFlush(attempts), Long.MAX_VALUE);
      if (context.monitor().get(() -> anyWaits(memtables))) {
        context.failure().check();
        StorageException full = context.background().fullSince(attempts);
        if (full != null) {
          throw full;
        }
        if (context.isClosing()) {
          throw ReadGate.closedException();
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

  private List<MemTableRef> sealNow(List<ColumnFamilyState> families) {
    // An atomic flush is one of all families, even if the ones that were asked for are empty.
    Collection<ColumnFamilyState> concerned =
        context.options().atomicFlush() ? context.families().all() : families;
    List<MemTableRef> waiting = new ArrayList<>();
    context.sealer().sealAll(concerned);
    context.monitor().run(() -> concerned.forEach(family -> waiting.addAll(family.immutables())));
    return waiting;
  }

  private boolean anyWaits(List<MemTableRef> memtables) {
    return context.families().all().stream()
        .anyMatch(family -> family.immutables().stream().anyMatch(memtables::contains));
  }

  private boolean cannotFlush(long attemptsBefore) {
    return context.failure().isSet()
        || context.background().fullSince(attemptsBefore) != null
        || context.isClosing();
  }
}
