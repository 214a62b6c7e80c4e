package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;

/**
 * A walk along the files that may hold older versions of the keys of a compaction.
 *
 * <p>Not thread-safe; each subcompaction has its own. It must be asked about keys in ascending
 * order, and then costs O(1) amortised per list: each list has a cursor that only moves on.
 */
final class DeeperFiles implements OlderData {
  /** More lists are not asked one by one for each key. */
  private static final int MAX_LISTS = 64;

  private final List<List<FileMetadata>> lists;
  private final int[] at;

  /**
   * Starts a walk.
   *
   * @param lists each in key order without overlaps
   */
  DeeperFiles(List<List<FileMetadata>> lists) {
    this.lists = lists;
    this.at = new int[lists.size()];
  }

  /**
   * Starts a walk along all files of a version: what is older than memtables that are to be
   * flushed.
   *
   * @param version the files there are
   * @return the walk; where the files are too many for it, one that always says yes
   */
  static OlderData of(Version version) {
    List<List<FileMetadata>> lists = new ArrayList<>();
    for (FileMetadata file : version.files(0)) {
      lists.add(List.of(file));
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      if (!version.files(level).isEmpty()) {
        lists.add(version.files(level));
      }
    }
    return lists.size() > MAX_LISTS ? OlderData.ALWAYS : new DeeperFiles(lists);
  }

  @Override
  public boolean mayHold(byte[] key, int offset, int length) {
    long prefix = Bytes.prefix(key, offset, length);
    for (int i = 0; i < at.length; i++) {
      List<FileMetadata> files = lists.get(i);
      int n = at[i];
      while (n < files.size() && files.get(n).endsBefore(prefix, key, offset, length)) {
        n++;
      }
      at[i] = n;
      if (n < files.size() && !files.get(n).beginsAfter(prefix, key, offset, length)) {
        return true;
      }
    }
    return false;
  }
}
