package io.lsmdb.internal.wal;

import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.record.RecordFormat;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;

/**
 * The end of the log at which records are appended.
 *
 * <p>Used by one thread at a time (the commit leader), with a happens-before edge from each to the
 * next; {@link #newestSegment}, {@link #retire}, {@link #liveSegments} and {@link LogSync#force}
 * may be called by any thread beside it. Owned and closed by the engine, before the {@link
 * SegmentPool}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A durable append returns only when its record and all before it, earlier segments included,
 *       are forced; so what is forced is always a prefix of what was appended.
 *   <li>The first failure of a write or a force sticks: every later call throws that same failure
 *       and nothing is tried again. Only a full disk or heap while a segment is prepared leaves the
 *       log as it was; the call that met it may be repeated.
 *   <li>A buffered append that fits makes no system call and allocates nothing that lives on.
 *   <li>Segments are retired oldest first, and the newest one never.
 * </ol>
 */
public final class LogWriter implements AutoCloseable {
  private static final VarHandle APPENDED_BYTES;

  static {
    try {
      APPENDED_BYTES =
          MethodHandles.lookup().findVarHandle(LogWriter.class, "appendedBytes", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final SegmentPool pool;
  private final LiveSegments segments;
  private final RecordAppender appender = new RecordAppender();
  private final int maxCommonPayload;

  // Used by the appending thread.

  /** Where records go; null before the first. */
  private LogSegment current;

  /** Where {@link #current} needs the slow path: to be extended, succeeded, or looked ahead for. */
  private long limit;

  private final ForceRate forceRate = new ForceRate();
  private final UnforcedSegments unforced = new UnforcedSegments();

  /** What precedes the first segment of this writer. */
  private final LogTail tail;

  private long records;
  private long lastSequence;

  /**
   * Written by the appending thread with opaque stores, so that any thread reads recent figures.
   */
  private long appendedBytes;

  private boolean closed;

  /** The first failure; any thread. */
  private volatile Throwable failure;

  /**
   * Continues a log. Writes nothing yet; asks the pool for a first segment.
   *
   * @param pool supplies segments with numbers above all existing ones
   * @param tail what {@link LogReplay#seal} returned, or {@link LogTail#NONE} for a new log
   * @param existing segments that hold content already, oldest first
   */
  public LogWriter(SegmentPool pool, LogTail tail, List<SegmentInfo> existing) {
    this.pool = pool;
    this.tail = tail;
    this.records = tail.records();
    this.lastSequence = tail.lastSequence();
    this.maxCommonPayload = pool.maxCommonPayload();
    this.segments = new LiveSegments(pool, existing);
    pool.prepareAhead();
  }

  /**
   * Appends one record.
   *
   * @param payload holds the payload
   * @param offset where it starts
   * @param length its length in bytes, 1 to 2^30
   * @param firstSequence its smallest sequence number, larger than any before
   * @param last its largest sequence number
   * @param durable whether to return only when it is forced, and everything before it
   * @return number of the segment that holds it
   * @throws StorageException of reason DISK_FULL with {@link #hasFailed()} still false: nothing was
   *     written, and the call may be repeated
   */
  public long append(
      byte[] payload, int offset, int length, long firstSequence, long last, boolean durable) {
    checkRecord(payload, offset, length, firstSequence, last);
    LogSegment segment = current;
    if (segment == null || segment.used + RecordFormat.maxRecordSize(length) > limit) {
      segment = makeRoom(length);
    } else {
      checkUsable();
    }
    if (segment == null) {
      return appendAlone(payload, offset, length, firstSequence, last, durable);
    }
    long before = segment.used;
    try {
      if (durable) {
        unforced.force();
      }
      appender.data(lastSequence, firstSequence, last);
      appender.append(segment, payload, offset, length, durable);
      appended(last, segment.used - before);
      if (durable) {
        segment.known = segment.forced;
        appender.mark(segment);
        forceRate.forced();
      }
    } catch (RuntimeException | Error e) {
      throw fail(e);
    }
    return segment.number;
  }

  /** Makes everything appended so far durable. */
  public void sync() {
    LogSync sync = beginSync();
    sync.force();
    completeSync(sync);
  }

  /**
   * Notes what is to be forced to make everything appended so far durable. Cheap.
   *
   * @return to be forced, by any thread, and then handed to {@link #completeSync}
   */
  public LogSync beginSync() {
    checkUsable();
    List<LogSegment> all = unforced.list();
    if (current != null && !current.isDataForced()) {
      all.add(current);
    }
    return new LogSync(this, all.toArray(new LogSegment[0]));
  }

  /**
   * Takes note that a force has succeeded, and appends the mark that says so. Cheap.
   *
   * @param sync has been forced
   */
  public void completeSync(LogSync sync) {
    checkUsable();
    sync.record();
    unforced.dropForced();
    try {
      if (current != null) {
        appender.mark(current);
      }
    } catch (RuntimeException | Error e) {
      throw fail(e);
    }
  }

  /**
   * Whether everything appended is durable.
   *
   * @return true also for an empty log
   */
  public boolean isFullyForced() {
    return unforced.isDataForced() && (current == null || current.isDataForced());
  }

  /**
   * Whether a failure has stopped the log for good.
   *
   * @return true once an append or a force has failed otherwise than for want of a new segment
   */
  public boolean hasFailed() {
    return failure != null;
  }

  /**
   * Starts a new segment, so that the current one may retire.
   *
   * @throws StorageException of reason DISK_FULL if there is no space; the log goes on as before
   */
  public void roll() {
    checkUsable();
    if (current != null && current.used > LogFormat.FIRST_RECORD) {
      startSegment(RecordFormat.CONTROL_SIZE);
    }
  }

  /**
   * The largest sequence number in the whole history of the log.
   *
   * @return 0 for a log that never held a record
   */
  public long lastSequence() {
    return lastSequence;
  }

  /**
   * Bytes of the records that this writer has appended, headers included. Any thread.
   *
   * @return marks and the heads of segments left out
   */
  public long appendedBytes() {
    return (long) APPENDED_BYTES.getOpaque(this);
  }

  /**
   * The segments in use, those an earlier process wrote included. Any thread.
   *
   * @return oldest first; figures of the newest one may lag behind
   */
  public List<SegmentInfo> liveSegments() {
    return segments.infos();
  }

  /**
   * The newest segment in use. Any thread.
   *
   * @return its number, 0 in a log without one
   */
  public long newestSegment() {
    return segments.newest();
  }

  /**
   * Lets go of segments whose content is no longer needed, oldest first. Any thread.
   *
   * <p>Ask {@link #newestSegment} first and determine the needed sequence afterwards: appends that
   * run meanwhile go to segments that are not before that one, so that none of them is missed.
   *
   * @param before segments of this number and above stay
   * @param firstNeeded smallest sequence number that is needed of the segments before
   */
  public void retire(long before, long firstNeeded) {
    segments.retire(before, firstNeeded);
  }

  /** Forces everything, writes the end record, closes. After a failure it only closes. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (failure == null && current != null) {
        writeEnd(current);
      }
    } catch (RuntimeException | Error e) {
      throw fail(e);
    } finally {
      closed = true;
      segments.close();
    }
  }

  /** Records the first failure. Any thread. */
  synchronized void poison(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  // ---- appending

  /** The segment for a payload, or null where it is to get one of its own. */
  private LogSegment makeRoom(int length) {
    checkUsable();
    if (length > maxCommonPayload) {
      return null;
    }
    long size = RecordFormat.maxRecordSize(length);
    if (current == null || current.used + size > current.limit) {
      startSegment(size);
    }
    long end = current.used + size;
    current.forcedOften = forceRate.isOften(end);
    try {
      current.extendTo(end);
    } catch (RuntimeException | Error e) {
      throw unlessNothingWritten(e);
    }
    long half = current.limit / 2;
    limit = end <= half ? Math.min(current.writable(), half) : current.writable();
    pool.lookAhead(current, end > half);
    return current;
  }

  /** Takes the next segment into use, one with room for a record. */
  private void startSegment(long size) {
    LogSegment next;
    try {
      next = pool.take(size);
    } catch (RuntimeException | Error e) {
      throw unlessNothingWritten(e);
    }
    try {
      next.start(chain().encode(next.salt));
      use(next);
    } catch (RuntimeException | Error e) {
      next.close();
      throw fail(e);
    }
  }

  private long appendAlone(
      byte[] payload, int offset, int length, long firstSequence, long last, boolean durable) {
    LogSegment alone;
    try {
      alone =
          pool.createAlone(
              chain(),
              segment -> {
                appender.data(lastSequence, firstSequence, last);
                appender.append(segment, payload, offset, length, false);
              });
    } catch (RuntimeException | Error e) {
      throw unlessNothingWritten(e);
    }
    try {
      use(alone);
      appended(last, alone.used - LogFormat.FIRST_RECORD);
      if (durable) {
        unforced.force();
        alone.known = alone.forced;
        appender.mark(alone);
      }
    } catch (RuntimeException | Error e) {
      throw fail(e);
    }
    return alone.number;
  }

  private void use(LogSegment next) {
    segments.add(next);
    if (current != null) {
      unforced.add(current);
    }
    current = next;
    limit = 0; // the first record looks ahead
    forceRate.segmentStarted();
  }

  private SegmentChain chain() {
    if (current == null) {
      return new SegmentChain(
          tail.segment(), tail.salt(), tail.length(), tail.length(), records, lastSequence);
    }
    return new SegmentChain(
        current.number, current.salt, current.used, current.known, records, lastSequence);
  }

  private void appended(long last, long recordSize) {
    lastSequence = last;
    records++;
    APPENDED_BYTES.setOpaque(this, appendedBytes + recordSize);
  }

  private void writeEnd(LogSegment segment) {
    unforced.force();
    segment.forceWritten();
    segment.known = segment.used;
    pool.prepareEnd();
    segments.shrinkAllBut(segment);
    segment.shrink(segment.used + RecordFormat.CONTROL_SIZE);
    appender.end(segment);
  }

  // ---- checks and failures

  private void checkRecord(byte[] payload, int offset, int length, long firstSequence, long last) {
    Objects.checkFromIndexSize(offset, length, payload.length);
    if (length < 1 || length > LogFormat.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a payload has 1 byte to 1 GiB: " + length);
    }
    if (firstSequence <= lastSequence
        || last < firstSequence
        || last > InternalKey.MAX_SEQUENCE
        || last - firstSequence > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException(
          "sequences " + firstSequence + " to " + last + " after " + lastSequence);
    }
  }

  private void checkUsable() {
    Throwable first = failure;
    if (first != null) {
      throw sneak(first);
    }
    if (closed) {
      throw new DbClosedException("the log is closed");
    }
  }

  /** Fails for good, unless a full disk or heap has kept a segment from being prepared. */
  private RuntimeException unlessNothingWritten(Throwable e) {
    if (!pool.hasFailed() && (LogSegment.isDiskFull(e) || e instanceof OutOfMemoryError)) {
      return sneak(e);
    }
    return fail(e);
  }

  private RuntimeException fail(Throwable e) {
    poison(e);
    return sneak(failure);
  }

  private static RuntimeException sneak(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return (RuntimeException) e;
  }
}
