package io.lsmdb.internal.fs;

import java.nio.file.Path;
import java.util.List;

/**
 * Everything that the store asks of a file system.
 *
 * <p>Thread-safe. No other code touches files. Every failure is a {@link io.lsmdb.StorageException}
 * that names the file; nothing returns a failure as a value. Files are regular files: nothing else
 * is opened, and no symbolic link in the last element of a file's path is followed; a directory may
 * be named by a link to it. No method depends on a channel that {@code Thread.interrupt} can close:
 * an interrupted thread may call anything here, and keeps its interrupt status.
 *
 * <p>Durability, which callers rely on and the crash file system of the tests models:
 *
 * <ol>
 *   <li>Bytes written to a file, by whatever method, survive the death of the process at once and a
 *       loss of power after {@code force} (or {@link MappedFile#writeDurably}) has returned.
 *   <li>Creating, renaming, linking and deleting survive a loss of power after {@link
 *       #forceDirectory} of the directory has returned; before that each may be lost separately.
 *   <li>{@link #rename} replaces its target atomically.
 * </ol>
 */
public interface FileSystem {
  /**
   * Creates a directory and its missing parents, with mode 0700 where the platform has modes; an
   * existing directory is left as it is.
   *
   * @param directory the directory
   */
  void createDirectories(Path directory);

  /**
   * The path with symbolic links in its existing part resolved, as a stable name of the directory.
   *
   * @param directory an existing directory
   * @return an absolute path
   */
  Path realPath(Path directory);

  /**
   * Whether something stands at the path, of whatever type (a dangling link counts).
   *
   * @param path the path
   * @return true when it exists
   */
  boolean exists(Path path);

  /**
   * Creates a file with mode 0600 that must not exist yet, for writing.
   *
   * @param file the file
   * @return to be closed by the caller
   */
  WritableFile create(Path file);

  /**
   * Opens an existing regular file for positioned reads.
   *
   * @param file the file
   * @return to be closed by the caller
   */
  ReadableFile openForRead(Path file);

  /**
   * Maps an existing regular file for reading and writing. The mapping lives until it becomes
   * unreachable; closing it gives back the descriptor only.
   *
   * @param file a file of at least that size, all of whose blocks have been written before
   * @param size how much to map in bytes, at most 2^31 - 1
   * @return to be closed by the caller
   */
  MappedFile map(Path file, int size);

  /**
   * Maps a file that is going to grow, as {@link #map} does.
   *
   * @param file an existing regular file, all of whose blocks have been written before
   * @param capacity how much to map in bytes, at most 2^31 - 1; the file stays as long as it is
   * @return to be closed by the caller; {@link MappedFile#extend} comes before use
   */
  MappedFile mapGrowing(Path file, int capacity);

  /**
   * Renames a file, replacing the target file if there is one, or a directory to a name that is
   * free.
   *
   * @param from existing file or directory
   * @param to its new name, on the same device
   */
  void rename(Path from, Path to);

  /**
   * Deletes a file that must exist.
   *
   * @param file the file
   */
  void delete(Path file);

  /**
   * Gives an existing file a second name (a hard link). Where that is not possible the failure's
   * reason is {@link io.lsmdb.StorageException.Reason#CROSS_DEVICE}: copy the file instead.
   *
   * @param existing the file
   * @param link the new name, which must not exist
   */
  void link(Path existing, Path link);

  /**
   * The size of a regular file.
   *
   * @param file the file
   * @return bytes
   */
  long size(Path file);

  /**
   * The names in a directory.
   *
   * @param directory the directory
   * @return names without the directory, in no particular order
   */
  List<String> list(Path directory);

  /**
   * Makes the directory's entries durable.
   *
   * @param directory the directory
   */
  void forceDirectory(Path directory);

  /**
   * Takes the exclusive lock of a database directory, held against other processes and against the
   * whole of this process, its other class loaders included. The file is created if missing, is
   * never deleted, and nothing else may open it while the lock is held: closing a second channel
   * would drop the lock.
   *
   * @param file the lock file
   * @return closing it gives the lock back
   * @throws io.lsmdb.DbLockedException if somebody holds it
   */
  AutoLock lock(Path file);

  /**
   * Space that this process can still use on the device of a directory.
   *
   * @param directory the directory
   * @return bytes
   */
  long freeSpace(Path directory);

  /**
   * Whether zeros written ahead reserve space, so that overwriting them through a mapping cannot
   * fail for want of space, and whether mapped files can be cut.
   *
   * @param directory the directory
   * @return false on copy-on-write and unknown file systems, and those of Windows
   */
  boolean reservesByZeroFill(Path directory);

  /** A held lock; closing twice is fine. */
  interface AutoLock extends AutoCloseable {
    @Override
    void close();
  }
}
