package io.lsmdb.internal.wal;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.WritableFile;
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
 *   <li>A file has a {@code .log} name only while its identity is whole and forced.
 *   <li>What is returned has a durable directory entry.
 *   <li>A full disk leaves nothing behind, and the call may be repeated; any other failure sticks,
 *       since a force that failed must not seem to succeed later.
 * </ol>
 */
final class SegmentFactory {
  private static final byte[] ZEROS = new byte[64 * 1024];

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
    SegmentIdentity identity = identity(number, mapped ? size : 0);
    WritableFile file = publish(identity, f -> fillUp(f, mapped ? size : 0), mapped);
    grow();
    if (!mapped) {
      return new AppendSegment(number, identity.salt(), file, size - LogFormat.RESERVE);
    }
    return new MappedSegment(number, identity.salt(), map(files.segment(number), size));
  }

  /**
   * Makes a segment that holds one record, all of it forced.
   *
   * @param number as for {@link #create}
   * @param chain what comes before it
   * @param record writes the record to the segment
   */
  LogSegment createAlone(long number, SegmentChain chain, Consumer<LogSegment> record) {
    SegmentIdentity identity = identity(number, 0);
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
    result[0].forced = result[0].used;
    return result[0];
  }

  /** Whether a segment is worth to be recycled. */
  boolean canRecycle(LogSegment old) {
    return old.mapping() != null && old.mapping().size() >= nextSize;
  }

  /** Makes an empty segment of a retired one, whose file is there and changes its name. */
  LogSegment recycle(LogSegment old) {
    return sticking(
        () -> {
          Path spare = files.spare(old.number);
          fs.rename(files.segment(old.number), spare);
          forceDirectory();
          old.release(); // not before: while the file can come back, a force must reach it
          MappedFile file = old.mapping();
          for (long at = 0; at < old.used; at += ZEROS.length) {
            file.put(at, ZEROS, 0, (int) Math.min(ZEROS.length, old.used - at));
          }
          SegmentIdentity identity = identity(takeNumber(), file.size());
          file.put(0, identity.encode(), 0, LogFormat.IDENTITY_SIZE);
          file.force(0, old.used);
          fs.rename(spare, files.segment(identity.number()));
          forceDirectory();
          return new MappedSegment(identity.number(), identity.salt(), file);
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

  private SegmentIdentity identity(long number, long capacity) {
    return new SegmentIdentity(number, settings.salts().getAsLong(), files.logId(), capacity);
  }

  private static void fillUp(WritableFile file, int size) {
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
    return sticking(
        () -> {
          Path spare = files.spare(identity.number());
          WritableFile file = write(spare, identity, content);
          boolean published = false;
          try {
            fs.rename(spare, files.segment(identity.number()));
            forceDirectory();
            published = true;
          } finally {
            if (close || !published) {
              file.close();
            }
          }
          return file;
        });
  }

  private WritableFile write(Path spare, SegmentIdentity identity, Consumer<WritableFile> content) {
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
      boolean diskFull =
          e instanceof StorageException storage
              && storage.reason() == StorageException.Reason.DISK_FULL;
      if (!diskFull) {
        broken = e;
      }
      throw e;
    }
  }
}
