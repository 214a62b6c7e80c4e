package io.lsmdb.internal.wal;

import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.key.InternalKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The end of the log at which records are appended.
 *
 * <p>Used by one thread at a time (the commit leader), with a happens-before edge from each to the
 * next; {@link #retire}, {@link #liveSegments} and {@link LogSync#force} may be called by any thread
 * beside it. Owned and closed by the engine, before the {@link SegmentPool}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A durable append returns only when its record and all before it, earlier segments included,
 *       are forced; so what is forced is always a prefix of what was appended.
 *   <li>The first failure of a write or a force sticks: every later call throws that same failure
 *       and nothing is tried again. Only a full disk while a segment is prepared leaves the log as it
 *       was; the call that met it may be repeated.
 *   <li>A buffered append that fits makes no system call and allocates nothing that lives on.
 *   <li>Segments are retired oldest first, whatever the order of the calls.
 * </ol>
 */
public final class LogWriter implements AutoCloseable {
  private final SegmentPool pool;
  private final Crc32c crc = new Crc32c();
  private final RecordHeader header = new RecordHeader();
  private final byte[] headerBytes = new byte[LogFormat.HEADER_SIZE];
  private final int maxCommonPayload;

  // Used by the appending thread.

  /** Where records go; null before the first. */
  private LogSegment current;

  /** Where {@link #current} needs the slow path: its end, or the point to prepare a successor at. */
  private long limit;

  /** Older segments that may hold unforced bytes, oldest first. */
  private final ArrayDeque<LogSegment> unforced = new ArrayDeque<>();

  /** What precedes the first segment of this writer. */
  private final LogTail tail;

  private long records;
  private long lastSequence;
  private boolean closed;

  /** The first failure; any thread. */
  private volatile Throwable failure;

  /** Segments in use, oldest first; guarded by itself. */
  private final ArrayDeque<LiveSegment> segments = new ArrayDeque<>();

  /** A segment in use: one that an earlier process wrote has an info, one of ours a writer. */
  private static final class LiveSegment {
    final SegmentInfo info;
    final LogSegment writer;

    /** Guarded by {@link #segments}. */
    boolean retired;

    LiveSegment(SegmentInfo info, LogSegment writer) {
      this.info = info;
      this.writer = writer;
    }

    long number() {
      return writer == null ? info.number() : writer.number;
    }

    SegmentInfo info() {
      return writer == null
          ? info
          : new SegmentInfo(
              writer.number, writer.firstSequence, writer.lastSequence, writer.used);
    }
  }

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
    for (SegmentInfo info : existing) {
      segments.add(new LiveSegment(info, null));
    }
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
    if (segment == null || segment.used + LogFormat.recordSize(length) > limit) {
      segment = makeRoom(length);
    } else {
      checkUsable();
    }
    if (segment == null) {
      return appendAlone(payload, offset, length, firstSequence, last, durable);
    }
    try {
      encodeData(segment, payload, offset, length, firstSequence, last);
      if (durable) {
        forceEarlier();
        segment.appendDurably(headerBytes, payload, offset, length);
      } else {
        segment.append(headerBytes, payload, offset, length);
      }
      appended(segment, firstSequence, last);
      if (durable) {
        segment.known = segment.forced;
        mark(segment);
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
    List<LogSegment> all = new ArrayList<>(unforced);
    if (current != null && current.known < current.dataEnd) {
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
    unforced.removeIf(segment -> !segment.isUnforced());
    try {
      if (current != null) {
        mark(current);
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
    return unforced.stream().allMatch(segment -> segment.known >= segment.dataEnd)
        && (current == null || current.known >= current.dataEnd);
  }

  /**
   * Whether a failure has stopped the log for good.
   *
   * @return true once an append or a force has failed otherwise than for want of a new segment
   */
  public boolean hasFailed() {
    return failure != null;
  }

  /** Ends the current segment: the next record starts a new one, so that this one may retire. */
  public void roll() {
    if (current != null && current.nextOrdinal > 0) {
      limit = 0;
    }
  }

  /**
   * The segment that was appended to last.
   *
   * @return its number, 0 in a log without one
   */
  public long currentSegment() {
    return current == null ? tail.segment() : current.number;
  }

  /**
   * Number of data records in the whole history of the log.
   *
   * @return the ordinal of the next one
   */
  public long records() {
    return records;
  }

  /**
   * The segments in use, those an earlier process wrote included. Any thread.
   *
   * @return oldest first; figures of the newest one may lag behind
   */
  public List<SegmentInfo> liveSegments() {
    synchronized (segments) {
      return segments.stream().map(LiveSegment::info).toList();
    }
  }

  /**
   * Says that a segment's content is no longer needed. It goes once all older ones have gone too and
   * it is not the newest. Any thread.
   *
   * @param number its number; one that is not in use is ignored
   */
  public void retire(long number) {
    List<SegmentPool.Retired> gone = new ArrayList<>();
    synchronized (segments) {
      for (LiveSegment segment : segments) {
        segment.retired |= segment.number() == number;
      }
      removeRetired(gone);
    }
    if (!gone.isEmpty()) {
      pool.retire(gone);
    }
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
      synchronized (segments) {
        for (LiveSegment segment : segments) {
          if (segment.writer != null) {
            segment.writer.close();
          }
        }
      }
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
    long size = LogFormat.recordSize(length);
    if (current != null && limit > 0 && current.used + size <= current.limit) {
      limit = current.limit;
      pool.prepareAhead();
      return current;
    }
    LogSegment next;
    try {
      next = pool.take(size);
    } catch (RuntimeException | Error e) {
      throw unlessDiskFull(e);
    }
    try {
      next.start(chain().encode(next.salt));
    } catch (RuntimeException | Error e) {
      throw fail(e);
    }
    use(next);
    limit = next.limit / 2;
    if (next.used + size > limit) {
      limit = next.limit;
      pool.prepareAhead();
    }
    return next;
  }

  private long appendAlone(
      byte[] payload, int offset, int length, long firstSequence, long last, boolean durable) {
    LogSegment alone;
    try {
      alone =
          pool.createAlone(
              chain(),
              segment -> {
                encodeData(segment, payload, offset, length, firstSequence, last);
                segment.append(headerBytes, payload, offset, length);
              });
    } catch (RuntimeException | Error e) {
      throw unlessDiskFull(e);
    }
    use(alone);
    limit = 0;
    appended(alone, firstSequence, last);
    if (durable) {
      try {
        forceEarlier();
        alone.known = alone.forced;
        mark(alone);
      } catch (RuntimeException | Error e) {
        throw fail(e);
      }
    }
    return alone.number;
  }

  private void use(LogSegment next) {
    List<SegmentPool.Retired> gone = new ArrayList<>();
    synchronized (segments) {
      segments.addLast(new LiveSegment(null, next));
      removeRetired(gone);
    }
    unforced.removeIf(LogSegment::isReleased);
    if (current != null && current.isUnforced()) {
      unforced.add(current);
    }
    current = next;
    if (!gone.isEmpty()) {
      pool.retire(gone);
    }
  }

  /** Moves retired segments from the old end of the list; the newest one stays. */
  private void removeRetired(List<SegmentPool.Retired> gone) {
    while (segments.size() > 1 && segments.getFirst().retired) {
      LiveSegment segment = segments.removeFirst();
      gone.add(new SegmentPool.Retired(segment.number(), segment.writer));
    }
  }

  private SegmentChain chain() {
    if (current == null) {
      return new SegmentChain(
          tail.segment(), tail.salt(), tail.length(), tail.length(), records, lastSequence);
    }
    return new SegmentChain(
        current.number, current.salt, current.used, current.known, records, lastSequence);
  }

  private void encodeData(
      LogSegment segment, byte[] payload, int offset, int length, long firstSequence, long last) {
    header.type = LogFormat.DATA;
    header.firstSequence = firstSequence;
    header.span = (int) (last - firstSequence);
    header.length = length;
    header.payloadCrc =
        crc.compute(segment.salt, segment.used + LogFormat.HEADER_SIZE, payload, offset, length);
    encode(segment);
  }

  private void encodeControl(LogSegment segment, int type) {
    header.type = type;
    header.firstSequence = 0;
    header.span = 0;
    header.length = 0;
    header.payloadCrc = 0;
    encode(segment);
  }

  private void encode(LogSegment segment) {
    header.forced = (int) segment.known;
    header.ordinal = segment.nextOrdinal;
    header.encode(crc, segment.salt, segment.used, headerBytes, 0);
  }

  private void appended(LogSegment segment, long firstSequence, long last) {
    segment.dataEnd = segment.used;
    segment.nextOrdinal++;
    if (segment.firstSequence == 0) {
      segment.firstSequence = firstSequence;
    }
    segment.lastSequence = last;
    lastSequence = last;
    records++;
  }

  private void mark(LogSegment segment) {
    if (segment.known > segment.marked && segment.hasRoomForMark()) {
      encodeControl(segment, LogFormat.MARK);
      segment.append(headerBytes, Bytes.EMPTY, 0, 0);
      segment.nextOrdinal++;
      segment.marked = segment.known;
    }
  }

  private void writeEnd(LogSegment segment) {
    forceEarlier();
    if (segment.forced < segment.used) {
      segment.force(segment.forced, segment.used);
      segment.forced = segment.used;
    }
    segment.known = segment.used;
    encodeControl(segment, LogFormat.END);
    segment.appendDurably(headerBytes, Bytes.EMPTY, 0, 0);
  }

  private void forceEarlier() {
    LogSegment segment = unforced.peekFirst();
    while (segment != null) {
      if (segment.forced < segment.used) {
        segment.force(segment.forced, segment.used);
        segment.forced = segment.used;
      }
      segment.known = segment.forced;
      unforced.removeFirst();
      segment = unforced.peekFirst();
    }
  }

  // ---- checks and failures

  private void checkRecord(
      byte[] payload, int offset, int length, long firstSequence, long last) {
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

  private RuntimeException unlessDiskFull(Throwable e) {
    if (!pool.hasFailed()
        && e instanceof StorageException storage
        && storage.reason() == StorageException.Reason.DISK_FULL) {
      return storage;
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
