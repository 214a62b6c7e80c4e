package io.lsmdb.internal.fs;

/**
 * A file of fixed size, mapped into memory for writing without system calls.
 *
 * <p>One thread writes at a time; {@link #force} may run in another thread beside it. Owned and
 * closed by whoever mapped it.
 */
public interface MappedFile extends AutoCloseable {
  /**
   * Copies bytes into the mapping.
   *
   * @param position offset in the file
   * @param bytes holds the data
   * @param offset where it starts
   * @param length how many bytes
   */
  void put(long position, byte[] bytes, int offset, int length);

  /**
   * Copies bytes out of the mapping. Only for what this process has put there itself.
   *
   * @param position offset in the file
   * @param to the target
   * @param offset where to put the first byte
   * @param length how many bytes
   */
  void get(long position, byte[] to, int offset, int length);

  /**
   * Writes bytes through the file, durable on return. The mapping shows them as well. Nothing else
   * becomes durable by it: what was put before needs {@link #force}.
   *
   * @param position offset in the file
   * @param bytes holds the data
   * @param offset where it starts
   * @param length how many bytes
   */
  void writeDurably(long position, byte[] bytes, int offset, int length);

  /**
   * Makes a range of the mapping durable.
   *
   * @param from offset of the first byte
   * @param to exclusive end
   */
  void force(long from, long to);

  /**
   * The mapped size.
   *
   * @return bytes
   */
  int size();

  /** Gives back the descriptor; the mapping itself goes with the object. Closing twice is fine. */
  @Override
  void close();
}
