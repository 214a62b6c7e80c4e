package io.lsmdb.bench.jmh;

import java.nio.file.Path;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with the memtable, filter and compression of its peer, and its own size of blocks.
 *
 * <p>{@code kForceOptimized} compacts once; {@code kForce} would compact the last level twice.
 */
final class RocksCompaction implements Compactable {
  private final BloomFilter filter = new BloomFilter(CompactionCommand.BLOOM_BITS, false);
  private final Options options = new Options();
  private final WriteOptions writes = new WriteOptions().setDisableWAL(true);
  private final RocksDB db;

  RocksCompaction(Path directory, int blockBytes) throws RocksDBException {
    options
        .setCreateIfMissing(true)
        .setDisableAutoCompactions(true)
        .setMaxBackgroundJobs(2)
        .setWriteBufferSize(CompactionCommand.MEMTABLE_BYTES)
        .setLevel0SlowdownWritesTrigger(1000)
        .setLevel0StopWritesTrigger(1000)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(
            new BlockBasedTableConfig().setBlockSize(blockBytes).setFilterPolicy(filter));
    db = RocksDB.open(options, directory.toString());
  }

  @Override
  public void put(byte[] key, byte[] value) throws RocksDBException {
    db.put(writes, key, value);
  }

  @Override
  public void flush() throws RocksDBException {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    }
  }

  @Override
  public void compact() throws RocksDBException {
    try (CompactRangeOptions range =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized)) {
      db.compactRange(db.getDefaultColumnFamily(), null, null, range);
    }
  }

  @Override
  public void close() {
    db.close();
    writes.close();
    options.close();
    filter.close();
  }
}
