package io.lsmdb.internal.wal;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.ReadableFile;

/**
 * A segment open for reading, through a window that moves over the file.
 *
 * <p>Not thread-safe. Opened and closed by {@link LogReplay}. Allocates no more than a window or,
 * if larger, a range that lies within the file.
 */
final class SegmentReader implements AutoCloseable {
  private static final int WINDOW = 256 * 1024;

  final SegmentHead head;
  private final ReadableFile file;
  private final Crc32c crc = new Crc32c();
  private final RecordHeader header = new RecordHeader();

  /** Holds what was asked for last. */
  byte[] window;

  private long windowStart;
  private int windowLength;

  SegmentReader(SegmentHead head, ReadableFile file) {
    this.head = head;
    this.file = file;
    this.window = new byte[(int) Math.min(WINDOW, head.size())];
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
    int needed = (int) Math.max(length, Math.min(WINDOW, head.size()));
    if (window.length != needed && (window.length < length || window.length > WINDOW)) {
      window = Bytes.EMPTY; // a large one is not kept while the next is allocated, nor after it
      window = new byte[needed];
    }
    int wanted = (int) Math.min(window.length, head.size() - position);
    windowStart = position;
    windowLength = 0;
    int got = file.read(position, window, 0, wanted);
    if (got < length) {
      throw new CorruptionException(head.file(), position + got, "the file has become shorter");
    }
    windowLength = got;
  }

  /** Whether a checksum holds for a range of the window that belongs at a position. */
  boolean matches(int expected, long position, int at, int length) {
    return crc.compute(head.identity().salt(), position, window, at, length) == expected;
  }

  /**
   * Decodes the header at a position, or returns false; the file holds {@link
   * LogFormat#HEADER_SIZE} bytes from there.
   */
  boolean decode(RecordHeader into, long position) {
    int at = load(position, LogFormat.HEADER_SIZE);
    int size = RecordHeader.sizeAt(window, at);
    if (size == 0 || size > head.size() - position) {
      return false;
    }
    at = load(position, size);
    return into.decode(crc, head.identity().salt(), position, window, at);
  }

  /**
   * The end of the bytes that are not zero.
   *
   * @param from where to start looking
   * @return the offset behind the last such byte, or {@code from} if there are zeros alone
   */
  long endOfContent(long from) {
    long end = from;
    for (long at = from; at < head.size(); at += WINDOW) {
      int length = (int) Math.min(WINDOW, head.size() - at);
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
   * Looks behind a break for a header that says that something before it had been forced.
   *
   * @param from where to start looking
   * @param above looks for a header that knows more than this to be forced
   * @return whether there is one
   */
  boolean knowsForcedBeyond(long from, long above) {
    long at = Math.max(LogFormat.FIRST_RECORD, LogFormat.align(from));
    for (; at <= head.size() - LogFormat.HEADER_SIZE; at += LogFormat.ALIGNMENT) {
      if (decode(header, at) && header.forced > above) {
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
