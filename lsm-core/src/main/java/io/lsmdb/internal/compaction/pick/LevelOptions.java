package io.lsmdb.internal.compaction.pick;

/**
 * The sizes that one family's levels should have. Immutable.
 *
 * @param level0Trigger number of level-0 files from which on they are compacted, at least 1
 * @param level0Limit number of level-0 files from which on they are compacted even if the base
 *     level is large beside them, at least {@code level0Trigger}
 * @param levelBaseBytes least size that a level is held to, at least {@code targetFileSize}; see
 *     {@link LevelTargets}
 * @param multiplier how much larger each level is than the one above it, at least 2
 * @param targetFileSize size at which output files are cut, in bytes
 * @param movableFrom files move between two levels as they are only if both are at least this one:
 *     the first of the levels that are all stored in the same format
 * @param maxFileAgeMillis age from which on files are rewritten, in ms, {@code Long.MAX_VALUE} for
 *     none, at least 1
 */
public record LevelOptions(
    int level0Trigger,
    int level0Limit,
    long levelBaseBytes,
    int multiplier,
    long targetFileSize,
    int movableFrom,
    long maxFileAgeMillis) {
  /** Checks the bounds. */
  public LevelOptions {
    if (level0Trigger < 1
        || level0Limit < level0Trigger
        || multiplier < 2
        || targetFileSize < 1
        || movableFrom < 0
        || maxFileAgeMillis < 1) {
      throw new IllegalArgumentException("level options out of bounds");
    }
    if (levelBaseBytes < targetFileSize) {
      throw new IllegalArgumentException(
          "levelBaseBytes " + levelBaseBytes + " is below targetFileSize " + targetFileSize);
    }
  }

  /**
   * The size beyond which the base level gets another level above it. That one spares the lower one
   * many rewritings, but is a rewriting of its own, and may be full of dead versions. Up to two and
   * a half times {@code levelBaseBytes} going without it writes no more bytes, and takes a quarter
   * less space (figures in ARCHITECTURE.md).
   */
  long largestBaseBytes() {
    return saturatedTimes(levelBaseBytes, 5) / 2;
  }

  /** Files below this many bytes are merged with neighbours rather than moved. */
  long smallFileSize() {
    return targetFileSize / 8;
  }

  /** A file should not overlap more bytes than this two levels below where it came from. */
  long maxGrandparentBytes() {
    return saturatedTimes(targetFileSize, 10);
  }

  /** A compaction is not widened beyond this many bytes. */
  long maxExpandedBytes() {
    return saturatedTimes(targetFileSize, 25);
  }

  private static long saturatedTimes(long bytes, int factor) {
    return bytes > Long.MAX_VALUE / factor ? Long.MAX_VALUE : bytes * factor;
  }
}
