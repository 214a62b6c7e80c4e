package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;

/**
 * A walk along the files that may hold older versions of the keys of a compaction.
 *
 * <p>Not thread-safe; each subcompaction has its own. It must be asked about keys in ascending
 * order, and then costs O(1) amortised per list: each list has a cursor that only moves on.
 */
final class OlderFiles implements CompactionIterator.OlderData {
  private final List<List<FileMetadata>> lists;
  private final int[] at;

  /**
   * Starts a walk.
   *
   * @param lists each in key order without overlaps
   */
  OlderFiles(List<List<FileMetadata>> lists) {
    this.lists = lists;
    this.at = new int[lists.size()];
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
