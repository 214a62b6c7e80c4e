package io.lsmdb.internal.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.StorageException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The supply of prepared segments, which takes retired ones back.
 *
 * <p>Thread-safe. Preparation and retirement run on the executor of the settings, or in the caller
 * where nothing is ready. Created after {@link LogReplay#seal}, owned and closed by the engine,
 * after the {@link LogWriter} that draws from it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Numbers are given out in ascending order, and segments are taken in that order.
 *   <li>Retired segments leave the directory oldest first, each durably before the next, so that
 *       those present are always an unbroken run.
 *   <li>A full disk or heap fails one preparation, which may be tried again; any other failure
 *       sticks.
 * </ol>
 *
 * <p>Mappings cannot be unmapped safely on Java 17, and keep the space of a deleted file: the files
 * of retired segments are cut to nothing, and live on under a new number and a new salt.
 */
public final class SegmentPool implements AutoCloseable {
  private final LogSettings settings;

  /** Held while files are made or removed; taken before the monitors below. */
  private final Object work = new Object();

  /** Used by the holder of {@link #work}, but for {@link #hasFailed}. */
  private final SegmentFactory factory;

  @GuardedBy("ready")
  private final ArrayDeque<LogSegment> ready = new ArrayDeque<>();

  /** Oldest first. */
  @GuardedBy("retired")
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();

  private volatile boolean closed;

  /** A segment to be removed; the writer is null where an earlier process wrote it. */
  record Retired(long number, LogSegment writer) {}

  /**
   * Creates a pool that has nothing ready.
   *
   * @param files where the log lives
   * @param settings sizes and collaborators
   * @param firstNumber larger than any segment number seen in the directory
   */
  public SegmentPool(LogFiles files, LogSettings settings, long firstNumber) {
    this.settings = settings;
    this.factory = new SegmentFactory(files, settings, firstNumber);
  }

  /** Starts to prepare a segment in the background, unless one is ready. */
  public void prepareAhead() {
    attempt(() -> settings.executor().execute(this::prepareInBackground));
  }

  /**
   * Starts to extend the segment that is being written, in the background.
   *
   * @param current the segment
   * @param successor whether to prepare its successor as well, unless one is ready
   */
  void lookAhead(LogSegment current, boolean successor) {
    attempt(
        () ->
            settings
                .executor()
                .execute(
                    () -> {
                      attempt(current::extendAhead);
                      if (successor) {
                        prepareInBackground();
                      }
                    }));
  }

  /** Whether a failure has stopped the pool for good. */
  boolean hasFailed() {
    return factory.hasFailed();
  }

  /** Longest payload that a common segment takes, in bytes. */
  int maxCommonPayload() {
    return settings.maxSegmentSize() / 4;
  }

  /**
   * Takes the next segment, and prepares one if none is ready.
   *
   * @param record bytes that the first record needs
   * @throws StorageException of reason DISK_FULL if there is no space for one; try again later
   */
  LogSegment take(long record) {
    LogSegment segment = pollReady(record);
    if (segment != null) {
      return segment;
    }
    synchronized (work) {
      segment = pollReady(record);
      if (segment != null) {
        return segment;
      }
      factory.growFor(record);
      LogSegment tooSmall = peekReady();
      LogSegment fresh = factory.create(numberOf(tooSmall));
      replaced(tooSmall);
      return fresh;
    }
  }

  /**
   * Creates, complete and forced, a segment that holds one record. If this fails, the log is as if
   * it had not been tried.
   *
   * @param chain what comes before it
   * @param record writes the record to the segment, whose number and salt are known by then
   * @throws StorageException of reason DISK_FULL if there is no space for it; try again later
   */
  LogSegment createAlone(SegmentChain chain, Consumer<LogSegment> record) {
    synchronized (work) {
      LogSegment prepared = peekReady();
      LogSegment alone = factory.createAlone(numberOf(prepared), chain, record);
      replaced(prepared);
      return alone;
    }
  }

  /**
   * Removes segments whose content is no longer needed, in the background, or recycles them.
   *
   * @param segments oldest first, and older than any not yet given
   */
  void retire(List<Retired> segments) {
    synchronized (retired) {
      retired.addAll(segments);
    }
    attempt(() -> settings.executor().execute(this::removeRetired));
  }

  /**
   * Removes retired segments, and cuts those behind their records that cannot be removed: where an
   * end record follows, no unforced zeros may be left.
   */
  void prepareEnd() {
    removeRetired();
    synchronized (work) {
      synchronized (retired) {
        for (Retired left : retired) {
          if (left.writer() != null) {
            left.writer().shrink(left.writer().used);
          }
        }
      }
    }
  }

  /** Removes retired and unused segments; waits for background work. Closing twice is fine. */
  @Override
  public void close() {
    closed = true;
    removeRetired();
    synchronized (work) {
      synchronized (ready) {
        while (!ready.isEmpty()) {
          LogSegment segment = ready.removeLast();
          attempt(segment::close);
          attempt(() -> factory.delete(segment.number));
        }
      }
      closeRetired();
    }
  }

  /** Closes what a failure has kept from being removed; its files stay. */
  private void closeRetired() {
    synchronized (retired) {
      for (Retired left : retired) {
        if (left.writer() != null) {
          attempt(left.writer()::close);
        }
      }
      retired.clear();
    }
  }

  private void prepareInBackground() {
    synchronized (work) {
      if (!closed && peekReady() == null) {
        attempt(() -> addReady(factory.create(factory.takeNumber())));
      }
    }
  }

  /** Removes one after the other, and lets an append that waits for a segment in between. */
  private void removeRetired() {
    attempt(
        () -> {
          while (removeFirstRetired()) {
            Thread.onSpinWait();
          }
        });
  }

  private boolean removeFirstRetired() {
    synchronized (work) {
      Retired first;
      synchronized (retired) {
        first = retired.peekFirst();
      }
      if (first == null || factory.hasFailed()) {
        return false;
      }
      remove(first.number(), first.writer());
      synchronized (retired) {
        retired.removeFirst();
        return !retired.isEmpty();
      }
    }
  }

  @GuardedBy("work")
  private void remove(long number, LogSegment writer) {
    if (writer == null) {
      factory.delete(number);
    } else if (!writer.isReleased() && wantsMore() && factory.canRecycle(writer)) {
      LogSegment recycled = factory.recycle(writer);
      if (recycled != null) {
        addReady(recycled);
      }
    } else {
      factory.delete(writer);
    }
  }

  private boolean wantsMore() {
    synchronized (ready) {
      return !closed && ready.isEmpty();
    }
  }

  private void addReady(LogSegment segment) {
    synchronized (ready) {
      ready.addLast(segment);
    }
  }

  private LogSegment peekReady() {
    synchronized (ready) {
      return ready.peekFirst();
    }
  }

  private LogSegment pollReady(long record) {
    synchronized (ready) {
      LogSegment first = ready.peekFirst();
      if (first == null || LogFormat.FIRST_RECORD + record > first.limit) {
        return null;
      }
      return ready.removeFirst();
    }
  }

  private long numberOf(LogSegment prepared) {
    return prepared == null ? factory.takeNumber() : prepared.number;
  }

  /** Drops the first ready segment, whose file another one has replaced. */
  private void replaced(LogSegment prepared) {
    if (prepared != null) {
      synchronized (ready) {
        ready.removeFirst();
      }
      prepared.close();
    }
  }

  /** Runs background work, whose failures nobody waits for. */
  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      settings.onBackgroundFailure().accept(e);
    } catch (OutOfMemoryError e) {
      settings.onBackgroundFailure().accept(new InsufficientMemoryException("work on the log", e));
    }
  }
}
