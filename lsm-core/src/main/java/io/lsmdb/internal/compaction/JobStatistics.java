package io.lsmdb.internal.compaction;

/**
 * What a flush or a compaction did. Immutable.
 *
 * @param bytesRead size of the input tables, 0 for a flush and a trivial move
 * @param bytesWritten size of the output tables
 * @param entries entries that went in and out
 * @param kept entries that stayed as they were because user code failed on them
 */
public record JobStatistics(
    long bytesRead, long bytesWritten, CompactionIterator.Counts entries, KeptEntries kept) {
  /** Nothing at all. */
  public static final JobStatistics NONE =
      new JobStatistics(0, 0, CompactionIterator.Counts.NONE, KeptEntries.NONE);

  /** The same, with bytes that were read. */
  JobStatistics reading(long bytes) {
    return new JobStatistics(bytesRead + bytes, bytesWritten, entries, kept);
  }

  /**
   * Both together.
   *
   * @param other another one
   * @return the sums
   */
  public JobStatistics plus(JobStatistics other) {
    return new JobStatistics(
        bytesRead + other.bytesRead,
        bytesWritten + other.bytesWritten,
        entries.plus(other.entries),
        kept.plus(other.kept));
  }
}
