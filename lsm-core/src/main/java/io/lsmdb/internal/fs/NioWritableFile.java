package io.lsmdb.internal.fs;

import io.lsmdb.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A {@link WritableFile} over a {@link RandomAccessFile}, which no interrupt can close.
 *
 * <p>Not thread-safe, except for {@link #close()}. Owned and closed by whoever created it.
 *
 * <ol>
 *   <li>After a failed append or force every later append and force fails as well: what the file
 *       holds is unknown then, and repeating a failed force may report a success that is none
 *       (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
 * </ol>
 */
final class NioWritableFile implements WritableFile {
  /** Larger writes are split, which bounds the native memory behind one call. Bytes. */
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Path path;
  private final RandomAccessFile file;
  private long size;
  private StorageException failure;

  NioWritableFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  @Override
  public void append(byte[] bytes, int offset, int length) {
    checkUsable("append to");
    try {
      int done = 0;
      while (done < length) {
        int step = Math.min(length - done, CHUNK_BYTES);
        file.write(bytes, offset + done, step);
        done += step;
      }
      size += length;
    } catch (IOException e) {
      failure = NioErrors.translateWrite("append to", path, e);
      throw failure;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void force() {
    checkUsable("force");
    try {
      file.getFD().sync();
    } catch (IOException e) {
      failure = NioErrors.translateWrite("force", path, e);
      throw failure;
    }
  }

  private void checkUsable(String operation) {
    if (failure != null) {
      throw new StorageException(operation, path.toString(), failure.reason(), failure);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw NioErrors.translateWrite("close", path, e);
    }
  }
}
