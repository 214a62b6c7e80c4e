package io.lsmdb.internal.wal;

import io.lsmdb.internal.fs.MappedFile;

/**
 * The judgement of whether a log is forced so often that each force should write little.
 *
 * <p>Used by the appending thread alone. Until it has seen a stretch of the log, it assumes so: the
 * first stretch is short, and dear only in CPU time.
 */
final class ForceRate {
  private int forces;

  /** Where the present stretch began in the newest segment; 0 in an earlier one. */
  private long from;

  private boolean often = true;

  /** Notes a durable append. */
  void forced() {
    forces++;
  }

  /** Notes that a new segment has been taken into use. */
  void segmentStarted() {
    from = 0;
  }

  /**
   * Ends a stretch at an offset of the newest segment.
   *
   * @return whether less than the largest unit was appended between two forces
   */
  boolean isOften(long end) {
    if (from > 0) {
      often = forces * (long) MappedFile.LARGEST_UNIT > end - from;
      forces = 0;
    }
    from = end;
    return often;
  }
}
