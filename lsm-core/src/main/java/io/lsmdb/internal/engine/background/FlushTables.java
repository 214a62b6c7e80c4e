package io.lsmdb.internal.engine.background;

import io.lsmdb.EventListener;
import io.lsmdb.internal.compaction.FlushJob;
import io.lsmdb.internal.compaction.KeptEntries;
import io.lsmdb.internal.compaction.SharedWork;
import io.lsmdb.internal.engine.background.FlushPicker.Batch;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.range.LiveRangeTombstones;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The writing of the tables of one flush step, several at a time.
 *
 * <p>Used once, by the flush thread; {@link #run} has other threads help.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each batch becomes one table at most, or is left for a later step as a whole.
 *   <li>The first batch is written always; with atomic flushes, or after a failure, all or none
 *       count.
 * </ol>
 */
public final class FlushTables {
  private final Env env;
  private final JobContext context;
  private final List<Batch> batches;
  private final Written[] results;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean interrupted = new AtomicBoolean();

  /** The result of a batch. */
  private record Written(
      Batch batch,
      Optional<AddedFile> table,
      List<DropClock> dropClocks,
      Optional<DeletedRanges> deleted,
      KeptEntries kept) {}

  /**
   * The parts of a store that flushes take memtables from.
   *
   * @param mutex guards the families
   * @param families those of the store
   * @param atomic whether memtables that were sealed together are flushed together
   * @param threads help to write tables
   */
  public record Env(
      DbMutex mutex, FamilyRegistry families, boolean atomic, BackgroundThreads threads) {}

  FlushTables(Env env, JobContext context, List<Batch> batches) {
    this.env = env;
    this.context = context;
    this.batches = batches;
    this.results = new Written[batches.size()];
  }

  /** Writes the tables; throws the first failure. Returns false if some are left for writers. */
  boolean run() {
    SharedWork.run(
        batches.size(), env.threads()::helpFlush, BackgroundThreads.FLUSH_THREADS - 1, this::write);
    Throwable problem = failure.get();
    if (problem instanceof Error error) {
      throw error;
    } else if (problem != null) {
      throw (RuntimeException) problem; // nothing here throws checked exceptions
    }
    return !interrupted.get();
  }

  private void write(int i) {
    try {
      if (failure.get() == null && !mustEndBefore(i)) {
        results[i] = write(batches.get(i));
      }
    } catch (Throwable e) {
      if (!failure.compareAndSet(null, e) && failure.get() != e) {
        failure.get().addSuppressed(e);
      }
    }
  }

  /** Whether what is left has to wait for another step, so that stopped writers need not. */
  private boolean mustEndBefore(int i) {
    if (i > 0 && !interrupted.get() && isUrgent()) {
      interrupted.set(true);
    }
    return i > 0 && interrupted.get();
  }

  /** Whether writers are stopped by a family, and by none of this step. */
  private boolean isUrgent() {
    return !env.atomic()
        && env.mutex()
            .get(
                () ->
                    batches.stream().noneMatch(batch -> FlushPicker.stopsWriters(batch.family()))
                        && env.families().all().stream().anyMatch(FlushPicker::stopsWriters));
  }

  private Written write(Batch batch) {
    // The memtables are the oldest of their family, so all that is older is in tables already. Only
    // the key ranges of these are looked at, hence nothing needs to be pinned.
    Version older = env.mutex().get(() -> batch.family().readState().version());
    int family = batch.family().id();
    long now = batch.family().clock().now();
    List<InternalIterator> iterators = new ArrayList<>();
    long[] snapshots = context.snapshots().toArray();
    RangeTombstones ranges = RangeTombstones.EMPTY;
    for (MemTableRef memtable : batch.memtables()) {
      iterators.add(memtable.table().iterator());
      LiveRangeTombstones more = memtable.table().rangeTombstones();
      ranges = more == null ? ranges : ranges.union(more.toImmutable(snapshots));
    }
    Optional<DeletedRanges> deleted =
        ranges.isEmpty()
            ? Optional.empty()
            : Optional.of(new DeletedRanges(family, FlushJob.withoutHidden(ranges, snapshots)));
    try (InternalIterator merged = MergingIterator.of(iterators)) {
      FlushJob.Result result =
          new FlushJob(
                  merged,
                  older,
                  snapshots,
                  context.jobs().of(batch.family(), batch.family().rules(now).hidingBy(ranges)),
                  () -> false)
              .run();
      return new Written(
          batch,
          result.table().map(table -> new AddedFile(family, 0, table)),
          DropClock.of(family, result.statistics().entries().latestExpired()),
          deleted,
          result.statistics().kept());
    }
  }

  private List<Written> results() {
    return Arrays.stream(results).filter(Objects::nonNull).toList();
  }

  /** The batches that were written. */
  List<Batch> written() {
    return results().stream().map(Written::batch).toList();
  }

  /** The tables that were written. */
  List<AddedFile> tables() {
    return results().stream().flatMap(result -> result.table().stream()).toList();
  }

  /** Tells the listener of entries that code of the user failed on. */
  void reportKept() {
    for (Written result : results()) {
      context
          .events()
          .reportKept(result.batch().family().name(), EventListener.Work.FLUSH, result.kept());
    }
  }

  /** The change that puts the tables in the place of their memtables. */
  VersionEdit edit() {
    VersionEdit.Builder edit =
        VersionEdit.builder().addFiles(tables()).lastSequence(Batch.largestSequence(written()));
    written().forEach(batch -> edit.flushed(batch.family().id(), batch.lastSequence()));
    for (Written result : results()) {
      edit.dropClocks(result.dropClocks());
      result.deleted().ifPresent(edit::deleteRanges);
    }
    return edit.build();
  }
}
