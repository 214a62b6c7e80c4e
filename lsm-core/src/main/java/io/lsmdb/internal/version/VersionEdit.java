package io.lsmdb.internal.version;

import io.lsmdb.internal.range.RangeTombstones;
import java.util.List;

/**
 * One atomic change of the store's description: the content of one manifest record.
 *
 * <p>Immutable. Applied in the order of its lists: families created, files removed, files added,
 * range tombstones added, flushed sequences raised, drop clocks raised, families dropped.
 *
 * @param createdFamilies families that begin to exist
 * @param changedFamilies families with other settings
 * @param removed files that leave a level
 * @param added files that enter a level
 * @param flushed families whose memtables up to a sequence are now in tables
 * @param droppedFamilies ids of families that cease to exist
 * @param dropClocks families of which expired entries were dropped
 * @param rangeTombstones families of which ranges were deleted
 * @param nextFileNumber all numbers below are used up; 0 when unchanged
 * @param lastSequence the largest sequence known to be used; 0 when unchanged
 */
public record VersionEdit(
    List<CreatedFamily> createdFamilies,
    List<ChangedFamily> changedFamilies,
    List<RemovedFile> removed,
    List<AddedFile> added,
    List<FlushedSequence> flushed,
    List<Integer> droppedFamilies,
    List<DropClock> dropClocks,
    List<DeletedRanges> rangeTombstones,
    long nextFileNumber,
    long lastSequence) {

  /** The only comparator there is: unsigned bytes. */
  public static final int BYTEWISE_COMPARATOR = 0;

  /**
   * A new family.
   *
   * @param id never used before
   * @param name unique among the living
   * @param comparatorId {@link #BYTEWISE_COMPARATOR}
   * @param settings what its data depends on
   */
  public record CreatedFamily(int id, String name, int comparatorId, FamilySettings settings) {}

  /**
   * Other settings of a family.
   *
   * @param id its id
   * @param settings what its data depends on
   */
  public record ChangedFamily(int id, FamilySettings settings) {}

  /**
   * A file leaves a level.
   *
   * @param family id of its family
   * @param level the level it leaves
   * @param number its number
   */
  public record RemovedFile(int family, int level, long number) {}

  /**
   * A file enters a level.
   *
   * @param family id of its family
   * @param level the level it enters
   * @param file the file
   */
  public record AddedFile(int family, int level, FileMetadata file) {}

  /**
   * All logged entries of a family up to a sequence are in tables.
   *
   * @param family id of the family
   * @param sequence replay applies only what is above
   */
  public record FlushedSequence(int family, long sequence) {}

  /**
   * Expired entries of a family were dropped.
   *
   * @param family id of the family
   * @param clock by which all of them had expired: the latest of their expiries, in ms
   */
  public record DropClock(int family, long clock) {
    /**
     * What is to be noted of expired entries that were dropped.
     *
     * @param family id of the family
     * @param latest the latest of their expiries, in ms
     * @return empty for 0 and below, since no clock is before
     */
    public static List<DropClock> of(int family, long latest) {
      return latest <= 0 ? List.of() : List.of(new DropClock(family, latest));
    }
  }

  /**
   * Range tombstones of a family leave its memtables.
   *
   * @param family id of the family
   * @param tombstones what is added to those that it has
   */
  public record DeletedRanges(int family, RangeTombstones tombstones) {}

  /** Copies the lists. */
  public VersionEdit {
    createdFamilies = List.copyOf(createdFamilies);
    changedFamilies = List.copyOf(changedFamilies);
    removed = List.copyOf(removed);
    added = List.copyOf(added);
    flushed = List.copyOf(flushed);
    droppedFamilies = List.copyOf(droppedFamilies);
    dropClocks = List.copyOf(dropClocks);
    rangeTombstones = List.copyOf(rangeTombstones);
  }

  /** An edit that leaves the settings of families as they are. */
  public VersionEdit(
      List<CreatedFamily> createdFamilies,
      List<RemovedFile> removed,
      List<AddedFile> added,
      List<FlushedSequence> flushed,
      List<Integer> droppedFamilies,
      long nextFileNumber,
      long lastSequence) {
    this(
        createdFamilies,
        List.of(),
        removed,
        added,
        flushed,
        droppedFamilies,
        List.of(),
        List.of(),
        nextFileNumber,
        lastSequence);
  }

  /**
   * This edit, and that expired entries are dropped by it.
   *
   * @param clocks one for each family concerned
   * @return the edit
   */
  public VersionEdit dropping(List<DropClock> clocks) {
    return with(clocks, rangeTombstones);
  }

  /**
   * This edit, and that ranges were deleted.
   *
   * @param deleted one for each family concerned
   * @return the edit
   */
  public VersionEdit deleting(List<DeletedRanges> deleted) {
    return with(dropClocks, deleted);
  }

  private VersionEdit with(List<DropClock> clocks, List<DeletedRanges> deleted) {
    return new VersionEdit(
        createdFamilies,
        changedFamilies,
        removed,
        added,
        flushed,
        droppedFamilies,
        clocks,
        deleted,
        nextFileNumber,
        lastSequence);
  }

  /**
   * An edit that changes the settings of families, and nothing else.
   *
   * @param changes one for each family concerned
   * @return the edit
   */
  public static VersionEdit changing(List<ChangedFamily> changes) {
    return new VersionEdit(
        List.of(), changes, List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), 0, 0);
  }
}
