package io.lsmdb.internal.version;

import io.lsmdb.internal.range.RangeTombstones;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Versions for tests of other packages; stateless. */
public final class VersionFixtures {
  private VersionFixtures() {}

  /**
   * A version that belongs to no version set. The order within the levels is made right; overlaps
   * are not refused, so that tests can have what older files may look like. Range tombstones stay
   * that no file needs.
   */
  public static Version version(List<List<FileMetadata>> levels, RangeTombstones ranges) {
    FileMetadata[][] arrays = Version.emptyLevels();
    for (int level = 0; level < levels.size(); level++) {
      List<FileMetadata> files = new ArrayList<>(levels.get(level));
      files.sort(
          level == 0
              ? Comparator.comparingLong((FileMetadata f) -> f.counts().largestSequence())
                  .thenComparingLong(FileMetadata::number)
                  .reversed()
              : Comparator.comparing(FileMetadata::smallest));
      arrays[level] = files.toArray(new FileMetadata[0]);
    }
    return new Version(arrays, ranges, null);
  }
}
