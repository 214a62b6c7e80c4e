package io.lsmdb.bench.jmh;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import java.nio.file.Path;

/** This library with a size of blocks, which compacts only when told to. */
final class LsmdbCompaction implements Compactable {
  private final Db db;
  private final ColumnFamily family;

  LsmdbCompaction(Path directory, int blockBytes) {
    db =
        Db.open(
            directory,
            DbOptions.builder()
                .maxBackgroundJobs(2)
                .defaultFamilyOptions(
                    ColumnFamilyOptions.builder()
                        .writeBufferSize(CompactionCommand.MEMTABLE_BYTES)
                        .blockSize(blockBytes)
                        .bloomBitsPerKey(CompactionCommand.BLOOM_BITS)
                        .level0FileNumCompactionTrigger(998)
                        .level0SlowdownWritesTrigger(999)
                        .level0StopWritesTrigger(1000)
                        .build())
                .build());
    family = db.defaultColumnFamily();
  }

  /** Which LZ4 codec runs. */
  String codec() {
    return db.stats().lz4();
  }

  @Override
  public void put(byte[] key, byte[] value) {
    family.put(key, value, WriteOptions.NO_WAL);
  }

  @Override
  public void flush() {
    db.flush();
  }

  @Override
  public void compact() {
    db.compact();
  }

  @Override
  public void close() {
    db.close();
  }
}
