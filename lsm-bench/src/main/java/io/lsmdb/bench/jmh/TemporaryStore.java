package io.lsmdb.bench.jmh;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A store in a temporary directory, removed when closed. Not thread-safe. */
final class TemporaryStore implements AutoCloseable {
  private static final long CACHE_BYTES = 512L << 20;

  private final Path directory;
  private final Db db;

  TemporaryStore() throws IOException {
    this(null);
  }

  /** A store whose values expire after a while; null for never. */
  TemporaryStore(Duration timeToLive) throws IOException {
    directory = Files.createTempDirectory("lsmdb-jmh-");
    ColumnFamilyOptions family = ColumnFamilyOptions.builder().timeToLive(timeToLive).build();
    db =
        Db.open(
            directory,
            DbOptions.builder().blockCacheSize(CACHE_BYTES).defaultFamilyOptions(family).build());
  }

  Db db() {
    return db;
  }

  /** Puts the entries numbered from 0 to a count. */
  TemporaryStore fill(int entries) {
    for (int i = 0; i < entries; i++) {
      db.put(Workload.key(i), Workload.value(i));
    }
    return this;
  }

  @Override
  public void close() throws IOException {
    db.close();
    Directories.delete(directory);
  }
}
