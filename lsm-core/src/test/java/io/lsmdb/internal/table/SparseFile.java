package io.lsmdb.internal.table;

import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A file in memory that keeps only pages with something other than zeros in them. */
final class SparseFile implements WritableFile, ReadableFile {
  private static final int PAGE = 1 << 16;
  private static final byte[] ZEROS = new byte[PAGE];

  private final Map<Long, byte[]> pages = new HashMap<>();
  private long length;

  @Override
  public void append(byte[] from, int offset, int count) {
    int done = 0;
    while (done < count) {
      int at = (int) (length % PAGE);
      int n = Math.min(PAGE - at, count - done);
      int start = offset + done;
      if (!Arrays.equals(from, start, start + n, ZEROS, 0, n)) {
        byte[] page = pages.computeIfAbsent(length / PAGE, p -> new byte[PAGE]);
        System.arraycopy(from, start, page, at, n);
      }
      done += n;
      length += n;
    }
  }

  @Override
  public int read(long position, byte[] to, int offset, int count) {
    int total = (int) Math.max(0, Math.min(count, length - position));
    int done = 0;
    while (done < total) {
      int at = (int) ((position + done) % PAGE);
      int n = Math.min(PAGE - at, total - done);
      byte[] page = pages.getOrDefault((position + done) / PAGE, ZEROS);
      System.arraycopy(page, at, to, offset + done, n);
      done += n;
    }
    return total;
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public void force() {}

  @Override
  public void close() {}
}
