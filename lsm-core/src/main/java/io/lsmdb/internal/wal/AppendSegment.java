package io.lsmdb.internal.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.record.RecordFormat;
import java.util.Arrays;

/**
 * A segment written by ordinary appends to a growing file.
 *
 * <p>Thread safety and ownership as {@link LogSegment} says; a lock keeps a force from running
 * beside an append, which the file does not allow. Costs a system call per record.
 */
final class AppendSegment extends LogSegment {
  /** Longest record in bytes that is joined into one append. */
  private static final int MAX_JOINED = 64 * 1024;

  private static final byte[] ZEROS = new byte[8];

  @GuardedBy("this")
  private final WritableFile file;

  @GuardedBy("this")
  private byte[] joined = new byte[512];

  AppendSegment(long number, long salt, WritableFile file, long limit) {
    super(number, salt, limit);
    this.file = file;
  }

  @Override
  synchronized void start(byte[] chain) {
    file.append(chain, 0, chain.length);
    used = LogFormat.FIRST_RECORD;
    dataEnd = used;
  }

  @Override
  synchronized void append(byte[] header, int headerSize, byte[] payload, int offset, int length) {
    long size = RecordFormat.recordSize(headerSize, length);
    if (size <= MAX_JOINED) {
      if (joined.length < size) {
        joined = new byte[Math.max((int) size, Math.min(2 * joined.length, MAX_JOINED))];
      }
      System.arraycopy(header, 0, joined, 0, headerSize);
      System.arraycopy(payload, offset, joined, headerSize, length);
      Arrays.fill(joined, headerSize + length, (int) size, (byte) 0);
      file.append(joined, 0, (int) size);
    } else {
      file.append(header, 0, headerSize);
      file.append(payload, offset, length);
      file.append(ZEROS, 0, (int) (size - headerSize - length));
    }
    used += size;
  }

  @Override
  long writable() {
    return limit;
  }

  @Override
  void extendTo(long end) {}

  @Override
  void extendAhead() {}

  @Override
  void shrink(long end) {}

  @Override
  @GuardedBy("this")
  void forceFile(long from, long to) {
    file.force();
  }

  @Override
  synchronized void close() {
    release();
    file.close();
  }

  @Override
  boolean hasRoomForMark() {
    return true;
  }

  @Override
  MappedFile mapping() {
    return null;
  }
}
