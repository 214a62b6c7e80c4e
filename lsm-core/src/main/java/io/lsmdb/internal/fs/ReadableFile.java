package io.lsmdb.internal.fs;

/**
 * A file open for positioned reads.
 *
 * <p>Thread-safe. Owned and closed by whoever opened it. A reading thread's interrupt neither fails
 * the read nor disturbs other threads. Failures are {@link io.lsmdb.StorageException}.
 */
public interface ReadableFile extends AutoCloseable {
  /**
   * Reads up to a number of bytes at a position.
   *
   * @param position offset in the file
   * @param to the target
   * @param offset where to put the first byte
   * @param length how many bytes are wanted
   * @return how many were read: less than wanted only where the file ends
   */
  int read(long position, byte[] to, int offset, int length);

  /**
   * The file's size when it was opened.
   *
   * @return bytes
   */
  long size();

  /** Closes the file; closing twice is fine. */
  @Override
  void close();
}
