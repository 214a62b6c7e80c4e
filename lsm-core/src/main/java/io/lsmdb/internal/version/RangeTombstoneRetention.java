package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.range.RangeTombstones;

/**
 * The range tombstones that hide, or may hide, some entry of a version's tables.
 *
 * <p>Not thread-safe; asked about pieces in ascending order. All data that is older than a
 * tombstone of a version is in its tables: memtables are flushed oldest first. So a tombstone goes
 * once every table with keys in its range is newer, or was written with regard to it.
 */
final class RangeTombstoneRetention implements RangeTombstones.Retention {
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
