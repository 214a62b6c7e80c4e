package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Compression;
import io.lsmdb.DbException;
import io.lsmdb.EventListener;
import io.lsmdb.internal.compaction.Compaction;
import io.lsmdb.internal.compaction.CompactionJob;
import io.lsmdb.internal.compaction.DropRules;
import io.lsmdb.internal.compaction.FilesInRange;
import io.lsmdb.internal.compaction.JobCancelledException;
import io.lsmdb.internal.compaction.LevelOptions;
import io.lsmdb.internal.compaction.PickerInput;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.FilterFormat;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The choosing and running of compactions, those that somebody asked for first.
 *
 * <p>Thread-safe: several steps may run beside each other. What each is working on is listed in its
 * family, under the state monitor, so that no two touch the same files.
 */
final class CompactionWork {
  private final EngineContext context;
  private final ExpiryTimer watch;
  private final AtomicBoolean unchecked = new AtomicBoolean(true);

  // Guarded by the state monitor.
  private final List<ManualCompaction> manual = new ArrayList<>();
  private final List<Runnable> outcomes = new ArrayList<>();
  private DbException noMoreRequests; // why, once there are none

  CompactionWork(EngineContext context, ExpiryTimer watch) {
    this.context = context;
    this.watch = watch;
  }

  /** A decision, with what it was made from; the version is pinned. */
  private record Task(
      ColumnFamilyState family,
      Compaction compaction,
      PickerInput input,
      ManualCompaction request) {
    boolean isCancelled(EngineContext context) {
      return context.isClosing()
          || family.isDropping()
          || (request != null && request.result().isDone());
    }
  }

  /** The sizes of a family's levels. */
  static LevelOptions levelOptions(ColumnFamilyState family) {
    ColumnFamilyOptions options = family.options();
    int trigger = options.level0FileNumCompactionTrigger();
    return new LevelOptions(
        trigger,
        Math.max(trigger, Math.min(2 * trigger, options.level0SlowdownWritesTrigger() / 2)),
        options.maxBytesForLevelBase(),
        options.maxBytesForLevelMultiplier(),
        options.targetFileSize(),
        options.compactionFilter() == null ? options.compression().size() - 1 : Version.LEVELS,
        PickerInput.millis(options.periodicCompaction()));
  }

  /** How tables of a level are laid out. */
  static TableFormat tableFormat(ColumnFamilyOptions options, int level) {
    List<Compression> levels = options.compression();
    Compression compression = levels.get(Math.min(level, levels.size() - 1));
    return new TableFormat(
        options.blockSize(),
        new FilterFormat(
            options.bloomBitsPerKey(),
            options.prefixLength(),
            options.filterWholeKeys(),
            options.filterLastLevel()),
        switch (compression) {
          case NONE -> BlockCodec.NONE;
          case LZ4 -> BlockCodec.LZ4;
        });
  }

  /** To be called after each change of a version. */
  void versionChanged() {
    unchecked.set(true);
  }

  boolean mayHaveWork() {
    return unchecked.get();
  }

  /** Adds a request. */
  void request(ManualCompaction request) {
    DbException reason =
        context
            .monitor()
            .get(
                () -> {
                  if (noMoreRequests == null) {
                    manual.add(request);
                  }
                  return noMoreRequests;
                });
    if (reason != null) {
      request.result().completeExceptionally(reason);
    }
    versionChanged();
  }

  /**
   * Ends all requests, those to come as well; called when writes are stopped or the store closes.
   */
  void endRequests(DbException reason) {
    List<ManualCompaction> open =
        context
            .monitor()
            .get(
                () -> {
                  noMoreRequests = reason;
                  List<ManualCompaction> all = List.copyOf(manual);
                  manual.clear();
                  return all;
                });
    open.forEach(request -> request.result().completeExceptionally(reason));
    context.monitor().change(() -> {});
  }

  /** Runs the most urgent compaction; false when there is none. */
  boolean step() {
    unchecked.set(false);
    Task task = context.monitor().get(this::take);
    tellOutcomes();
    if (task == null) {
      watch.set();
      return false;
    }
    try {
      letOthersLook();
      run(task);
    } catch (JobCancelledException cancelled) {
      if (context.isClosing()) {
        throw cancelled;
      }
    } finally {
      context.monitor().change(() -> task.family().running().remove(task.compaction()));
      task.input().version().release();
      versionChanged();
    }
    return true;
  }

  /** Gives other threads the chance to work beside the compaction that was just begun. */
  private void letOthersLook() {
    versionChanged();
    context.background().schedule();
  }

  /** Completes requests without holding the monitor: their users' code may run in this thread. */
  private void tellOutcomes() {
    List<Runnable> ended = new ArrayList<>();
    context
        .monitor()
        .run(
            () -> {
              ended.addAll(outcomes);
              outcomes.clear();
            });
    if (!ended.isEmpty()) {
      ended.forEach(Runnable::run);
      context.monitor().change(() -> {}); // somebody may wait for an outcome
    }
  }

  /** Drops whole tables of a range; returns how many. The caller keeps the family from going. */
  int dropFiles(ColumnFamilyState family, byte[] from, byte[] to) {
    List<Compaction> drops =
        context
            .monitor()
            .get(
                () -> {
                  long[] snapshots = context.snapshots().toArray();
                  long newest = snapshots.length == 0 ? -1 : snapshots[snapshots.length - 1];
                  List<Compaction> chosen = FilesInRange.choose(input(family), from, to, newest);
                  family.running().addAll(chosen);
                  return chosen;
                });
    if (drops.isEmpty()) {
      return 0;
    }
    try {
      List<VersionEdit.RemovedFile> removed = new ArrayList<>();
      drops.forEach(drop -> removed.addAll(drop.removals()));
      context
          .versions()
          .logAndApply(
              new VersionEdit(List.of(), removed, List.of(), List.of(), List.of(), 0, 0), () -> {});
      return removed.size();
    } finally {
      context.monitor().change(() -> family.running().removeAll(drops));
      letOthersLook();
    }
  }

  private void run(Task task) {
    Compaction compaction = task.compaction();
    ColumnFamilyState family = task.family();
    CompactionJob.Result result = runAndCommit(task);
    context
        .monitor()
        .run(
            () -> {
              family.compactionCursors()[compaction.level()] = compaction.cursor();
              if (task.request() != null) {
                task.request().reached(compaction);
              }
            });
    long read = result.statistics().bytesRead();
    long written = result.statistics().bytesWritten();
    context.stats().compacted(read, written);
    context.tellKept(family, EventListener.Work.COMPACTION, result.statistics().kept());
    context.tell(
        listener ->
            listener.onCompaction(
                family.name(), compaction.level(), compaction.outputLevel(), read, written));
  }

  /** Runs the job, once more without filter if a snapshot would notice what that has done. */
  private CompactionJob.Result runAndCommit(Task task) {
    PickerInput input = task.input();
    DropRules rules =
        task.family().rules(input.expiryClock()).hidingBy(input.version().rangeTombstones());
    long[] snapshots = context.snapshots().toArray();
    CompactionJob.Result result = runJob(task, rules, snapshots);
    if (result.statistics().entries().filtered() == 0) {
      commit(result);
      return result;
    }
    long newest = snapshots.length == 0 ? 0 : snapshots[snapshots.length - 1];
    if (context.snapshots().runIfNoneAbove(newest, () -> commit(result))) {
      return result;
    }
    result.outputs().forEach(context.deleter()::add);
    CompactionJob.Result unfiltered =
        runJob(task, rules.withoutFilter(), context.snapshots().toArray());
    commit(unfiltered);
    return unfiltered;
  }

  private CompactionJob.Result runJob(Task task, DropRules rules, long[] snapshots) {
    return new CompactionJob(
            task.compaction(),
            snapshots,
            context.jobEnvironment(task.family(), rules),
            () -> task.isCancelled(context))
        .run();
  }

  private void commit(CompactionJob.Result result) {
    context.versions().logAndApply(result.edit(), () -> context.droppedExpired(result.edit()));
  }

  // ---- Choosing, with the state monitor held.

  private Task take() {
    for (ManualCompaction request : List.copyOf(manual)) {
      Task task = takeManual(request);
      if (task != null) {
        return task;
      }
    }
    List<ColumnFamilyState> families = new ArrayList<>(context.families().all());
    families.sort(Comparator.comparingDouble(CompactionWork::urgency).reversed());
    ExpiryTimer.Look look = new ExpiryTimer.Look();
    for (ColumnFamilyState family : families) {
      if (!family.isDropping()) {
        PickerInput input = input(family);
        Compaction picked = family.picker().pick(input).orElse(null);
        if (picked != null) {
          return begin(family, picked, input, null);
        }
        look.nothingPicked(family, input);
      }
    }
    watch.looked(look);
    return null;
  }

  private Task takeManual(ManualCompaction request) {
    if (request.result().isDone() || request.family().isDropping()) {
      manual.remove(request);
      outcomes.add(
          () -> request.result().completeExceptionally(request.family().droppedException()));
      return null;
    }
    if (request.isRunning() || !request.isFlushed()) {
      return null;
    }
    PickerInput input = input(request.family());
    Compaction picked = request.pick(input).orElse(null);
    if (picked != null) {
      return begin(request.family(), picked, input, request);
    }
    if (!request.isBlocked(input)) {
      manual.remove(request);
      outcomes.add(() -> request.result().complete(null));
    }
    return null;
  }

  private Task begin(
      ColumnFamilyState family, Compaction picked, PickerInput input, ManualCompaction request) {
    input.version().retain();
    family.running().add(picked);
    if (request != null) {
      request.begun(picked);
    }
    return new Task(family, picked, input, request);
  }

  private static double urgency(ColumnFamilyState family) {
    return family.stall().debt() * 1000
        + (double) family.picker().level0Backlog(family.readState().version())
            / family.options().level0FileNumCompactionTrigger();
  }

  private PickerInput input(ColumnFamilyState family) {
    // In this order: a snapshot that is not among these sees all of the version's range tombstones.
    Version version = family.readState().version();
    long[] snapshots = context.snapshots().toArray();
    return new PickerInput(
        family.id(),
        version,
        levelOptions(family),
        family.running(),
        family.compactionCursors(),
        snapshots,
        context.env().clockMillis().getAsLong(),
        family.clock().now());
  }
}
