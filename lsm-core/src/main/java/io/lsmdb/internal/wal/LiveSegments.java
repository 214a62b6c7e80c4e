package io.lsmdb.internal.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a log that are in use, oldest first.
 *
 * <p>Thread-safe. Invariant: a segment leaves when it is retired, all older ones have left, and it
 * is not the newest.
 */
final class LiveSegments {
  private final SegmentPool pool;

  @GuardedBy("entries")
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  /** A segment: one that an earlier process wrote has an info, one of ours a writer. */
  private static final class Entry {
    final SegmentInfo info;
    final LogSegment writer;

    Entry(SegmentInfo info, LogSegment writer) {
      this.info = info;
      this.writer = writer;
    }

    long number() {
      return writer == null ? info.number() : writer.number;
    }

    SegmentInfo info() {
      return writer == null
          ? info
          : new SegmentInfo(writer.number, writer.firstSequence, writer.lastSequence, writer.used);
    }
  }

  LiveSegments(SegmentPool pool, List<SegmentInfo> existing) {
    this.pool = pool;
    for (SegmentInfo info : existing) {
      entries.add(new Entry(info, null));
    }
  }

  void add(LogSegment newest) {
    synchronized (entries) {
      entries.addLast(new Entry(null, newest));
    }
  }

  /** Number of the newest segment, 0 for none. */
  long newest() {
    synchronized (entries) {
      return entries.isEmpty() ? 0 : entries.getLast().number();
    }
  }

  /** Lets go of segments before a number, oldest first, up to one that holds a needed sequence. */
  void retire(long before, long firstNeeded) {
    List<SegmentPool.Retired> gone = new ArrayList<>();
    synchronized (entries) {
      while (entries.size() > 1
          && entries.getFirst().number() < before
          && entries.getFirst().info().lastSequence() < firstNeeded) {
        Entry entry = entries.removeFirst();
        gone.add(new SegmentPool.Retired(entry.number(), entry.writer));
      }
      if (!gone.isEmpty()) {
        pool.retire(gone); // under the lock, so that they arrive in order
      }
    }
  }

  /** Cuts the files of all but the newest one behind their records. */
  void shrinkAllBut(LogSegment newest) {
    synchronized (entries) {
      for (Entry entry : entries) {
        if (entry.writer != null && entry.writer != newest) {
          entry.writer.shrink(entry.writer.used);
        }
      }
    }
  }

  List<SegmentInfo> infos() {
    synchronized (entries) {
      return entries.stream().map(Entry::info).toList();
    }
  }

  /** Closes the files of all that have a writer. */
  void close() {
    synchronized (entries) {
      for (Entry entry : entries) {
        if (entry.writer != null) {
          entry.writer.close();
        }
      }
    }
  }
}
