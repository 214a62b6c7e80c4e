package io.lsmdb.internal.compaction;

import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.LevelIterator;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The execution of one compaction, up to the version edit that makes it count.
 *
 * <p>Used once; {@link #run()} is called by one thread and may use others for parts of the work.
 *
 * <ol>
 *   <li>On success the content of all outputs is durable; the caller commits the edit, which makes
 *       their names durable too, and keeps the outputs from being deleted until then.
 *   <li>On failure, cancellation included, every output is deleted; the first failure is thrown,
 *       with later ones suppressed. Inputs are never touched.
 *   <li>No user key is in two outputs.
 * </ol>
 */
public final class CompactionJob {
  /*
   * Parts (subcompactions) are disjoint ranges of user keys, so they share nothing but the inputs and
   * need no order among them. The calling thread takes part after part from a common counter, and so
   * do the helpers that the executor happens to start. A part that no helper has begun is simply done
   * by the caller; it waits only for parts that a live thread is working on. So the executor may have
   * no free thread, ever, or may be the one that runs this job: nothing waits for a task in its queue.
   */

  /**
   * What came of it.
   *
   * @param edit removes the inputs and adds the outputs
   * @param outputs the new tables in key order; the moved ones, if they are only moved
   * @param statistics what was done
   */
  public record Result(VersionEdit edit, List<FileMetadata> outputs, JobStatistics statistics) {}

  /** Cancellation is looked at once for this many entries plus one. */
  static final int CANCEL_MASK = 255;

  private final Compaction compaction;
  private final long[] snapshots;
  private final JobEnvironment environment;
  private final BooleanSupplier cancelled;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** One range of user keys with what was written of it; handed over by the latch. */
  private static final class Part {
    final byte[] from; // null for the start
    final byte[] toExclusive; // null for the end
    final TableOutputs outputs;
    JobStatistics statistics = JobStatistics.NONE;

    Part(byte[] from, byte[] toExclusive, TableOutputs outputs) {
      this.from = from;
      this.toExclusive = toExclusive;
      this.outputs = outputs;
    }
  }

  /**
   * Describes an execution.
   *
   * @param compaction what to do
   * @param snapshots sequences of the live snapshots, ascending, taken after the version from which
   *     the compaction was picked
   * @param environment the store around
   * @param cancelled whether to stop; asked by several threads
   */
  public CompactionJob(
      Compaction compaction,
      long[] snapshots,
      JobEnvironment environment,
      BooleanSupplier cancelled) {
    this.compaction = compaction;
    this.snapshots = snapshots.clone();
    this.environment = environment;
    this.cancelled = cancelled;
  }

  /**
   * Does the work.
   *
   * @return the edit to be committed
   * @throws JobCancelledException if told to stop
   */
  public Result run() {
    if (compaction.work() != Compaction.Work.REWRITE) {
      List<FileMetadata> moved =
          compaction.work() == Compaction.Work.MOVE ? compaction.inputs() : List.of();
      boolean expired = compaction.reason() == Compaction.Reason.EXPIRED_FILES;
      VersionEdit edit = edit(moved, expired ? latestExpiry(compaction.inputs()) : 0);
      return new Result(edit, moved, JobStatistics.NONE);
    }
    List<Part> parts = parts();
    runAll(parts);
    Throwable problem = failure.get();
    if (problem == null) {
      try {
        return finish(parts);
      } catch (RuntimeException | Error e) {
        problem = e;
      }
    }
    for (Part part : parts) {
      part.outputs.discard(problem);
    }
    if (problem instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) problem; // nothing here throws checked exceptions
  }

  private Result finish(List<Part> parts) {
    List<FileMetadata> outputs = new ArrayList<>();
    JobStatistics statistics = JobStatistics.NONE.reading(compaction.inputBytes());
    for (Part part : parts) {
      outputs.addAll(part.outputs.finished());
      statistics = statistics.plus(part.statistics);
    }
    VersionEdit edit = edit(outputs, statistics.entries().latestExpired());
    return new Result(edit, List.copyOf(outputs), statistics);
  }

  private static long latestExpiry(List<FileMetadata> files) {
    return files.stream().mapToLong(file -> file.counts().expiries().largest()).max().orElse(0);
  }

  private VersionEdit edit(List<FileMetadata> outputs, long latestExpired) {
    int family = compaction.family();
    VersionEdit.Builder edit =
        VersionEdit.builder()
            .removeFiles(compaction.removals())
            .dropClocks(VersionEdit.DropClock.of(family, latestExpired));
    outputs.forEach(file -> edit.addFile(family, compaction.outputLevel(), file));
    return edit.build();
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    byte[] from = null;
    for (byte[] key : Subcompactions.boundaries(compaction, environment.maxSubcompactions())) {
      parts.add(part(from, key));
      from = key;
    }
    parts.add(part(from, null));
    return parts;
  }

  private Part part(byte[] from, byte[] toExclusive) {
    TableFormat format = environment.formatOfLevel().apply(compaction.outputLevel());
    return new Part(
        from,
        toExclusive,
        new TableOutputs(
            environment,
            compaction.isIntoLastLevel() ? format.atLastLevel() : format,
            compaction.reason() == Compaction.Reason.FIFO_SMALL_FILES
                ? compaction::newestTableMillis
                : environment.clockMillis()));
  }

  private void runAll(List<Part> parts) {
    SharedWork.run(
        parts.size(),
        environment.subcompactions(),
        parts.size() - 1,
        i -> {
          try {
            run(parts.get(i));
          } catch (Throwable e) {
            fail(e);
          }
        });
  }

  /** Records a failure; the first one counts, and stops the other parts. */
  private void fail(Throwable e) {
    if (!failure.compareAndSet(null, e)) {
      Throwable first = failure.get();
      if (first != e && !(e instanceof JobCancelledException)) {
        first.addSuppressed(e);
      }
    }
  }

  private void run(Part part) {
    try (InternalIterator input = openInputs()) {
      CompactionIterator entries =
          new CompactionIterator(
              input, snapshots, new DeeperFiles(compaction.older()), environment.rules(), source());
      if (environment.rules().filter() != null) {
        entries.filterBy(
            new FilterStep(environment.rules().filter(), compaction, entries::isBottom));
      }
      OutputSplitter watch =
          new OutputSplitter(compaction.grandparents(), compaction.maxGrandparentBytes());
      TableOutputs outputs = part.outputs;
      int n = 0;
      for (entries.seek(part.from, part.toExclusive); entries.isValid(); entries.next()) {
        if ((n++ & CANCEL_MASK) == 0) {
          checkCancelled();
        }
        if (entries.isNewUserKey()) {
          boolean cut = watch.shouldCutBefore(entries.keyArray(), 0, entries.keyLength());
          if (outputs.isOpen()
              && (cut || outputs.currentSize() >= compaction.maxOutputFileSize())) {
            outputs.finish(entries.clearedTo());
            watch.restart();
          }
        }
        outputs.add(entries);
      }
      outputs.finish(entries.clearedTo());
      part.statistics =
          new JobStatistics(0, outputs.finishedBytes(), entries.counts(), entries.kept());
    }
  }

  private void checkCancelled() {
    if (failure.get() != null || cancelled.getAsBoolean()) {
      throw new JobCancelledException("compaction");
    }
  }

  /** Opens the inputs; blocks that are read only to be rewritten do not enter the cache. */
  private InternalIterator openInputs() {
    List<InternalIterator> children = new ArrayList<>();
    for (Compaction.Source source : compaction.sources()) {
      if (source.level() > 0) {
        children.add(cursor(source.files()));
      } else {
        source.files().forEach(file -> children.add(cursor(List.of(file))));
      }
    }
    return MergingIterator.of(children);
  }

  private InternalIterator cursor(List<FileMetadata> files) {
    return LevelIterator.forCompaction(files.toArray(new FileMetadata[0]), environment.tables());
  }

  private String source() {
    List<Long> numbers = new ArrayList<>();
    for (Compaction.Source source : compaction.sources()) {
      source.files().forEach(file -> numbers.add(file.number()));
    }
    return "tables " + numbers + " of " + environment.directory();
  }
}
