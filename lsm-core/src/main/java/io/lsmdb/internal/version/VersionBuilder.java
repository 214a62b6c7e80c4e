package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.range.RangeTombstones;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The step from one {@link Version} to a later one.
 *
 * <p>Not thread-safe; touches nothing but itself. Levels that no file enters or leaves are shared
 * with the base. Refuses whatever would break an invariant of {@link Version}; after a refusal the
 * builder is of no use.
 */
public final class VersionBuilder {
  private static final Comparator<FileMetadata> NEWEST_FIRST =
      Comparator.comparingLong((FileMetadata file) -> file.counts().largestSequence())
          .thenComparingLong(FileMetadata::number)
          .reversed();

  private final Version base;
  private final Function<String, RuntimeException> refusal;
  private final Level[] touched = new Level[Version.LEVELS];
  private RangeTombstones rangeTombstones;

  /** One level while it changes; the second map is used from level 1 on. */
  private record Level(
      Map<Long, FileMetadata> byNumber, TreeMap<byte[], FileMetadata> bySmallest) {}

  /**
   * Starts from a version.
   *
   * @param base where to start, left as it is
   */
  public VersionBuilder(Version base) {
    this(base, IllegalStateException::new);
  }

  /**
   * Starts from a version.
   *
   * @param base where to start, left as it is
   * @param refusal makes the exception for an impossible change out of what is wrong
   */
  VersionBuilder(Version base, Function<String, RuntimeException> refusal) {
    this.base = base;
    this.refusal = refusal;
    this.rangeTombstones = base.rangeTombstones();
  }

  /**
   * Takes a file out of a level.
   *
   * @param level the level
   * @param number the file's number
   * @return the file
   */
  public FileMetadata remove(int level, long number) {
    Level files = touch(level);
    FileMetadata file = files.byNumber.remove(number);
    if (file == null) {
      throw refusal.apply("removed table " + number + " is not in level " + level);
    }
    if (level > 0) {
      files.bySmallest.remove(file.smallest().userKey());
    }
    return file;
  }

  /**
   * Puts a file into a level.
   *
   * @param level the level
   * @param file the file
   */
  public void add(int level, FileMetadata file) {
    Level files = touch(level);
    if (files.byNumber.putIfAbsent(file.number(), file) != null) {
      throw refusal.apply("added table " + file.number() + " is in level " + level + " already");
    }
    if (level == 0) {
      checkSequences(files, file);
      return;
    }
    Map.Entry<byte[], FileMetadata> before = files.bySmallest.floorEntry(file.smallest().userKey());
    if (before != null && !endsBefore(before.getValue(), file)) {
      throw overlap(level, before.getValue(), file);
    }
    Map.Entry<byte[], FileMetadata> behind =
        files.bySmallest.ceilingEntry(file.smallest().userKey());
    if (behind != null && !endsBefore(file, behind.getValue())) {
      throw overlap(level, file, behind.getValue());
    }
    files.bySmallest.put(file.smallest().userKey(), file);
  }

  /**
   * Adds range tombstones.
   *
   * @param deleted newer than every entry that is to be added later
   */
  public void delete(RangeTombstones deleted) {
    rangeTombstones = rangeTombstones.union(deleted);
  }

  /**
   * The later version.
   *
   * @return with one reference, belonging to nobody
   */
  public Version build() {
    return build(null);
  }

  /** The later version with an owner. */
  Version build(Version.VersionOwner owner) {
    FileMetadata[][] levels = new FileMetadata[Version.LEVELS][];
    for (int level = 0; level < Version.LEVELS; level++) {
      if (touched[level] == null) {
        levels[level] = base.array(level);
      } else if (level == 0) {
        levels[level] = touched[level].byNumber.values().toArray(new FileMetadata[0]);
        Arrays.sort(levels[level], NEWEST_FIRST);
      } else {
        levels[level] = touched[level].bySmallest.values().toArray(new FileMetadata[0]);
      }
    }
    return new Version(levels, rangeTombstones.retain(new RangeTombstoneRetention(levels)), owner);
  }

  private Level touch(int level) {
    if (touched[level] == null) {
      Level files = new Level(new HashMap<>(), new TreeMap<>(Arrays::compareUnsigned));
      for (FileMetadata file : base.array(level)) {
        files.byNumber.put(file.number(), file);
        if (level > 0) {
          files.bySmallest.put(file.smallest().userKey(), file);
        }
      }
      touched[level] = files;
    }
    return touched[level];
  }

  /**
   * In level 0 the order of sequences decides which file is newer, so overlaps must not blur it.
   */
  private void checkSequences(Level files, FileMetadata file) {
    for (FileMetadata other : files.byNumber.values()) {
      if (other.number() != file.number()
          && other.counts().smallestSequence() <= file.counts().largestSequence()
          && file.counts().smallestSequence() <= other.counts().largestSequence()
          && other.overlaps(file.smallest().userKey(), file.largest().userKey())) {
        throw refusal.apply(
            "tables "
                + other.number()
                + " and "
                + file.number()
                + " of level 0 overlap in keys as well as in sequences");
      }
    }
  }

  private static boolean endsBefore(FileMetadata first, FileMetadata second) {
    byte[] end = first.largest().userKey();
    byte[] start = second.smallest().userKey();
    return Bytes.compare(end, 0, end.length, start, 0, start.length) < 0;
  }

  private RuntimeException overlap(int level, FileMetadata first, FileMetadata second) {
    return refusal.apply(
        "tables "
            + first.number()
            + " and "
            + second.number()
            + " of level "
            + level
            + " share a user key");
  }

  /**
   * The range tombstones that hide, or may hide, some entry of a version's tables.
   *
   * <p>Not thread-safe; asked about pieces in ascending order. All data that is older than a
   * tombstone of a version is in its tables: memtables are flushed oldest first. So a tombstone
   * goes once every table with keys in its range is newer, or was written with regard to it.
   */
  private static final class RangeTombstoneRetention implements RangeTombstones.Retention {
    private final FileMetadata[][] levels;
    private final int[] at = new int[Version.LEVELS]; // files before end before the piece

    /**
     * Begins.
     *
     * @param levels files per level, as in a version
     */
    RangeTombstoneRetention(FileMetadata[][] levels) {
      this.levels = levels;
    }

    @Override
    public long[] retained(byte[] from, byte[] to, long[] falling) {
      long least = Long.MAX_VALUE;
      for (FileMetadata file : levels[0]) {
        if (!endsBefore(file, from) && beginsBefore(file, to)) {
          least = Math.min(least, file.neededAbove());
        }
      }
      for (int level = 1; level < Version.LEVELS; level++) {
        FileMetadata[] files = levels[level];
        while (at[level] < files.length && endsBefore(files[at[level]], from)) {
          at[level]++;
        }
        for (int i = at[level]; i < files.length && beginsBefore(files[i], to); i++) {
          least = Math.min(least, files[i].neededAbove());
        }
      }
      return RangeTombstones.above(falling, least);
    }

    private static boolean endsBefore(FileMetadata file, byte[] from) {
      return file.endsBefore(Bytes.prefix(from, 0, from.length), from, 0, from.length);
    }

    /** Whether the first key of a file lies below a bound; null for no bound. */
    private static boolean beginsBefore(FileMetadata file, byte[] to) {
      byte[] first = file.smallest().userKey();
      return to == null || Bytes.compare(first, 0, first.length, to, 0, to.length) < 0;
    }
  }
}
