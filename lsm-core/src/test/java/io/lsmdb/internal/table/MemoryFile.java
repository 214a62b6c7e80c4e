package io.lsmdb.internal.table;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.util.Arrays;

/** A file in memory, written once and then read, which can be told to fail. Thread-safe to read. */
final class MemoryFile implements WritableFile, ReadableFile {
  byte[] bytes = new byte[0];
  int length;
  boolean forced;
  boolean closed;
  long failReadsFrom = Long.MAX_VALUE;
  long failReadsTo = Long.MAX_VALUE;
  volatile int reads;
  volatile long bytesRead;

  static MemoryFile of(byte[] content) {
    MemoryFile file = new MemoryFile();
    file.bytes = content;
    file.length = content.length;
    return file;
  }

  byte[] content() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public void append(byte[] from, int offset, int count) {
    if (count > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
    }
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
    forced = false;
  }

  @Override
  public int read(long position, byte[] to, int offset, int count) {
    reads = reads + 1;
    bytesRead = bytesRead + count;
    if (closed || position < failReadsTo && position + count > failReadsFrom) {
      throw new StorageException("read", "memory", StorageException.Reason.IO, null);
    }
    int n = (int) Math.max(0, Math.min(count, length - position));
    System.arraycopy(bytes, (int) Math.min(position, length), to, offset, n);
    return n;
  }

  @Override
  public long size() {
    return length;
  }

  @Override
  public void force() {
    forced = true;
  }

  @Override
  public void close() {
    closed = true;
  }
}
