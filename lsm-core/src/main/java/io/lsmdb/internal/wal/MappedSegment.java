package io.lsmdb.internal.wal;

import io.lsmdb.internal.fs.MappedFile;
import java.util.Arrays;

/**
 * A segment written by copying into a mapping of a file filled with zeros before.
 *
 * <p>Thread safety and ownership as {@link LogSegment} says. The payload is copied before the
 * header, so that a process that dies between the two leaves no header without its payload.
 *
 * <p>A short range to be made durable is read back from the mapping, joined with the new record,
 * and written through the file: one write with a data force costs about half of a force of the
 * mapping.
 */
final class MappedSegment extends LogSegment {
  /** Longest range in bytes that is written through the file instead of forcing the mapping. */
  private static final int MAX_WRITE_THROUGH = 256 * 1024;

  private final MappedFile file;
  private byte[] joined = new byte[512];

  MappedSegment(long number, long salt, MappedFile file) {
    super(number, salt, file.size() - LogFormat.RESERVE);
    this.file = file;
  }

  @Override
  void start(byte[] chain) {
    file.put(LogFormat.IDENTITY_SIZE, chain, 0, chain.length);
    used = LogFormat.FIRST_RECORD;
    dataEnd = used;
  }

  @Override
  void append(byte[] header, byte[] payload, int offset, int length) {
    if (length > 0) {
      file.put(used + LogFormat.HEADER_SIZE, payload, offset, length);
    }
    file.put(used, header, 0, LogFormat.HEADER_SIZE);
    used += LogFormat.recordSize(length);
  }

  @Override
  void appendDurably(byte[] header, byte[] payload, int offset, int length) {
    long size = LogFormat.recordSize(length);
    if (used + size - forced > MAX_WRITE_THROUGH) {
      super.appendDurably(header, payload, offset, length);
      return;
    }
    int before = (int) (used - forced);
    int total = before + (int) size;
    if (joined.length < total) {
      joined = new byte[Math.max(total, Math.min(2 * joined.length, MAX_WRITE_THROUGH))];
    }
    file.get(forced, joined, 0, before);
    System.arraycopy(header, 0, joined, before, LogFormat.HEADER_SIZE);
    int at = before + LogFormat.HEADER_SIZE;
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
    return used <= limit;
  }

  @Override
  MappedFile mapping() {
    return file;
  }
}
