package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;

/**
 * A count of the bytes two levels down that the output being written overlaps.
 *
 * <p>Not thread-safe; each subcompaction has its own. An output that overlaps too much would make
 * its own later compaction into the next level expensive, so it is cut before that.
 */
final class OutputSplitter {
  private final List<FileMetadata> grandparents;
  private final long maxBytes;
  private int at; // files before this one end before the current key
  private long overlapped;
  private boolean started;

  OutputSplitter(List<FileMetadata> grandparents, long maxBytes) {
    this.grandparents = grandparents;
    this.maxBytes = maxBytes;
  }

  /** Whether the output should end before a key; keys come in ascending order. */
  boolean shouldCutBefore(byte[] key, int offset, int length) {
    if (at < grandparents.size()) {
      long prefix = Bytes.prefix(key, offset, length);
      while (at < grandparents.size()
          && grandparents.get(at).endsBefore(prefix, key, offset, length)) {
        if (started) {
          overlapped += grandparents.get(at).size();
        }
        at++;
      }
    }
    started = true;
    return overlapped > maxBytes;
  }

  /** Begins to count for a new output. */
  void restart() {
    overlapped = 0;
  }
}
