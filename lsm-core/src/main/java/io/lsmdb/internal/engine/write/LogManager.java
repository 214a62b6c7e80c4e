package io.lsmdb.internal.engine.write;

import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.family.StallCondition;
import io.lsmdb.internal.wal.LogSync;
import io.lsmdb.internal.wal.LogWriter;
import io.lsmdb.internal.wal.SegmentInfo;
import io.lsmdb.internal.wal.SegmentPool;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The log as the engine sees it: appends, forces, and the end of segments that no family needs.
 *
 * <p>Appends and the two ends of a force run as commit leader; {@link #retireUnneeded} and the
 * figures may be called by any thread. Owned by the store, which closes it as commit leader.
 */
public final class LogManager implements AutoCloseable {
  /** A log that nobody needs any more is not made shorter below this size. Bytes. */
  private static final long WORTH_ROLLING = 256 << 10;

  /**
   * What a log may have beyond twice its limit before writes are slowed down, in bytes: a segment
   * has a few MiB however small the limit is.
   */
  private static final long FREE_BYTES = 32L << 20;

  private final LogWriter writer;
  private final SegmentPool pool;
  private final long maxBytes;
  private volatile StallCondition stall = StallCondition.NONE;

  private long segment; // of the last append; used by the leader alone
  private boolean segmentIsNew; // likewise

  public LogManager(LogWriter writer, SegmentPool pool, long maxBytes) {
    this.writer = writer;
    this.pool = pool;
    this.maxBytes = maxBytes;
  }

  /** Appends a commit group as one record. Leader only. */
  void append(byte[] bytes, int size, long first, long last, boolean sync) {
    long used = writer.append(bytes, 0, size, first, last, sync);
    if (used != segment) {
      segment = used;
      segmentIsNew = true;
      updateStall();
    }
  }

  /** Makes everything appended so far durable, while all writers wait. Leader only. */
  void syncAsLeader() {
    if (!writer.isFullyForced()) {
      writer.sync();
    }
  }

  /** Whether an append or a force has failed, after which the log takes nothing more. */
  public boolean hasFailed() {
    return writer.hasFailed();
  }

  /**
   * Makes everything appended so far durable. Any thread but the leader; writers go on meanwhile.
   *
   * @param betweenCommits runs what notes beginning and end
   */
  void sync(Executor betweenCommits) {
    LogSync[] sync = new LogSync[1];
    betweenCommits.execute(() -> sync[0] = writer.isFullyForced() ? null : writer.beginSync());
    if (sync[0] != null) {
      sync[0].force();
      betweenCommits.execute(() -> writer.completeSync(sync[0]));
    }
  }

  /**
   * Lets go of the segments whose entries are all in tables.
   *
   * @param firstNeeded finds the smallest sequence that some memtable has from the log; asked after
   *     the newest segment has been noted, so that appends that run meanwhile are kept
   */
  void retireUnneeded(LongSupplier firstNeeded) {
    long newest = writer.newestSegment();
    writer.retire(newest, firstNeeded.getAsLong());
    updateStall();
  }

  /** Whether writes of all families are to slow down, so that flushes can follow. Any thread. */
  StallCondition stall() {
    return stall;
  }

  /** Computes anew how far the log is beyond its limit; a log never stops writes. */
  private void updateStall() {
    long slowdown = 2 * maxBytes + FREE_BYTES;
    long slowest = 4 * slowdown;
    long bytes = Math.min(liveBytes(), slowest - 1);
    stall = StallCondition.of(StallCause.LOG_SIZE, bytes, slowdown, slowest);
  }

  /**
   * Starts a new segment if nothing in the log is needed, so that all of the others may go. Any
   * thread but the leader.
   *
   * @param betweenCommits runs what starts it
   * @param firstNeeded as for {@link #retireUnneeded}
   */
  void rollUnneeded(Executor betweenCommits, LongSupplier firstNeeded) {
    if (liveBytes() < WORTH_ROLLING || firstNeeded.getAsLong() != Long.MAX_VALUE) {
      return;
    }
    betweenCommits.execute(
        () -> {
          if (!writer.hasFailed() && firstNeeded.getAsLong() == Long.MAX_VALUE) {
            roll();
          }
        });
    retireUnneeded(firstNeeded);
  }

  private void roll() {
    try {
      writer.roll();
    } catch (StorageException e) {
      if (e.reason() != StorageException.Reason.DISK_FULL || writer.hasFailed()) {
        throw e;
      } // on a full disk the log stays as it is
    }
  }

  /** Whether the log has grown too large; asked once for each new segment. Leader only. */
  boolean isOverLimit() {
    boolean over = segmentIsNew && exceedsLimit();
    segmentIsNew = false;
    return over;
  }

  /** Whether the log is larger than its limit now. Any thread. */
  boolean exceedsLimit() {
    return liveBytes() > maxBytes;
  }

  /**
   * The first sequence of the newest segments that are within the limit together: the log shrinks
   * to it when nothing before is needed. Any thread.
   *
   * @return 0 for an empty log
   */
  long firstSequenceWithinLimit() {
    List<SegmentInfo> segments = writer.liveSegments();
    long first = 0;
    long bytes = 0;
    for (int i = segments.size() - 1; i >= 0; i--) {
      SegmentInfo segment = segments.get(i);
      bytes += segment.length();
      if (first != 0 && bytes > maxBytes) {
        break;
      }
      first = segment.firstSequence() == 0 ? first : segment.firstSequence();
    }
    return first;
  }

  /** Bytes of the log that are still needed. */
  public long liveBytes() {
    return writer.liveSegments().stream().mapToLong(SegmentInfo::length).sum();
  }

  /** Bytes of records appended since the store was opened, their headers included. */
  public long appendedBytes() {
    return writer.appendedBytes();
  }

  /**
   * The largest sequence that was ever logged. Asked after {@link #close}, when all is forced.
   *
   * @return empty after a failure, which leaves open what the next opening will find
   */
  public OptionalLong lastLoggedSequence() {
    return writer.hasFailed() ? OptionalLong.empty() : OptionalLong.of(writer.lastSequence());
  }

  @Override
  public void close() {
    try {
      writer.close();
    } finally {
      pool.close();
    }
  }
}
