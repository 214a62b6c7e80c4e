package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.version.Version;

/**
 * The base level of a version with the target size of each level.
 *
 * <p>Immutable. The rule, after the dynamic level sizes of RocksDB:
 *
 * <ol>
 *   <li>The deepest level is always {@code Version.LEVELS - 1}; data sinks there first, and the
 *       levels above exist only once it has outgrown them. So nearly all data is in the last level,
 *       and dead versions take at most about 1 / (multiplier - 1) of its size, whatever the size.
 *   <li>Going up from the last level, each level's ideal size is the largest level's actual size
 *       divided by the multiplier once per step.
 *   <li>The base level, into which level 0 is compacted, is the deepest level whose ideal size is
 *       at most {@link LevelOptions#largestBaseBytes}, but never below a level that holds files:
 *       the levels between 0 and the base level are empty.
 *   <li>A level's target is its ideal size, and at least {@code levelBaseBytes}: a small store does
 *       not maintain many tiny levels. The last level has no target, because nothing is below it.
 * </ol>
 */
public final class LevelTargets {
  private static final int LAST = Version.LEVELS - 1;

  private final int baseLevel;
  private final long[] targets = new long[Version.LEVELS];

  private LevelTargets(int baseLevel) {
    this.baseLevel = baseLevel;
  }

  /**
   * Computes the targets of a version.
   *
   * @param version the files there are
   * @param options the family's sizes
   * @return its targets
   */
  public static LevelTargets of(Version version, LevelOptions options) {
    int firstNonEmpty = LAST;
    long largest = 0;
    for (int level = LAST; level >= 1; level--) {
      if (!version.files(level).isEmpty()) {
        firstNonEmpty = level;
        largest = Math.max(largest, version.levelSize(level));
      }
    }
    long[] ideal = new long[Version.LEVELS];
    ideal[LAST] = largest;
    int base = LAST;
    for (int level = LAST - 1; level >= 1; level--) {
      ideal[level] = ideal[level + 1] / options.multiplier();
      if (base == level + 1 && ideal[base] > options.largestBaseBytes()) {
        base = level;
      }
    }
    LevelTargets result = new LevelTargets(Math.min(base, firstNonEmpty));
    for (int level = 1; level < LAST; level++) {
      result.targets[level] = Math.max(ideal[level], options.levelBaseBytes());
    }
    result.targets[LAST] = Long.MAX_VALUE;
    return result;
  }

  /**
   * The level into which level 0 is compacted.
   *
   * @return 1 to {@code Version.LEVELS - 1}
   */
  public int baseLevel() {
    return baseLevel;
  }

  /**
   * The most bytes that a level should hold.
   *
   * @param level 1 to {@code Version.LEVELS - 1}
   * @return bytes; {@code Long.MAX_VALUE} for the last level
   */
  public long target(int level) {
    return targets[level];
  }
}
