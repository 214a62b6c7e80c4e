package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.compare.BenchEngine.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.AbstractImmutableNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.StringAppendOperator;
import org.rocksdb.UInt64AddOperator;
import org.rocksdb.WriteBufferManager;

/**
 * The ways in which users of RocksDB's Java binding set it up.
 *
 * <p>The last two follow the defaults of the state stores in Apache Flink and Apache Kafka Streams;
 * both write no log, whatever the comparison asks for.
 */
enum RocksFlavor {
  /** LZ4, Bloom filters, index and filter blocks in the cache: what most guides advise. */
  TUNED {
    @Override
    void configure(Options options, BlockBasedTableConfig tables, Owner owner, Settings s) {
      tuned(options, tables, owner, s);
    }
  },

  /** The same with a hash index in data blocks and Bloom filters over memtables. */
  HASHED {
    @Override
    void configure(Options options, BlockBasedTableConfig tables, Owner owner, Settings s) {
      tuned(options, tables, owner, s);
      options.setMemtableWholeKeyFiltering(true).setMemtablePrefixBloomSizeRatio(0.05);
      tables
          .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
          .setDataBlockHashTableUtilRatio(0.75);
      owner.facts.put("filters", "Bloom, 10 bits a key, over memtables too");
      owner.facts.put("index in blocks", "hash");
    }
  },

  /** Flink's embedded state backend with managed memory: no filters, Snappy, one shared budget. */
  FLINK {
    @Override
    void configure(Options options, BlockBasedTableConfig tables, Owner owner, Settings s) {
      options
          .setWriteBufferSize(s.writeBufferBytes())
          .setMaxWriteBufferNumber(2)
          .setMaxOpenFiles(-1)
          .setCompressionType(CompressionType.SNAPPY_COMPRESSION)
          .setWriteBufferManager(
              owner.own(new WriteBufferManager(s.cacheBytes() / 2, owner.cache)));
      tables
          .setIndexType(IndexType.kBinarySearch)
          .setCacheIndexAndFilterBlocks(true)
          .setCacheIndexAndFilterBlocksWithHighPriority(true)
          .setPinL0FilterAndIndexBlocksInCache(true)
          .setPinTopLevelIndexAndFilter(true);
      owner.facts.put("compaction", "leveled");
      owner.facts.put("compression", "Snappy");
      owner.facts.put("filters", "none");
      owner.facts.put("memory", "memtables are counted against the cache");
    }
  },

  /** The default store of Kafka Streams: universal compaction, small memtables, no compression. */
  KAFKA_STREAMS {
    @Override
    void configure(Options options, BlockBasedTableConfig tables, Owner owner, Settings s) {
      options
          .setWriteBufferSize(16L << 20)
          .setMaxWriteBufferNumber(3)
          .setCompressionType(CompressionType.NO_COMPRESSION)
          .setCompactionStyle(CompactionStyle.UNIVERSAL)
          .setMaxBackgroundJobs(Math.max(Runtime.getRuntime().availableProcessors(), 2));
      tables.setFilterPolicy(owner.own(new BloomFilter()));
      owner.facts.put("compaction", "universal");
      owner.facts.put("compression", "none");
      owner.facts.put("filters", "Bloom, 10 bits a key");
      owner.facts.put("memory", "50 MiB of cache by default, here as much as the others");
      owner.facts.put("memtables", "3 of 16 MiB");
    }
  };

  private static final long LEAST_SHARD = 16L << 20;
  private static final int MAX_SHARD_BITS = 6;

  private static void tuned(
      Options options, BlockBasedTableConfig tables, Owner owner, Settings s) {
    options
        .setWriteBufferSize(s.writeBufferBytes())
        .setMaxWriteBufferNumber(Settings.MEMTABLES)
        .setMaxBackgroundJobs(Settings.BACKGROUND_JOBS)
        .setMaxOpenFiles(-1)
        .setCompressionType(CompressionType.LZ4_COMPRESSION);
    tables
        .setFilterPolicy(owner.own(new BloomFilter(Settings.BLOOM_BITS, false)))
        .setCacheIndexAndFilterBlocks(true)
        .setCacheIndexAndFilterBlocksWithHighPriority(true)
        .setPinL0FilterAndIndexBlocksInCache(true)
        .setPinTopLevelIndexAndFilter(true);
    owner.facts.put("compaction", "leveled, " + Settings.BACKGROUND_JOBS + " jobs");
    owner.facts.put("compression", "LZ4");
    owner.facts.put("filters", "Bloom, 10 bits a key");
  }

  abstract void configure(
      Options options, BlockBasedTableConfig tables, Owner owner, Settings settings);

  private boolean writesLog() {
    return this == TUNED || this == HASHED;
  }

  /**
   * A cache whose shards hold the largest filter blocks. By default a cache below 64 MiB has shards
   * of half a MiB, and every read loads a filter anew that does not fit into one.
   */
  private Cache newCache(long bytes) {
    if (!writesLog()) {
      return new LRUCache(bytes);
    }
    int shardBits = 0;
    while (shardBits < MAX_SHARD_BITS && bytes >> shardBits + 1 >= LEAST_SHARD) {
      shardBits++;
    }
    return new LRUCache(bytes, shardBits);
  }

  /** Opens a store set up this way. */
  BenchEngine open(Path directory, Settings settings) throws RocksDBException {
    RocksDB.loadLibrary();
    Cache cache = newCache(settings.cacheBytes());
    Owner owner = new Owner(cache);
    BlockBasedTableConfig tables = new BlockBasedTableConfig().setBlockCache(cache);
    Options options = owner.own(new Options()).setCreateIfMissing(true);
    configure(options, tables, owner, settings);
    options.setTableFormatConfig(tables);
    switch (settings.merging()) {
      case COUNTERS -> options.setMergeOperator(owner.own(new UInt64AddOperator()));
      case LISTS -> options.setMergeOperator(owner.own(new StringAppendOperator(',')));
      case NONE -> {}
    }
    Durability durability = writesLog() ? settings.durability() : Durability.NO_WAL;
    owner.facts.put("log", DurabilityConverter.format(durability));
    owner.facts.put("block size", ByteSize.format(tables.blockSize()));
    owner.facts.put("block cache", writesLog() ? "LRU, shards of at least 16 MiB" : "LRU");
    owner.facts.put("reads", "get into the caller's array; iterator into direct buffers");
    owner.facts.put("RocksDB", RocksDB.rocksdbVersion().toString());
    owner.facts.put(
        "known", "its build for Linux has no fast CRC32C on x86; its misses pass a C++ exception");
    if (settings.events() != BackgroundEvents.NONE) {
      options.setListeners(List.of(owner.own(new RocksEvents(settings.events()))));
    }
    RocksDB db = RocksDB.open(options, directory.toString());
    return new RocksEngine(db, durability, owner);
  }

  /** The native handles below a store, with what to tell about it. Not thread-safe. */
  static final class Owner {
    final Cache cache;
    final Map<String, String> facts = new LinkedHashMap<>();
    private final List<AbstractImmutableNativeReference> owned = new ArrayList<>();

    Owner(Cache cache) {
      this.cache = own(cache);
    }

    <T extends AbstractImmutableNativeReference> T own(T object) {
      owned.add(object);
      return object;
    }

    void close() {
      for (int i = owned.size() - 1; i >= 0; i--) {
        owned.get(i).close();
      }
    }
  }
}
