package io.lsmdb.internal.version;

import io.lsmdb.internal.range.RangeTombstones;
import java.util.ArrayList;
import java.util.Collection;
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

  /**
   * Begins an edit.
   *
   * @return without any change
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * This edit with another next file number.
   *
   * @param number all numbers below are used up
   * @return the edit
   */
  VersionEdit withNextFileNumber(long number) {
    return new VersionEdit(
        createdFamilies,
        changedFamilies,
        removed,
        added,
        flushed,
        droppedFamilies,
        dropClocks,
        rangeTombstones,
        number,
        lastSequence);
  }

  /** The changes of an edit in the making. Not thread-safe. */
  public static final class Builder {
    private final List<CreatedFamily> createdFamilies = new ArrayList<>();
    private final List<ChangedFamily> changedFamilies = new ArrayList<>();
    private final List<RemovedFile> removed = new ArrayList<>();
    private final List<AddedFile> added = new ArrayList<>();
    private final List<FlushedSequence> flushed = new ArrayList<>();
    private final List<Integer> droppedFamilies = new ArrayList<>();
    private final List<DropClock> dropClocks = new ArrayList<>();
    private final List<DeletedRanges> rangeTombstones = new ArrayList<>();
    private long nextFileNumber;
    private long lastSequence;

    private Builder() {}

    /**
     * Adds a family that begins to exist.
     *
     * @param family the family
     * @return this
     */
    public Builder createFamily(CreatedFamily family) {
      createdFamilies.add(family);
      return this;
    }

    /**
     * Adds families with other settings.
     *
     * @param families their settings from now on
     * @return this
     */
    public Builder changeFamilies(Collection<ChangedFamily> families) {
      changedFamilies.addAll(families);
      return this;
    }

    /**
     * Adds files that leave a level.
     *
     * @param files which files
     * @return this
     */
    public Builder removeFiles(Collection<RemovedFile> files) {
      removed.addAll(files);
      return this;
    }

    /**
     * Adds a file that enters a level.
     *
     * @param family id of its family
     * @param level the level
     * @param file the file
     * @return this
     */
    public Builder addFile(int family, int level, FileMetadata file) {
      added.add(new AddedFile(family, level, file));
      return this;
    }

    /**
     * Adds files that enter a level.
     *
     * @param files which files
     * @return this
     */
    public Builder addFiles(Collection<AddedFile> files) {
      added.addAll(files);
      return this;
    }

    /**
     * Adds that all logged entries of a family up to a sequence are in tables.
     *
     * @param family id of the family
     * @param sequence replay applies only what is above
     * @return this
     */
    public Builder flushed(int family, long sequence) {
      flushed.add(new FlushedSequence(family, sequence));
      return this;
    }

    /**
     * Adds a family that ceases to exist.
     *
     * @param family its id
     * @return this
     */
    public Builder dropFamily(int family) {
      droppedFamilies.add(family);
      return this;
    }

    /**
     * Adds that expired entries were dropped.
     *
     * @param clocks one for each family concerned
     * @return this
     */
    public Builder dropClocks(Collection<DropClock> clocks) {
      dropClocks.addAll(clocks);
      return this;
    }

    /**
     * Adds range tombstones.
     *
     * @param deleted those of one family
     * @return this
     */
    public Builder deleteRanges(DeletedRanges deleted) {
      rangeTombstones.add(deleted);
      return this;
    }

    /**
     * Sets the next file number.
     *
     * @param number all numbers below are used up; 0 when unchanged
     * @return this
     */
    public Builder nextFileNumber(long number) {
      nextFileNumber = number;
      return this;
    }

    /**
     * Sets the largest sequence known to be used.
     *
     * @param sequence 0 when unchanged
     * @return this
     */
    public Builder lastSequence(long sequence) {
      lastSequence = sequence;
      return this;
    }

    /**
     * Makes the edit.
     *
     * @return all that was added
     */
    public VersionEdit build() {
      return new VersionEdit(
          createdFamilies,
          changedFamilies,
          removed,
          added,
          flushed,
          droppedFamilies,
          dropClocks,
          rangeTombstones,
          nextFileNumber,
          lastSequence);
    }
  }
}
