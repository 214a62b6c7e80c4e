package io.lsmdb.internal.version;

/**
 * What the manifest knows of one column family beside its tables.
 *
 * @param id never used for another family
 * @param name unique among the living
 * @param comparatorId {@link VersionEdit#BYTEWISE_COMPARATOR}
 * @param settings what its data depends on
 * @param flushedSequence replay of the log applies only entries above
 * @param dropClock the latest expiry of what was dropped for it, in ms; 0 for none
 */
public record Family(
    int id,
    String name,
    int comparatorId,
    FamilySettings settings,
    long flushedSequence,
    long dropClock) {
  /** Id of the family that always exists. */
  public static final int DEFAULT_ID = 0;

  /** Name of the family that always exists. */
  public static final String DEFAULT_NAME = "default";

  Family with(VersionEdit.ChangedFamily change) {
    return new Family(id, name, comparatorId, change.settings(), flushedSequence, dropClock);
  }

  Family withFlushedSequence(long sequence) {
    return new Family(
        id, name, comparatorId, settings, Math.max(flushedSequence, sequence), dropClock);
  }

  Family withDropClock(long clock) {
    return new Family(
        id, name, comparatorId, settings, flushedSequence, Math.max(dropClock, clock));
  }
}
