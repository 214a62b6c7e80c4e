package io.lsmdb.internal.wal;

import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.record.FileHeader;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The maker of segment files.
 *
 * <p>Used by one thread at a time, under the lock of the {@link SegmentPool} that owns it; {@link
 * #hasFailed} by any.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A file has a {@code .log} name only while its identity is whole and forced. The zeros
 *       behind it are not forced.
 *   <li>What is returned has a durable directory entry.
 *   <li>A full disk leaves nothing behind, and the call may be repeated; so does a full heap before
 *       a file gets its final name. Any other failure sticks, since a force that failed must not
 *       seem to succeed later.
 * </ol>
 */
final class SegmentFactory {
  /** A page, since nobody knows yet whether the segment is going to be forced often. */
  private static final byte[] ZEROS = new byte[MappedFile.SMALLEST_UNIT];

  private final LogFiles files;
  private final FileSystem fs;
  private final LogSettings settings;
  private final boolean mapped;
  private long nextNumber;
  private int nextSize;

  /** The failure that sticks. */
  private volatile RuntimeException broken;

  SegmentFactory(LogFiles files, LogSettings settings, long firstNumber) {
    this.files = files;
    this.fs = files.fileSystem();
    this.settings = settings;
    this.nextNumber = firstNumber;
    this.nextSize = settings.firstSegmentSize();
    this.mapped = !settings.ordinaryWrites() && fs.reservesByZeroFill(files.directory());
  }

  /** Whether a failure has stopped this for good. Any thread. */
  boolean hasFailed() {
    return broken != null;
  }

  /** Gives out a number that is larger than any before. */
  long takeNumber() {
    return nextNumber++;
  }

  /** Sees to it that the next segment has room for a record. */
  void growFor(long record) {
    long needed = LogFormat.FIRST_RECORD + record + LogFormat.RESERVE;
    while (nextSize < needed) {
      grow();
    }
  }

  private void grow() {
    nextSize = (int) Math.min(2L * nextSize, settings.maxSegmentSize());
  }

  /** Makes an empty segment, in the place of a prepared one of that number if there is one. */
  LogSegment create(long number) {
    int size = nextSize;
    FileHeader identity = identity(number, mapped ? size : 0);
    int filled = mapped ? MappedSegment.firstStep(size) : 0;
    WritableFile file = publish(identity, f -> {}, filled, mapped);
    grow();
    if (!mapped) {
      return new AppendSegment(number, identity.salt(), file, size - LogFormat.RESERVE);
    }
    return new MappedSegment(number, identity.salt(), map(files.segment(number), size), filled);
  }

  /**
   * Makes a segment that holds one record, all of it forced.
   *
   * @param number as for {@link #create}
   * @param chain what comes before it
   * @param record writes the record to the segment
   */
  LogSegment createAlone(long number, SegmentChain chain, Consumer<LogSegment> record) {
    FileHeader identity = identity(number, 0);
    LogSegment[] result = new LogSegment[1];
    publish(
        identity,
        file -> {
          AppendSegment segment = new AppendSegment(number, identity.salt(), file, 0);
          segment.start(chain.encode(identity.salt()));
          record.accept(segment);
          result[0] = segment;
        },
        0,
        false);
    result[0].forced = result[0].used;
    return result[0];
  }

  /** Whether a segment is worth to be recycled. */
  boolean canRecycle(LogSegment old) {
    return old.mapping() != null && old.mapping().size() >= nextSize;
  }

  /**
   * Makes an empty segment of a retired one, whose file is there and changes its name. Nothing of
   * its content is left when it has the new name, so that old records cannot come back.
   *
   * @return null where the disk is so full that it was deleted instead
   */
  LogSegment recycle(LogSegment old) {
    return sticking(
        () -> {
          Path spare = files.spare(old.number);
          if (fs.exists(files.segment(old.number))) { // else an attempt had no memory after this
            fs.rename(files.segment(old.number), spare);
          }
          forceDirectory();
          old.release(); // not before: while the file can come back, a force must reach it
          MappedFile file = old.mapping();
          FileHeader identity = identity(takeNumber(), file.size());
          int filled = MappedSegment.firstStep(file.size());
          if (!restart(file, identity, filled)) {
            file.close();
            fs.delete(spare);
            return null;
          }
          fs.rename(spare, files.segment(identity.number()));
          forceDirectory();
          return new MappedSegment(identity.number(), identity.salt(), file, filled);
        });
  }

  /** Empties a file and begins it anew; returns false if there is no space for that. */
  private static boolean restart(MappedFile file, FileHeader identity, int filled) {
    file.shrink(0);
    try {
      file.extend(0, LogFormat.IDENTITY_SIZE, ZEROS.length);
      file.put(0, identity.encode(LogFormat.SEGMENT), 0, LogFormat.IDENTITY_SIZE);
      file.force(0, LogFormat.IDENTITY_SIZE);
      file.extend(LogFormat.IDENTITY_SIZE, filled, ZEROS.length);
      return true;
    } catch (StorageException e) {
      if (LogSegment.isDiskFull(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Deletes a retired segment durably, and frees its space although it stays mapped. */
  void delete(LogSegment old) {
    delete(old.number);
    sticking(
        () -> {
          old.release();
          old.shrink(0);
          old.close();
          return null;
        });
  }

  /** Deletes a segment's file if it is there, durably. */
  void delete(long number) {
    sticking(
        () -> {
          Path file = files.segment(number);
          if (fs.exists(file)) {
            fs.delete(file);
            forceDirectory();
          }
          return null;
        });
  }

  private FileHeader identity(long number, long capacity) {
    return new FileHeader(number, settings.salts().getAsLong(), files.logId(), capacity);
  }

  private MappedFile map(Path file, int size) {
    try {
      return fs.mapGrowing(file, size);
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    }
  }

  /**
   * Writes a file under its spare name, forces it, and gives it its final name durably.
   *
   * @param content writes what follows the identity
   * @param size how long the file becomes by zeros behind its content, which are not forced
   * @param close whether to close the file; otherwise it is returned open
   */
  private WritableFile publish(
      FileHeader identity, Consumer<WritableFile> content, int size, boolean close) {
    return sticking(
        () -> {
          Path spare = files.spare(identity.number());
          WritableFile file = write(spare, identity, content, size);
          boolean published = false;
          try {
            fs.rename(spare, files.segment(identity.number()));
            forceDirectory();
            published = true;
          } catch (OutOfMemoryError e) {
            broken = new InsufficientMemoryException("a log segment was left half published", e);
            throw e;
          } finally {
            if (close || !published) {
              file.close();
            }
          }
          return file;
        });
  }

  private WritableFile write(
      Path spare, FileHeader identity, Consumer<WritableFile> content, int size) {
    if (fs.exists(spare)) {
      fs.delete(spare);
    }
    WritableFile file = fs.create(spare);
    try {
      file.append(identity.encode(LogFormat.SEGMENT), 0, LogFormat.IDENTITY_SIZE);
      content.accept(file);
      file.force();
      while (file.size() < size) {
        int toPageEnd = ZEROS.length - (int) (file.size() % ZEROS.length);
        file.append(ZEROS, 0, (int) Math.min(toPageEnd, size - file.size()));
      }
      return file;
    } catch (RuntimeException | OutOfMemoryError e) {
      try {
        file.close();
        fs.delete(spare);
      } catch (RuntimeException cleanUp) {
        e.addSuppressed(cleanUp);
      }
      throw e;
    }
  }

  /** A directory that could not be forced is never forced again, whatever the reason. */
  private void forceDirectory() {
    try {
      fs.forceDirectory(files.directory());
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    }
  }

  private interface Step<T> {
    T run();
  }

  private <T> T sticking(Step<T> step) {
    if (broken != null) {
      throw broken;
    }
    try {
      return step.run();
    } catch (RuntimeException e) {
      if (!LogSegment.isDiskFull(e)) {
        broken = e;
      }
      throw e;
    }
  }
}
