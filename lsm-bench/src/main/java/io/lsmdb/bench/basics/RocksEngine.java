package io.lsmdb.bench.basics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksObject;
import org.rocksdb.WriteOptions;

/**
 * RocksDB through its JNI binding, tuned as stream processors tune it: index and filter blocks in
 * the cache, those of level 0 pinned.
 *
 * <p>Not thread-safe; owns every native handle. Reads go into the caller's array, the cheapest of
 * the binding's reads of arrays.
 */
final class RocksEngine implements Engine {
  static {
    RocksDB.loadLibrary();
  }

  private final List<RocksObject> owned = new ArrayList<>();
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private final ColumnFamilyOptions familyOptions;
  private final WriteOptions buffered;
  private final ReadOptions reads;
  private final RocksDB db;
  private final ColumnFamilyHandle family;

  RocksEngine(Path directory) throws RocksDBException {
    BlockBasedTableConfig tables =
        new BlockBasedTableConfig()
            .setBlockCache(own(new LRUCache(CACHE_BYTES)))
            .setFilterPolicy(own(new BloomFilter(BLOOM_BITS, false)))
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    familyOptions =
        own(new ColumnFamilyOptions())
            .setTableFormatConfig(tables)
            .setWriteBufferSize(MEMTABLE_BYTES)
            .setMaxWriteBufferNumber(MEMTABLES)
            .setCompressionType(CompressionType.LZ4_COMPRESSION);
    DBOptions options =
        own(new DBOptions())
            .setCreateIfMissing(true)
            .setMaxBackgroundJobs(BACKGROUND_JOBS)
            .setMaxOpenFiles(-1);
    buffered = own(new WriteOptions());
    reads = own(new ReadOptions());
    List<ColumnFamilyDescriptor> descriptors =
        List.of(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions));
    db = RocksDB.open(options, directory.toString(), descriptors, families);
    family = families.get(0);
  }

  private <T extends RocksObject> T own(T object) {
    owned.add(object);
    return object;
  }

  @Override
  public void put(byte[] key, byte[] value) throws RocksDBException {
    db.put(family, buffered, key, value);
  }

  @Override
  public int get(byte[] key, byte[] into) throws RocksDBException {
    return db.get(family, reads, key, into);
  }

  @Override
  public void compact() throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true);
        CompactRangeOptions options =
            new CompactRangeOptions()
                .setBottommostLevelCompaction(BottommostLevelCompaction.kForceOptimized)) {
      db.flush(flush, family);
      db.compactRange(family, null, null, options);
    }
  }

  @Override
  public void createFamily(String name) throws RocksDBException {
    byte[] utf8 = name.getBytes(UTF_8);
    families.add(db.createColumnFamily(new ColumnFamilyDescriptor(utf8, familyOptions)));
  }

  @Override
  public void close() throws IOException {
    families.forEach(ColumnFamilyHandle::close);
    db.close();
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }
}
