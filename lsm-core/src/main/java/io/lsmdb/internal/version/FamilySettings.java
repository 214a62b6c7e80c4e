package io.lsmdb.internal.version;

/**
 * The settings that the meaning of a family's data depends on, as the manifest records them.
 *
 * <p>Immutable. All others are given anew at each opening and recorded nowhere.
 *
 * @param mergeOperator name of the merge operator, empty for none
 * @param prefixLength length of its keys' prefix for filters in bytes, 0 for none
 * @param timeToLive how long entries live after their write in ms, 0 for ever
 * @param countsEntries whether the family counts its entries
 * @param isFiltered whether it has a compaction filter
 * @param fifo the limits of FIFO compaction, null for another style
 */
public record FamilySettings(
    String mergeOperator,
    int prefixLength,
    long timeToLive,
    boolean countsEntries,
    boolean isFiltered,
    FifoLimits fifo) {
  /** Those of a family that was given none. */
  public static final FamilySettings NONE = new FamilySettings("", 0, 0, false, false, null);

  /**
   * The limits beyond which FIFO compaction drops the oldest entries; one of them at least is set.
   *
   * @param maxBytes size of all tables, {@link Long#MAX_VALUE} for no limit
   * @param maxAge age of a table in ms, 0 for no limit
   */
  public record FifoLimits(long maxBytes, long maxAge) {
    boolean isPossible() {
      return maxBytes > 0 && maxAge >= 0 && (maxBytes < Long.MAX_VALUE || maxAge > 0);
    }
  }
}
