package io.lsmdb;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The way in which a column family's SSTables are merged, set by {@link
 * ColumnFamilyOptions.Builder#compactionStyle}. Immutable, hence safe to share.
 *
 * <p>A store may be opened with another style than before: what is there is taken as it is, and
 * goes on as the new style has it. Settings are checked when the options are built.
 */
public abstract sealed class CompactionStyle {
  private static final Leveled LEVELED = new Leveled();
  private static final Universal UNIVERSAL = new Universal(1, 2, Integer.MAX_VALUE, 200);
  private static final Fifo FIFO = new Fifo(Long.MAX_VALUE, null);

  private CompactionStyle() {}

  /**
   * Sorted levels, each a multiple of the one above it: least space and cheapest reads, most
   * writing. The default.
   *
   * @return without settings of its own; {@link ColumnFamilyOptions} has the sizes of levels
   */
  public static Leveled leveled() {
    return LEVELED;
  }

  /**
   * A few sorted runs of growing size, merged when they are of about the same size: least writing,
   * more space and more tables to a read. A full merge needs room for all data once more.
   *
   * @return with all defaults
   */
  public static Universal universal() {
    return UNIVERSAL;
  }

  /**
   * No merging but of small SSTables: the oldest are dropped beyond a size or an age, <b>with all
   * that is in them</b>, whoever may hold a snapshot. For caches and logs of events.
   *
   * @return without limits; one of them must be set
   */
  public static Fifo fifo() {
    return FIFO;
  }

  /** Refuses what makes no sense, or contradicts the family's other options. */
  abstract void check(ColumnFamilyOptions options);

  /** See {@link #leveled()}. */
  public static final class Leveled extends CompactionStyle {
    private Leveled() {}

    @Override
    void check(ColumnFamilyOptions options) {
      // The sizes of levels have been checked with the other options.
    }

    @Override
    public String toString() {
      return "leveled";
    }
  }

  /**
   * See {@link #universal()}. A sorted run is one SSTable of level 0, or a deeper level. Nothing is
   * merged below {@link ColumnFamilyOptions#level0FileNumCompactionTrigger()} runs, apart from runs
   * that are mostly tombstones; and there are never many more.
   */
  public static final class Universal extends CompactionStyle {
    private final int sizeRatio;
    private final int minMergeWidth;
    private final int maxMergeWidth;
    private final int maxSizeAmplification;

    private Universal(int sizeRatio, int minWidth, int maxWidth, int maxSizeAmplification) {
      this.sizeRatio = sizeRatio;
      this.minMergeWidth = minWidth;
      this.maxMergeWidth = maxWidth;
      this.maxSizeAmplification = maxSizeAmplification;
    }

    /**
     * Sets by how much the next older run may be larger than the newer ones together and still be
     * merged with them. Larger means fewer runs, hence cheaper reads, and more writing.
     *
     * @param percent 0 to 1000; default 1
     * @return a copy with this setting
     */
    public Universal sizeRatio(int percent) {
      return new Universal(percent, minMergeWidth, maxMergeWidth, maxSizeAmplification);
    }

    /**
     * Sets how many runs of about the same size a merge must have. Larger means less writing and
     * more runs.
     *
     * @param runs 2 to 1000; default 2
     * @return a copy with this setting
     */
    public Universal minMergeWidth(int runs) {
      return new Universal(sizeRatio, runs, maxMergeWidth, maxSizeAmplification);
    }

    /**
     * Sets how many runs are merged at most, except to save space. Smaller means shorter merges,
     * and more of them.
     *
     * @param runs at least minMergeWidth; default {@code Integer.MAX_VALUE}, no limit
     * @return a copy with this setting
     */
    public Universal maxMergeWidth(int runs) {
      return new Universal(sizeRatio, minMergeWidth, runs, maxSizeAmplification);
    }

    /**
     * Sets how large all newer runs together may be, in percent of the oldest one, before
     * everything is merged into one run. Smaller means less space, and more writing.
     *
     * @param percent 1 to 1,000,000; default 200
     * @return a copy with this setting
     */
    public Universal maxSizeAmplification(int percent) {
      return new Universal(sizeRatio, minMergeWidth, maxMergeWidth, percent);
    }

    /**
     * See {@link #sizeRatio(int)}.
     *
     * @return percent
     */
    public int sizeRatio() {
      return sizeRatio;
    }

    /**
     * See {@link #minMergeWidth(int)}.
     *
     * @return a count
     */
    public int minMergeWidth() {
      return minMergeWidth;
    }

    /**
     * See {@link #maxMergeWidth(int)}.
     *
     * @return a count
     */
    public int maxMergeWidth() {
      return maxMergeWidth;
    }

    /**
     * See {@link #maxSizeAmplification(int)}.
     *
     * @return percent
     */
    public int maxSizeAmplification() {
      return maxSizeAmplification;
    }

    @Override
    void check(ColumnFamilyOptions options) {
      Checks.range("universal sizeRatio", sizeRatio, 0, 1000);
      Checks.range("universal minMergeWidth", minMergeWidth, 2, 1000);
      Checks.atLeast("universal maxMergeWidth", maxMergeWidth, "minMergeWidth", minMergeWidth);
      Checks.range("universal maxSizeAmplification", maxSizeAmplification, 1, 1_000_000);
      int trigger = options.level0FileNumCompactionTrigger();
      if (trigger < 2 || options.level0SlowdownWritesTrigger() <= trigger) {
        throw new InvalidOptionsException(
            "universal compaction keeps level0FileNumCompactionTrigger ("
                + trigger
                + ") sorted runs: it must be at least 2, and below level0SlowdownWritesTrigger ("
                + options.level0SlowdownWritesTrigger()
                + ")");
      }
    }

    @Override
    public String toString() {
      return "universal(sizeRatio="
          + sizeRatio
          + ", minMergeWidth="
          + minMergeWidth
          + ", maxMergeWidth="
          + maxMergeWidth
          + ", maxSizeAmplification="
          + maxSizeAmplification
          + ")";
    }
  }

  /** See {@link #fifo()}. */
  public static final class Fifo extends CompactionStyle {
    private final long maxBytes;
    private final @Nullable Duration maxAge;

    private Fifo(long maxBytes, @Nullable Duration maxAge) {
      this.maxBytes = maxBytes;
      this.maxAge = maxAge;
    }

    /**
     * Sets how large all SSTables together may be. Beyond, the oldest go until they are not, but
     * never the last one that is left.
     *
     * @param bytes at least writeBufferSize; default {@code Long.MAX_VALUE}, no limit
     * @return a copy with this setting
     */
    public Fifo maxBytes(long bytes) {
      return new Fifo(bytes, maxAge);
    }

    /**
     * Sets how old an SSTable may become, counted from when it was written, by the wall clock.
     * Looked at after each flush, when the store is opened, when the age is reached, and by {@link
     * Keyspace#compact}. Small SSTables are merged, and live up to an eighth longer for it.
     *
     * @param age at least a millisecond; default null, no limit
     * @return a copy with this setting
     */
    public Fifo maxAge(@Nullable Duration age) {
      return new Fifo(maxBytes, age);
    }

    /**
     * See {@link #maxBytes(long)}.
     *
     * @return bytes
     */
    public long maxBytes() {
      return maxBytes;
    }

    /**
     * See {@link #maxAge(Duration)}.
     *
     * @return null for no limit
     */
    public @Nullable Duration maxAge() {
      return maxAge;
    }

    @Override
    void check(ColumnFamilyOptions options) {
      if (maxBytes == Long.MAX_VALUE && maxAge == null) {
        throw new InvalidOptionsException("fifo compaction needs maxBytes or maxAge");
      }
      Checks.atLeast("fifo maxBytes", maxBytes, "writeBufferSize", options.writeBufferSize());
      if (maxAge != null) {
        Checks.duration("fifo maxAge", maxAge);
      }
      if (options.mergeOperator() != null) {
        throw new InvalidOptionsException(
            "fifo compaction would drop the older operands of a value and keep the newer ones: it"
                + " does not go with a mergeOperator");
      }
      if (options.periodicCompaction() != null) {
        throw new InvalidOptionsException(
            "fifo compaction drops what is old: it does not go with periodicCompaction");
      }
    }

    @Override
    public String toString() {
      return "fifo(maxBytes=" + maxBytes + ", maxAge=" + maxAge + ")";
    }
  }
}
