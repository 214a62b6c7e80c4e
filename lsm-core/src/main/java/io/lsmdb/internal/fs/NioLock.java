package io.lsmdb.internal.fs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.DbLockedException;
import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A held lock of a database directory.
 *
 * <p>Thread-safe. Owned and closed by whoever took it. The channel is an {@link
 * AsynchronousFileChannel}, used for nothing but the lock: unlike a {@code FileChannel} it is not
 * closed by interrupts, and locking starts none of its threads.
 *
 * <ol>
 *   <li>The file is opened only after {@link ProcessLocks} has granted it.
 *   <li>The file lock is given back before the registration.
 *   <li>Every held lock is reachable from this class: a lock whose owner was forgotten stays held,
 *       rather than being dropped with its channel by the garbage collector.
 * </ol>
 */
final class NioLock implements FileSystem.AutoLock {
  /** Channels that must stay open for the life of the process, see {@link #lockFile}. */
  private static final ConcurrentLinkedQueue<AsynchronousFileChannel> NEVER_CLOSED =
      new ConcurrentLinkedQueue<>();

  private static final ConcurrentLinkedQueue<NioLock> HELD = new ConcurrentLinkedQueue<>();

  private final Path path;
  private final List<String> names;
  private final AsynchronousFileChannel channel;

  @GuardedBy("this")
  private boolean closed;

  private NioLock(Path path, List<String> names, AsynchronousFileChannel channel) {
    this.path = path;
    this.names = names;
    this.channel = channel;
  }

  static NioLock acquire(Path file, FileAttribute<?>[] attributes) {
    try {
      List<String> names = ProcessLocks.acquire(file, namesOf(file));
      NioLock lock = null;
      try {
        lock = new NioLock(file, names, lockFile(file, attributes));
        HELD.add(lock);
        return lock;
      } finally {
        if (lock == null) {
          ProcessLocks.release(names);
        }
      }
    } catch (IOException e) {
      throw NioErrors.translateWrite("lock", file, e);
    }
  }

  /** Whether this process holds the lock of that file; does not open it. */
  static boolean isHeld(Path file) throws IOException {
    return ProcessLocks.isHeld(namesOf(file));
  }

  private static List<String> namesOf(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent().toRealPath();
    String name = String.valueOf(absolute.getFileName());
    List<String> names = new ArrayList<>();
    names.add(directory.resolve(name).toString());
    Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    if (key != null) {
      names.add(key + "/" + name);
    }
    return names;
  }

  private static AsynchronousFileChannel lockFile(Path file, FileAttribute<?>[] attributes)
      throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      NioFiles.requireRegular("lock", file);
    }
    AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
            null,
            attributes);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Somebody in this process locked the file without being registered, for instance because
      // the system properties were replaced meanwhile. Closing this channel would take away the
      // other's lock, so it stays open for good.
      NEVER_CLOSED.add(channel);
      throw new DbLockedException(
          "the lock "
              + file
              + " is held by this process; close the other instance first, or open another"
              + " directory",
          e);
    } finally {
      if (lock == null && !NEVER_CLOSED.contains(channel)) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new DbLockedException(
          "the lock "
              + file
              + " is held by another process; stop that process first, or open another directory");
    }
    return channel;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw NioErrors.translate("unlock", path, e);
    } finally {
      HELD.remove(this);
      ProcessLocks.release(names);
    }
  }
}
