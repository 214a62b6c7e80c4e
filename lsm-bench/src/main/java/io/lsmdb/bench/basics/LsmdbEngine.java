package io.lsmdb.bench.basics;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Compression;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import java.nio.file.Path;
import java.util.List;

/** This library, for the comparison. Not thread-safe. */
final class LsmdbEngine implements Engine {
  private final Db db;
  private final ColumnFamily family;

  LsmdbEngine(Path directory) {
    ColumnFamilyOptions options =
        ColumnFamilyOptions.builder()
            .writeBufferSize(MEMTABLE_BYTES)
            .maxWriteBufferNumber(MEMTABLES)
            .bloomBitsPerKey(BLOOM_BITS)
            .compression(List.of(Compression.LZ4))
            .build();
    db =
        Db.open(
            directory,
            DbOptions.builder()
                .blockCacheSize(CACHE_BYTES)
                .maxBackgroundJobs(BACKGROUND_JOBS)
                .defaultFamilyOptions(options)
                .build());
    family = db.defaultColumnFamily();
  }

  @Override
  public void put(byte[] key, byte[] value) {
    db.put(family, key, value, WriteOptions.BUFFERED);
  }

  @Override
  public int get(byte[] key, byte[] into) {
    return db.get(family, key, into);
  }

  @Override
  public void compact() {
    db.compact(family, null, null);
  }

  @Override
  public void createFamily(String name) {
    db.createColumnFamily(name);
  }

  @Override
  public void close() {
    db.close();
  }
}
