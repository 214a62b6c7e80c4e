package io.lsmdb.internal.wal;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the log needs to know and to be given.
 *
 * <p>Immutable.
 *
 * @param firstSegmentSize bytes of the first segment prepared; each further one is twice as large
 * @param maxSegmentSize bytes that no segment filled with zeros ahead exceeds; a record larger than
 *     a quarter of it gets a file of its own
 * @param ordinaryWrites whether to write by ordinary appends although zeros reserve space
 * @param salts source of random numbers that cannot be guessed
 * @param executor runs preparation and retirement of segments
 * @param onBackgroundFailure is told what failed there; the work is tried again when it is needed
 */
public record LogSettings(
    int firstSegmentSize,
    int maxSegmentSize,
    boolean ordinaryWrites,
    LongSupplier salts,
    Executor executor,
    Consumer<Throwable> onBackgroundFailure) {
  /** Smallest segment in bytes. */
  public static final int MIN_SEGMENT_SIZE = 1024;

  /** Largest segment filled ahead, in bytes. */
  public static final int MAX_SEGMENT_SIZE = 1 << 30;

  /** Checks the sizes. */
  public LogSettings {
    if (firstSegmentSize < MIN_SEGMENT_SIZE
        || maxSegmentSize < firstSegmentSize
        || maxSegmentSize > MAX_SEGMENT_SIZE
        || firstSegmentSize % 8 != 0
        || maxSegmentSize % 8 != 0) {
      throw new IllegalArgumentException(
          "segment sizes must be multiples of 8 in "
              + MIN_SEGMENT_SIZE
              + " to "
              + MAX_SEGMENT_SIZE
              + ", the first at most the largest: "
              + firstSegmentSize
              + ", "
              + maxSegmentSize);
    }
  }
}
