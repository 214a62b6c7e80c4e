package io.lsmdb.internal.engine.background;

import io.lsmdb.DbException;
import io.lsmdb.EventListener;
import io.lsmdb.internal.compaction.CompactionJob;
import io.lsmdb.internal.compaction.DropRules;
import io.lsmdb.internal.compaction.JobCancelledException;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.FilesInRange;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.StoreLifecycle;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * The choosing and running of compactions, those that somebody asked for first.
 *
 * <p>Thread-safe: several steps may run beside each other. What each is working on is listed in its
 * family, under the state monitor, so that no two touch the same files.
 */
public final class CompactionWork {
  private final JobContext context;
  private final DbMutex mutex;
  private final FamilyRegistry families;
  private final StoreLifecycle lifecycle;
  private final LongSupplier clockMillis;
  private final Schedule schedule;
  private final AtomicBoolean unchecked = new AtomicBoolean(true);

  // Guarded by the state monitor.
  private final List<ManualCompaction> manual = new ArrayList<>();
  private final List<Runnable> outcomes = new ArrayList<>();
  private DbException noMoreRequests; // why, once there are none

  /**
   * The parts of a store that compactions are chosen by.
   *
   * @param mutex guards the families
   * @param families those of the store
   * @param lifecycle ends compactions
   * @param clockMillis wall clock in ms since 1970
   */
  public record Env(
      DbMutex mutex, FamilyRegistry families, StoreLifecycle lifecycle, LongSupplier clockMillis) {}

  /**
   * Says when compactions are looked for.
   *
   * @param timer has them looked for when something expires
   * @param now has them looked for now, by another thread
   */
  public record Schedule(ExpiryTimer timer, Runnable now) {}

  public CompactionWork(Env env, JobContext context, Schedule schedule) {
    this.mutex = env.mutex();
    this.families = env.families();
    this.lifecycle = env.lifecycle();
    this.clockMillis = env.clockMillis();
    this.context = context;
    this.schedule = schedule;
  }

  /** A decision, with what it was made from; the version is pinned. */
  private record Task(
      ColumnFamilyState family,
      Compaction compaction,
      PickerInput input,
      ManualCompaction request) {
    boolean isCancelled(StoreLifecycle lifecycle) {
      return lifecycle.isClosing()
          || family.isDropping()
          || (request != null && request.result().isDone());
    }
  }

  /** To be called after each change of a version. */
  public void versionChanged() {
    unchecked.set(true);
  }

  boolean mayHaveWork() {
    return unchecked.get();
  }

  /** Adds a request. */
  public void request(ManualCompaction request) {
    DbException reason =
        mutex.get(
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
  public void endRequests(DbException reason) {
    List<ManualCompaction> open =
        mutex.get(
            () -> {
              noMoreRequests = reason;
              List<ManualCompaction> all = List.copyOf(manual);
              manual.clear();
              return all;
            });
    open.forEach(request -> request.result().completeExceptionally(reason));
    mutex.change(() -> {});
  }

  /** Runs the most urgent compaction; false when there is none. */
  boolean step() {
    unchecked.set(false);
    Task task = mutex.get(this::take);
    tellOutcomes();
    if (task == null) {
      schedule.timer().set();
      return false;
    }
    try {
      letOthersLook();
      run(task);
    } catch (JobCancelledException cancelled) {
      if (lifecycle.isClosing()) {
        throw cancelled;
      }
    } finally {
      mutex.change(() -> task.family().running().remove(task.compaction()));
      task.input().version().release();
      versionChanged();
    }
    return true;
  }

  /** Gives other threads the chance to work beside the compaction that was just begun. */
  private void letOthersLook() {
    versionChanged();
    schedule.now().run();
  }

  /** Completes requests without holding the monitor: their users' code may run in this thread. */
  private void tellOutcomes() {
    List<Runnable> ended = new ArrayList<>();
    mutex.run(
        () -> {
          ended.addAll(outcomes);
          outcomes.clear();
        });
    if (!ended.isEmpty()) {
      ended.forEach(Runnable::run);
      mutex.change(() -> {}); // somebody may wait for an outcome
    }
  }

  /** Drops whole tables of a range; returns how many. The caller keeps the family from going. */
  public int dropFiles(ColumnFamilyState family, byte[] from, byte[] to) {
    List<Compaction> drops =
        mutex.get(
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
      context.versions().logAndApply(VersionEdit.builder().removeFiles(removed).build());
      return removed.size();
    } finally {
      mutex.change(() -> family.running().removeAll(drops));
      letOthersLook();
    }
  }

  private void run(Task task) {
    Compaction compaction = task.compaction();
    ColumnFamilyState family = task.family();
    CompactionJob.Result result = runAndCommit(task);
    mutex.run(
        () -> {
          family.compactionCursors()[compaction.level()] = compaction.cursor();
          if (task.request() != null) {
            task.request().reached(compaction);
          }
        });
    long read = result.statistics().bytesRead();
    long written = result.statistics().bytesWritten();
    context.stats().compacted(read, written);
    context
        .events()
        .reportKept(family.name(), EventListener.Work.COMPACTION, result.statistics().kept());
    context
        .events()
        .report(
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
            context.jobs().of(task.family(), rules),
            () -> task.isCancelled(lifecycle))
        .run();
  }

  private void commit(CompactionJob.Result result) {
    context.versions().logAndApply(result.edit(), () -> families.noteDropped(result.edit()));
  }

  // ---- Choosing, with the state monitor held.

  private Task take() {
    for (ManualCompaction request : List.copyOf(manual)) {
      Task task = takeManual(request);
      if (task != null) {
        return task;
      }
    }
    List<ColumnFamilyState> all = families.all();
    all.sort(Comparator.comparingDouble(CompactionWork::urgency).reversed());
    ExpiryTimer.Look look = new ExpiryTimer.Look();
    for (ColumnFamilyState family : all) {
      if (!family.isDropping()) {
        PickerInput input = input(family);
        Compaction picked = family.picker().pick(input).orElse(null);
        if (picked != null) {
          return begin(family, picked, input, null);
        }
        look.nothingPicked(family, input);
      }
    }
    schedule.timer().looked(look);
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
        FamilyRules.levelOptions(family),
        family.running(),
        family.compactionCursors(),
        snapshots,
        clockMillis.getAsLong(),
        family.clock().now());
  }
}
