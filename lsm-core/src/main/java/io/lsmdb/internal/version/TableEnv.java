package io.lsmdb.internal.version;

import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.table.ShardedBlockCache;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a {@link TableCache} needs from outside.
 *
 * @param fs the file system
 * @param directory of the store
 * @param blocks where the tables keep their blocks
 * @param owner whom those blocks are counted for
 * @param maxOpen how many tables stay open at most, apart from those in use; at least 1
 * @param afterReaders runs an action when every lookup that is under way now has ended
 * @param closer closes files: to give a large file that has been deleted back to the system takes
 *     tens of milliseconds, which are not for whoever happens to be its last reader
 */
public record TableEnv(
    FileSystem fs,
    Path directory,
    ShardedBlockCache blocks,
    ShardedBlockCache.Owner owner,
    int maxOpen,
    Consumer<Runnable> afterReaders,
    Executor closer) {
  /** Checks the values. */
  public TableEnv {
    Objects.requireNonNull(fs, "fs");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(blocks, "blocks");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(afterReaders, "afterReaders");
    Objects.requireNonNull(closer, "closer");
    if (maxOpen < 1) {
      throw new IllegalArgumentException("maxOpen must be at least 1");
    }
  }
}
