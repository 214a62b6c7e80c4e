package io.lsmdb.internal.compaction;

/**
 * What a flush or a compaction did. Immutable.
 *
 * @param bytesRead size of the input tables, 0 for a flush and a trivial move
 * @param bytesWritten size of the output tables
 * @param entries entries that went in and out
 */
public record JobStatistics(long bytesRead, long bytesWritten, CompactionIterator.Counts entries) {
  /** Nothing at all. */
  public static final JobStatistics NONE = new JobStatistics(0, 0, CompactionIterator.Counts.NONE);

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
        entries.plus(other.entries));
  }
}
