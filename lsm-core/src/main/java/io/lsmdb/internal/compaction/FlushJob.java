package io.lsmdb.internal.compaction;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The writing of memtables to one table of level 0.
 *
 * <p>Used once, by one thread. On success the content of the table is durable; on failure,
 * cancellation included, its file is deleted and nothing has changed. The caller commits the table
 * to the manifest, which makes its name durable too, and keeps its file from being deleted until
 * then.
 */
public final class FlushJob {
  /**
   * What came of it.
   *
   * @param table the new table, empty when there was nothing to write
   * @param statistics what was done
   */
  public record Result(Optional<FileMetadata> table, JobStatistics statistics) {}

  private final InternalIterator memtables;
  private final Version older;
  private final long[] snapshots;
  private final JobEnvironment environment;
  private final BooleanSupplier cancelled;

  /**
   * Describes a flush.
   *
   * @param memtables all entries of the memtables, whose range tombstones are in the rules of the
   *     environment; closed by whoever made it
   * @param older the tables there are: all that is older than the memtables, or was merged from it
   * @param snapshots sequences of the live snapshots, ascending
   * @param environment the store around
   * @param cancelled whether to stop
   */
  public FlushJob(
      InternalIterator memtables,
      Version older,
      long[] snapshots,
      JobEnvironment environment,
      BooleanSupplier cancelled) {
    this.memtables = memtables;
    this.older = older;
    this.snapshots = snapshots.clone();
    this.environment = environment;
    this.cancelled = cancelled;
  }

  /**
   * The range tombstones that somebody may see: where several cover a key within a stripe, the
   * newest of them does for all.
   *
   * @param ranges those of the memtables
   * @param snapshots sequences of the live snapshots, ascending
   * @return what is to go on from the memtables
   */
  public static RangeTombstones withoutHidden(RangeTombstones ranges, long[] snapshots) {
    Stripes stripes = new Stripes(snapshots);
    return ranges.retain((from, to, falling) -> stripes.newestOfEach(falling));
  }

  /**
   * Writes the table.
   *
   * @return the table, if there is anything to write
   * @throws JobCancelledException if told to stop
   */
  public Result run() {
    TableOutputs outputs =
        new TableOutputs(
            environment, environment.formatOfLevel().apply(0), environment.clockMillis());
    try {
      CompactionIterator entries =
          new CompactionIterator(
              memtables, snapshots, DeeperFiles.of(older), environment.rules(), "memtable");
      int n = 0;
      for (entries.seek(null, null); entries.isValid(); entries.next()) {
        if ((n++ & CompactionJob.CANCEL_MASK) == 0 && cancelled.getAsBoolean()) {
          throw new JobCancelledException("flush");
        }
        outputs.add(entries);
      }
      outputs.finish(entries.clearedTo());
      return new Result(
          outputs.finished().stream().findFirst(),
          new JobStatistics(0, outputs.finishedBytes(), entries.counts(), entries.kept()));
    } catch (RuntimeException | Error e) {
      outputs.discard(e);
      throw e;
    }
  }
}
