package io.lsmdb.bench.jmh;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A store in a temporary directory, removed when closed. Not thread-safe. */
final class TemporaryStore implements AutoCloseable {
  private static final long CACHE_BYTES = 512L << 20;

  private final Path directory;
  private final Db db;

  TemporaryStore() throws IOException {
    this(DbOptions.builder());
  }

  /** Opens a store with settings of its own, but for the cache. */
  TemporaryStore(DbOptions.Builder options) throws IOException {
    directory = Files.createTempDirectory("lsmdb-jmh-");
    db = Db.open(directory, options.blockCacheSize(CACHE_BYTES).build());
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
