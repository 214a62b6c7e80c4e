package io.lsmdb.internal.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.record.RecordFormat;
import java.util.Arrays;

/**
 * A segment written by copying into a mapping of a file, which is filled with zeros a step ahead.
 *
 * <p>Thread safety and ownership as {@link LogSegment} says. The payload is copied before the
 * header, so that a process that dies between the two leaves no header without its payload.
 *
 * <p>Invariant: the mapping is touched only below {@link #filled}, where ordinary writes have
 * reserved the space. Zeros are not forced: a page that is filled and written to soon afterwards
 * goes to the device once, and a file is never much longer than its records.
 *
 * <p>A short range to be made durable is read back from the mapping, joined with the new record,
 * and written through the file: one write with a data force costs about half of a force of the
 * mapping.
 */
final class MappedSegment extends LogSegment {
  /** Longest range in bytes that is written through the file instead of forcing the mapping. */
  private static final int MAX_WRITE_THROUGH = 256 * 1024;

  /**
   * Bounds of a step in bytes. The largest lasts for some milliseconds of the fastest writing, in
   * which the background must have made the next one; otherwise the writer makes it, in 0.3 ms.
   */
  private static final int MIN_STEP = 512;

  private static final int MAX_STEP = 1024 * 1024;

  private final MappedFile file;
  private byte[] joined = new byte[512];

  /** Held while the file is extended. */
  private final Object extending = new Object();

  /** Bytes of the file that are there; written with the lock held. */
  private volatile long filled;

  @GuardedBy("extending")
  private boolean fixed;

  /** What an extension has failed with other than for want of space. */
  @GuardedBy("extending")
  private RuntimeException broken;

  /**
   * Writes to a file.
   *
   * @param file mapped at its capacity
   * @param filled how much of it is there, at least {@link #firstStep}
   */
  MappedSegment(long number, long salt, MappedFile file, long filled) {
    super(number, salt, file.size() - LogFormat.RESERVE);
    this.file = file;
    this.filled = filled;
  }

  /** How much of a file of some capacity is there before it is used. Bytes. */
  static int firstStep(int capacity) {
    return Math.min(capacity, Math.max(MIN_STEP, Math.min(MAX_STEP, capacity / 16)));
  }

  @Override
  long writable() {
    return filled - LogFormat.RESERVE;
  }

  @Override
  void extendTo(long end) {
    while (writable() < end) {
      if (!extend(end)) {
        throw new IllegalStateException("the segment takes nothing more");
      }
    }
  }

  @Override
  void extendAhead() {
    extend(limit);
  }

  /** Extends by a step unless an offset can be written to; returns false if that is over. */
  private boolean extend(long end) {
    synchronized (extending) {
      if (broken != null) {
        throw broken;
      }
      if (fixed || writable() >= end) {
        return !fixed;
      }
      long to = Math.min(file.size(), filled + firstStep(file.size()));
      try {
        file.extend(filled, to, forcedOften ? MappedFile.SMALLEST_UNIT : MappedFile.LARGEST_UNIT);
        if (!forcedOften) {
          file.populate(filled, to); // forced records are not written through the mapping
        }
      } catch (RuntimeException e) {
        broken = isDiskFull(e) ? null : e;
        throw e;
      }
      filled = to;
      return true;
    }
  }

  @Override
  synchronized void release() {
    super.release();
    synchronized (extending) {
      fixed = true;
    }
  }

  @Override
  void shrink(long end) {
    synchronized (extending) {
      fixed = true;
      file.shrink(end);
    }
  }

  @Override
  void start(byte[] chain) {
    file.put(LogFormat.IDENTITY_SIZE, chain, 0, chain.length);
    used = LogFormat.FIRST_RECORD;
    dataEnd = used;
  }

  @Override
  void append(byte[] header, int headerSize, byte[] payload, int offset, int length) {
    if (length > 0) {
      file.put(used + headerSize, payload, offset, length);
    }
    file.put(used, header, 0, headerSize);
    used += RecordFormat.recordSize(headerSize, length);
  }

  @Override
  void appendDurably(byte[] header, int headerSize, byte[] payload, int offset, int length) {
    long size = RecordFormat.recordSize(headerSize, length);
    if (used + size - forced > MAX_WRITE_THROUGH) {
      super.appendDurably(header, headerSize, payload, offset, length);
      return;
    }
    int before = (int) (used - forced);
    int total = before + (int) size;
    if (joined.length < total) {
      joined = new byte[Math.max(total, Math.min(2 * joined.length, MAX_WRITE_THROUGH))];
    }
    file.get(forced, joined, 0, before);
    System.arraycopy(header, 0, joined, before, headerSize);
    int at = before + headerSize;
    System.arraycopy(payload, offset, joined, at, length);
    Arrays.fill(joined, at + length, total, (byte) 0);
    file.writeDurably(forced, joined, 0, total);
    used += size;
    forced = used;
  }

  @Override
  void forceFile(long from, long to) {
    file.force(from, to);
  }

  @Override
  void close() {
    release();
    file.close();
  }

  @Override
  boolean hasRoomForMark() {
    return used <= writable();
  }

  @Override
  MappedFile mapping() {
    return file;
  }
}
