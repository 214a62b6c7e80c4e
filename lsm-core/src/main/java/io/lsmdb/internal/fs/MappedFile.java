package io.lsmdb.internal.fs;

/**
 * A file mapped into memory for writing without system calls.
 *
 * <p>One thread writes at a time; {@link #force} and {@link #extend} may run in other threads
 * beside it. Owned and closed by whoever mapped it. The mapping may be longer than the file: what
 * lies behind the file's end must not be touched, and a fault there may end the process.
 */
public interface MappedFile extends AutoCloseable {
  /** Smallest unit of {@link #extend}, a page. Bytes. */
  int SMALLEST_UNIT = 4 << 10;

  /** Largest unit of {@link #extend}. Bytes. */
  int LARGEST_UNIT = 64 << 10;

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
   * Fills a range that begins at the file's end, or before it, with zeros by ordinary writes, which
   * reserve its space; from then on the mapping may be used there. The zeros are not forced: after
   * a loss of power the file may be shorter again, by no more than what was not forced of it.
   *
   * @param from offset of the first byte, at most the file's size
   * @param to exclusive end, at most {@link #size()}
   * @param unit how many bytes may go to the device together where a few of them are forced,
   *     {@value #SMALLEST_UNIT} to {@value #LARGEST_UNIT}, a power of two; the largest costs a
   *     third of the CPU time, here and when the mapping is written to
   * @throws io.lsmdb.StorageException of reason DISK_FULL if there is no space; call it again later
   */
  void extend(long from, long to, int unit);

  /**
   * Prepares a range of zeros, which nobody uses yet, for being written to through the mapping. A
   * hint: the first write to a page costs the operating system some microseconds, which may as well
   * be spent elsewhere than in the writer.
   *
   * @param from where the range starts
   * @param to where it ends, exclusive
   */
  default void populate(long from, long to) {}

  /**
   * Cuts the file, if it is longer, and makes it durable as a whole. Its space is free at once,
   * whoever still has it mapped.
   *
   * @param size the new size in bytes
   */
  void shrink(long size);

  /**
   * The mapped size.
   *
   * @return bytes
   */
  int size();

  /** Gives back the descriptors; the mapping itself goes with the object. Closing twice is fine. */
  @Override
  void close();
}
