package io.lsmdb.internal.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.MappedFile;

/**
 * A segment being written.
 *
 * <p>Written by one thread at a time; {@link #force} and {@link #release} may be called by any
 * thread. Owned by the {@link SegmentPool} while it is ready, then by the {@link LogWriter}, then
 * (retired) by the pool again.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code known <= forced <= dataEnd <= used}, once records have been written.
 *   <li>{@code known} grows only when everything before that offset, earlier segments included, has
 *       been forced; it is what headers say about durability.
 * </ol>
 */
abstract sealed class LogSegment permits MappedSegment, AppendSegment {
  final long number;
  final long salt;

  /** Offset up to which records may be written; the reserve for mark and end comes after it. */
  final long limit;

  /** Where the next record goes. */
  long used;

  /** Where the last record that matters (a mark does not) ends. */
  long dataEnd = LogFormat.IDENTITY_SIZE;

  /** Forced up to here. */
  long forced = LogFormat.IDENTITY_SIZE;

  /** Forced up to here, and so is everything in earlier segments; 0 for nothing. */
  long known;

  /** What the last mark said. */
  long marked;

  /** Whether forces come so often that each should write little; any thread. */
  volatile boolean forcedOften;

  /** Smallest sequence number in it, 0 while there is none. */
  long firstSequence;

  /** Largest sequence number in it. */
  long lastSequence;

  @GuardedBy("this")
  private boolean released;

  LogSegment(long number, long salt, long limit) {
    this.number = number;
    this.salt = salt;
    this.limit = limit;
  }

  /** Whether a failure leaves everything as it was, to be tried again when there is space. */
  static boolean isDiskFull(Throwable e) {
    return e instanceof StorageException storage
        && storage.reason() == StorageException.Reason.DISK_FULL;
  }

  /** Writes the chain, which takes the segment into use. */
  abstract void start(byte[] chain);

  /** Writes a record at {@link #used} and moves that on; its header is the array's first bytes. */
  abstract void append(byte[] header, int headerSize, byte[] payload, int offset, int length);

  /** Writes a record and forces the segment through its end. */
  void appendDurably(byte[] header, int headerSize, byte[] payload, int offset, int length) {
    append(header, headerSize, payload, offset, length);
    forceWritten();
  }

  /** Forces what has been written and not been forced yet. */
  void forceWritten() {
    if (forced < used) {
      force(forced, used);
      forced = used;
    }
  }

  /** Forces at least a range, unless the segment has been released. Any thread. */
  final synchronized void force(long from, long to) {
    if (!released) {
      forceFile(from, to);
    }
  }

  /** Forces at least a range. Any thread, but one at a time. */
  @GuardedBy("this")
  abstract void forceFile(long from, long to);

  /** Waits for a running force and makes later ones do nothing; the file stays open. Any thread. */
  synchronized void release() {
    released = true;
  }

  /** Offset up to which records may be written now; {@link #extendTo} moves it up to the limit. */
  abstract long writable();

  /**
   * Sees to it that records may be written up to an offset.
   *
   * @param end at most {@link #limit}
   * @throws io.lsmdb.StorageException of reason DISK_FULL if there is no space; try again later
   */
  abstract void extendTo(long end);

  /**
   * Extends what may be written by one step, ahead of need. Any thread; does nothing if released.
   */
  abstract void extendAhead();

  /** Cuts what has been filled ahead behind an offset, durably. */
  abstract void shrink(long end);

  /** Releases, then closes the file. Any thread. */
  abstract void close();

  /**
   * Whether anything in it is not known to be durable. A mark at its end counts: the next segment
   * names a length that includes it.
   */
  boolean isUnforced() {
    return known < used;
  }

  /** Whether all records that matter are known to be durable. */
  boolean isDataForced() {
    return known >= dataEnd;
  }

  /** Whether {@link #force} does nothing any more. Any thread. */
  final synchronized boolean isReleased() {
    return released;
  }

  /** Whether a mark fits beside an end record. */
  abstract boolean hasRoomForMark();

  /** The mapping of this segment, or null where there is none. */
  abstract MappedFile mapping();
}
