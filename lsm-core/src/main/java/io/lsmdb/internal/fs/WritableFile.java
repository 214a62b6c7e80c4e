package io.lsmdb.internal.fs;

/**
 * A file being written.
 *
 * <p>Not thread-safe, except that {@link #close()} may be called at any time. Owned and closed by
 * whoever created it. Failures are {@link io.lsmdb.StorageException}; after one, what the file
 * holds beyond the last successful {@link #force()} is unknown, and every further append or force
 * fails.
 */
public interface WritableFile extends AutoCloseable {
  /**
   * Appends at the end of what was written so far; all bytes are handed to the operating system
   * before the call returns.
   *
   * @param bytes holds the data
   * @param offset where it starts
   * @param length how many bytes
   */
  void append(byte[] bytes, int offset, int length);

  /**
   * How much has been appended.
   *
   * @return bytes
   */
  long size();

  /** Makes all that was appended durable, including the file's length; not its directory entry. */
  void force();

  /** Closes without forcing; closing twice is fine. */
  @Override
  void close();
}
