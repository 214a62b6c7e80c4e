package io.lsmdb.internal.wal;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.WritableFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The supply of prepared segments, which takes retired ones back.
 *
 * <p>Thread-safe. Preparation and retirement run on the executor of the settings, or in the caller
 * where nothing is ready. Created after {@link LogReplay#seal}, owned and closed by the engine, after
 * the {@link LogWriter} that draws from it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A file has a {@code .log} name only while its identity is whole and forced.
 *   <li>Numbers are given out in ascending order, and segments are taken in that order.
 *   <li>Retired segments leave the directory oldest first, each durably before the next, so that
 *       those present are always an unbroken run.
 *   <li>A full disk fails one preparation, which may be tried again; any other failure of one sticks,
 *       since a force that failed must not seem to succeed later.
 * </ol>
 *
 * <p>Mappings cannot be unmapped safely on Java 17: the files of retired segments are filled with
 * zeros through the mapping they have, and live on under a new number and a new salt.
 */
public final class SegmentPool implements AutoCloseable {
  private static final int MAX_READY = 2;
  private static final byte[] ZEROS = new byte[64 * 1024];

  private final LogFiles files;
  private final FileSystem fs;
  private final LogSettings settings;
  private final boolean mapped;

  /** Held by whoever prepares or retires; taken before {@link #ready}'s monitor. */
  private final Object work = new Object();

  /** Guarded by {@link #work}. */
  private long nextNumber;

  /** Guarded by {@link #work}. */
  private int nextSize;

  /** The failure that sticks; written under {@link #work}. */
  private volatile RuntimeException broken;

  /** Guarded by itself. */
  private final ArrayDeque<LogSegment> ready = new ArrayDeque<>();

  /** Oldest first; guarded by itself. */
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
    this.files = files;
    this.fs = files.fileSystem();
    this.settings = settings;
    this.nextNumber = firstNumber;
    this.nextSize = settings.firstSegmentSize();
    this.mapped = !settings.ordinaryWrites() && fs.reservesByZeroFill(files.directory());
  }

  /** Starts to prepare a segment in the background, unless one is ready. */
  public void prepareAhead() {
    attempt(() -> settings.executor().execute(this::prepareInBackground));
  }

  /** Whether a failure has stopped the pool for good. */
  boolean hasFailed() {
    return broken != null;
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
      long needed = record + LogFormat.FIRST_RECORD + LogFormat.RESERVE;
      while (nextSize < needed) {
        nextSize = (int) Math.min(2L * nextSize, settings.maxSegmentSize());
      }
      LogSegment tooSmall = peekReady();
      LogSegment fresh = prepare(tooSmall == null ? nextNumber++ : tooSmall.number);
      if (tooSmall != null) {
        discardFirst(tooSmall);
      }
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
      LogSegment replaced = peekReady();
      long number = replaced == null ? nextNumber++ : replaced.number;
      SegmentIdentity identity =
          new SegmentIdentity(number, settings.salts().getAsLong(), files.logId(), 0);
      LogSegment[] result = new LogSegment[1];
      publish(
          identity,
          file -> {
            AppendSegment segment = new AppendSegment(number, identity.salt(), file, 0);
            segment.start(chain.encode(identity.salt()));
            record.accept(segment);
            result[0] = segment;
          },
          false);
      if (replaced != null) {
        discardFirst(replaced);
      }
      result[0].forced = result[0].used;
      return result[0];
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

  /** Removes retired and unused segments; waits for background work. Closing twice is fine. */
  @Override
  public void close() {
    closed = true;
    synchronized (work) {
      removeRetired();
      synchronized (ready) {
        while (!ready.isEmpty()) {
          LogSegment segment = ready.removeLast();
          segment.close();
          attempt(() -> delete(files.segment(segment.number)));
        }
      }
    }
  }

  private void prepareInBackground() {
    synchronized (work) {
      if (closed || peekReady() != null) {
        return;
      }
      attempt(() -> addReady(prepare(nextNumber++)));
    }
  }

  private LogSegment prepare(long number) {
    int size = nextSize;
    SegmentIdentity identity =
        new SegmentIdentity(
            number, settings.salts().getAsLong(), files.logId(), mapped ? size : 0);
    WritableFile file = publish(identity, f -> fill(f, mapped ? size : 0), mapped);
    nextSize = (int) Math.min(2L * size, settings.maxSegmentSize());
    if (!mapped) {
      return new AppendSegment(number, identity.salt(), file, size - LogFormat.RESERVE);
    }
    return new MappedSegment(number, identity.salt(), map(files.segment(number), size));
  }

  private static void fill(WritableFile file, int size) {
    while (file.size() < size) {
      file.append(ZEROS, 0, (int) Math.min(ZEROS.length, size - file.size()));
    }
  }

  private MappedFile map(Path file, int size) {
    try {
      return fs.map(file, size);
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    }
  }

  /**
   * Writes a file under its spare name, forces it, and gives it its final name durably.
   *
   * @param content writes what follows the identity
   * @param close whether to close the file; otherwise it is returned open
   */
  private WritableFile publish(
      SegmentIdentity identity, Consumer<WritableFile> content, boolean close) {
    if (broken != null) {
      throw broken;
    }
    Path spare = files.spare(identity.number());
    try {
      WritableFile file = write(spare, identity, content);
      if (close) {
        file.close();
      }
      fs.rename(spare, files.segment(identity.number()));
      forceDirectory();
      return file;
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  private void forceDirectory() {
    try {
      fs.forceDirectory(files.directory());
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    }
  }

  /** Makes a failure stick unless it is one that may be tried again. */
  private RuntimeException failed(RuntimeException e) {
    boolean diskFull =
        e instanceof StorageException storage
            && storage.reason() == StorageException.Reason.DISK_FULL;
    if (!diskFull) {
      broken = e;
    }
    return e;
  }

  private WritableFile write(
      Path spare, SegmentIdentity identity, Consumer<WritableFile> content) {
    if (fs.exists(spare)) {
      fs.delete(spare);
    }
    WritableFile file = fs.create(spare);
    try {
      file.append(identity.encode(), 0, LogFormat.IDENTITY_SIZE);
      content.accept(file);
      file.force();
      return file;
    } catch (RuntimeException e) {
      try {
        file.close();
        fs.delete(spare);
      } catch (RuntimeException cleanUp) {
        e.addSuppressed(cleanUp);
      }
      throw e;
    }
  }

  private void removeRetired() {
    synchronized (work) {
      attempt(
          () -> {
            Retired next = firstRetired();
            while (next != null && broken == null) {
              removeOrFail(next);
              synchronized (retired) {
                retired.removeFirst();
              }
              next = firstRetired();
            }
          });
    }
  }

  private Retired firstRetired() {
    synchronized (retired) {
      return retired.peekFirst();
    }
  }

  private void removeOrFail(Retired old) {
    try {
      remove(old);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  private void remove(Retired old) {
    Path name = files.segment(old.number());
    LogSegment writer = old.writer();
    if (fs.exists(name) && writer != null && mayRecycle(writer)) {
      recycle(name, writer);
      return;
    }
    if (fs.exists(name)) {
      delete(name);
    }
    if (writer != null) {
      writer.close();
    }
  }

  private void delete(Path file) {
    fs.delete(file);
    forceDirectory();
  }

  private boolean mayRecycle(LogSegment segment) {
    synchronized (ready) {
      return !closed
          && segment.mapping() != null
          && segment.mapping().size() >= nextSize
          && ready.size() < MAX_READY;
    }
  }

  private void recycle(Path name, LogSegment old) {
    Path spare = files.spare(old.number);
    fs.rename(name, spare);
    forceDirectory();
    old.release(); // not before: while the file can come back, a force must reach it
    MappedFile file = old.mapping();
    for (long at = 0; at < old.used; at += ZEROS.length) {
      file.put(at, ZEROS, 0, (int) Math.min(ZEROS.length, old.used - at));
    }
    long number = nextNumber++;
    SegmentIdentity identity =
        new SegmentIdentity(number, settings.salts().getAsLong(), files.logId(), file.size());
    file.put(0, identity.encode(), 0, LogFormat.IDENTITY_SIZE);
    file.force(0, old.used);
    fs.rename(spare, files.segment(number));
    forceDirectory();
    addReady(new MappedSegment(number, identity.salt(), file));
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

  /** Drops the first ready segment, whose file another one has replaced. */
  private void discardFirst(LogSegment replaced) {
    synchronized (ready) {
      ready.removeFirst();
    }
    replaced.close();
  }

  /** Runs background work, whose failures nobody waits for. */
  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      settings.onBackgroundFailure().accept(e);
    }
  }
}
