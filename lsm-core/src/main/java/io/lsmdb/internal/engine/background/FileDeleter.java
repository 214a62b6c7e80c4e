package io.lsmdb.internal.engine.background;

import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.runtime.HarmlessFailure;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.TableCache;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * What deletes tables that nothing needs any more.
 *
 * <p>Thread-safe. Files arrive from the version set, which hands over each exactly once, after the
 * manifest that stopped naming it is durable and no version holds it. A file that cannot be deleted
 * is reported, and deleted when the store is opened the next time.
 */
public final class FileDeleter {
  private final FileSystem fileSystem;
  private final Path directory;
  private final TableCache tables;
  private final Executor executor;
  private final Queue<FileMetadata> obsolete = new ConcurrentLinkedQueue<>();

  public FileDeleter(FileSystem fileSystem, Path directory, TableCache tables, Executor executor) {
    this.fileSystem = fileSystem;
    this.directory = directory;
    this.tables = tables;
    this.executor = executor;
  }

  /** Takes a file over, to be deleted by another thread: the caller may hold locks. */
  public void add(FileMetadata file) {
    obsolete.add(file);
    try {
      executor.execute(this::deleteObsolete);
    } catch (RejectedExecutionException closed) {
      // The store has been closed meanwhile: the next opening finds the file without use.
    }
  }

  private void deleteObsolete() {
    for (FileMetadata file = obsolete.poll(); file != null; file = obsolete.poll()) {
      FileMetadata table = file;
      attempt(
          () -> {
            tables.evict(table);
            fileSystem.delete(directory.resolve(FileNames.table(table.number(), table.session())));
          });
    }
  }

  /** Deletes a file that was never in use, or is no more. */
  public void deleteLeftover(Path path) {
    attempt(() -> fileSystem.delete(path));
  }

  private static void attempt(Runnable deletion) {
    String what = "a file of no use stays until the store is opened again";
    try {
      deletion.run();
    } catch (StorageException e) {
      HarmlessFailure.warn(what, e);
    } catch (OutOfMemoryError e) {
      HarmlessFailure.warn(what, new InsufficientMemoryException("a file was not deleted", e));
    }
  }
}
