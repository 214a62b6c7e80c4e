package io.lsmdb.bench.demo;

import io.lsmdb.Db;
import io.lsmdb.DbException;
import io.lsmdb.DbLockedException;
import io.lsmdb.DbOptions;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.UserErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory of the demo's store: empty at the start, removed at the end unless it is kept.
 *
 * <p>Not thread-safe. A directory that holds anything is refused and left as it is, so that closing
 * never removes what was there before.
 */
final class StoreDirectory implements AutoCloseable {
  private final Path path;
  private final boolean created;
  private boolean keep;

  private StoreDirectory(Path path, boolean created, boolean keep) {
    this.path = path;
    this.created = created;
    this.keep = keep;
  }

  /**
   * Makes the directory ready.
   *
   * @param wanted null for a temporary one
   * @param keep whether it stays at the end
   */
  static StoreDirectory prepare(Path wanted, boolean keep) throws IOException {
    if (wanted == null) {
      return new StoreDirectory(Files.createTempDirectory("lsmdb-demo-"), true, keep);
    }
    if (!Files.exists(wanted)) {
      return new StoreDirectory(Files.createDirectories(wanted), true, keep);
    }
    if (!Files.isDirectory(wanted)) {
      throw new UserErrorException(wanted + " is not a directory; name one that is empty or new");
    }
    if (!Directories.isEmpty(wanted)) {
      refuse(wanted);
    }
    return new StoreDirectory(wanted, false, keep);
  }

  /** Says whether the directory is in use, or just not empty. */
  private static void refuse(Path directory) {
    try {
      Db.open(directory, DbOptions.builder().createIfMissing(false).build()).close();
    } catch (DbLockedException e) {
      throw e;
    } catch (InvalidOptionsException e) {
      // A store whose families have operators, such as one that this demo left.
      throw holdsStore(directory);
    } catch (DbException e) {
      throw new UserErrorException(
          directory + " is not empty; name a directory that is empty or new");
    }
    throw holdsStore(directory);
  }

  private static UserErrorException holdsStore(Path directory) {
    return new UserErrorException(
        directory + " already holds a store; name a directory that is empty or new");
  }

  Path path() {
    return path;
  }

  boolean isKept() {
    return keep;
  }

  /** Leaves the directory where it is, to be looked into. */
  void keep() {
    keep = true;
  }

  @Override
  public void close() throws IOException {
    if (keep) {
      return;
    }
    if (created) {
      Directories.delete(path);
    } else {
      Directories.clear(path);
    }
  }
}
