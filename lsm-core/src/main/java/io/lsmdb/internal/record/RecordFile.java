package io.lsmdb.internal.record;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.ReadableFile;

/**
 * A record file open for reading, through a window that moves over it.
 *
 * <p>Not thread-safe. Owns the file and closes it. Allocates no more than a window or, if larger, a
 * range that lies within the file.
 */
public final class RecordFile implements AutoCloseable {
  private static final int WINDOW = 256 * 1024;

  private final ReadableFile file;
  private final String name;
  private final long salt;
  private final RecordFileType type;
  private final long size;
  private final Crc32c crc = new Crc32c();
  private final RecordHeader header;

  /** Holds the range that was asked for last. */
  byte[] window;

  private long windowStart;
  private int windowLength;

  /**
   * Reads a file whose header has been read.
   *
   * @param file the file
   * @param name its path, for messages
   * @param salt of its header
   * @param type of the file
   */
  public RecordFile(ReadableFile file, String name, long salt, RecordFileType type) {
    this.file = file;
    this.name = name;
    this.salt = salt;
    this.type = type;
    this.size = file.size();
    this.header = new RecordHeader(type.rules());
    this.window = new byte[(int) Math.min(WINDOW, size)];
  }

  /** The type of the file. */
  RecordFileType type() {
    return type;
  }

  /**
   * The size of the file when it was opened.
   *
   * @return bytes
   */
  public long size() {
    return size;
  }

  /**
   * Brings a range of the file into {@link #window}.
   *
   * @param position where it starts
   * @param length at most what the file holds from there
   * @return where the range starts in the window, until the next call
   */
  int load(long position, int length) {
    if (position < windowStart || position - windowStart > windowLength - length) {
      fill(position, length);
    }
    return (int) (position - windowStart);
  }

  private void fill(long position, int length) {
    int needed = (int) Math.max(length, Math.min(WINDOW, size));
    if (window.length != needed && (window.length < length || window.length > WINDOW)) {
      window = Bytes.EMPTY; // a large one is not kept while the next is allocated, nor after it
      window = new byte[needed];
    }
    int wanted = (int) Math.min(window.length, size - position);
    windowStart = position;
    windowLength = 0;
    int got = file.read(position, window, 0, wanted);
    if (got < length) {
      throw new CorruptionException(name, position + got, "the file has become shorter");
    }
    windowLength = got;
  }

  /** Tells whether a checksum holds for a range of the window that belongs at a position. */
  boolean matches(int expected, long position, int at, int length) {
    return crc.compute(salt, position, window, at, length) == expected;
  }

  /** Decodes the header at a position; the file holds a shortest header from there on. */
  RecordHeader.Found decode(RecordHeader into, long position) {
    int at = load(position, RecordFormat.HEADER_SIZE);
    int headerSize = RecordHeader.sizeAt(window, at);
    if (headerSize > size - position) {
      return RecordHeader.Found.NOTHING;
    }
    at = load(position, headerSize);
    return into.decode(crc, salt, position, window, at);
  }

  /**
   * Finds the end of the bytes that are not zero.
   *
   * @param from where to start looking
   * @return the offset behind the last such byte, or {@code from} if there are zeros alone
   */
  public long endOfContent(long from) {
    long end = from;
    for (long at = from; at < size; at += WINDOW) {
      int length = (int) Math.min(WINDOW, size - at);
      int start = load(at, length);
      for (int i = length - 1; i >= 0; i--) {
        if (window[start + i] != 0) {
          end = at + i + 1;
          break;
        }
      }
    }
    return end;
  }

  /**
   * Searches for a header that says that something had been forced.
   *
   * @param from where to start looking
   * @param above looks for a header that knows more than this to be forced
   * @return whether there is one
   */
  public boolean knowsForcedBeyond(long from, long above) {
    long at = Math.max(type.firstRecord(), RecordFormat.align(from));
    for (; at <= size - RecordFormat.HEADER_SIZE; at += RecordFormat.ALIGNMENT) {
      int start = load(at, RecordFormat.HEADER_SIZE);
      if (RecordHeader.isLikely(window, start)
          && decode(header, at) == RecordHeader.Found.RECORD
          && header.forced > above) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    file.close();
  }
}
