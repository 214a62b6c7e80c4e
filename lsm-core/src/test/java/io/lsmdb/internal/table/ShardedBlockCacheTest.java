package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbClosedException;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The strict cap, eviction and accounting of the block cache. */
class ShardedBlockCacheTest {
  private static final TableFormat FORMAT = new TableFormat(1000, 10, BlockCodec.NONE);

  private static NavigableMap<InternalKey, byte[]> model(int keys) {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < keys; i++) {
      model.put(Tables.key(name(i), 1, ValueKind.PUT), new byte[100]);
    }
    return model;
  }

  private static byte[] name(int i) {
    return new byte[] {(byte) (i >>> 16), (byte) (i >>> 8), (byte) i, 1};
  }

  private static void get(TableReader table, int i) {
    LookupResult out = new LookupResult();
    assertTrue(table.get(name(i), 0, 4, -1L, out));
    assertEquals(100, out.valueLength);
  }

  @Test
  void hitsNeedNoRead() {
    MemoryFile file = Tables.build(FORMAT, model(500));
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    try (TableReader table = Tables.open(file, cache)) {
      get(table, 77);
      int reads = file.reads;
      long misses = cache.misses();
      for (int i = 0; i < 100; i++) {
        get(table, 77);
      }
      assertEquals(reads, file.reads);
      assertEquals(misses, cache.misses());
      assertEquals(300, cache.hits()); // filter, index, data
    }
  }

  @Test
  void closingATableGivesEverythingBack() {
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    TableReader first = Tables.open(Tables.build(FORMAT, model(500)), cache);
    ShardedBlockCache.Owner owner = cache.newOwner(null);
    OpenContext context = new OpenContext(TableIdentity.ANY_CONTENT_ID, -1, cache, owner);
    TableReader second = TableReader.open(Tables.build(FORMAT, model(300)), "u.sst", context);
    for (int i = 0; i < 500; i++) {
      get(first, i);
    }
    long before = cache.usage();
    assertTrue(before > 50_000);
    for (int i = 0; i < 300; i++) {
      get(second, i);
    }
    assertEquals(cache.usage() - before, owner.usage());
    second.close();
    second.close();
    assertEquals(before, cache.usage());
    assertEquals(0, owner.usage());
    LookupResult out = new LookupResult();
    assertThrows(DbClosedException.class, () -> second.get(name(1), 0, 4, -1L, out));
    first.close();
    assertEquals(0, cache.usage());
  }

  @Test
  void capIsStrictAtEveryMomentUnderConcurrentLoad() throws Exception {
    ShardedBlockCache cache = new ShardedBlockCache(30_000);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean exceeded = new AtomicBoolean();
    List<TableReader> tables = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tables.add(Tables.open(Tables.build(FORMAT, model(2000)), cache));
    }
    ExecutorService pool = Executors.newFixedThreadPool(5);
    try {
      List<Future<?>> running = new ArrayList<>();
      running.add(
          pool.submit(
              () -> {
                while (!stop.get()) {
                  // The capacity is at most 30,000 at any time.
                  if (cache.usage() > 30_000) {
                    exceeded.set(true);
                  }
                }
              }));
      for (int t = 0; t < 3; t++) {
        long seed = t;
        running.add(pool.submit(() -> readRandomly(tables, new Random(seed))));
      }
      running.add(pool.submit(() -> resizeAndReopen(cache)));
      for (int i = 1; i < running.size(); i++) {
        running.get(i).get();
      }
      stop.set(true);
      running.get(0).get();
    } finally {
      stop.set(true);
      pool.shutdownNow();
    }
    assertFalse(exceeded.get());
    assertTrue(cache.usage() > 0);
    tables.forEach(TableReader::close);
    assertEquals(0, cache.usage());
  }

  private static void readRandomly(List<TableReader> tables, Random random) {
    for (int i = 0; i < 20_000; i++) {
      TableReader table = tables.get(random.nextInt(tables.size()));
      if (random.nextInt(50) == 0) {
        try (InternalIterator it = new TableIterator(table, true)) {
          it.seek(name(random.nextInt(2000)), 0, 4, -1L);
          for (int n = 0; n < 50 && it.isValid(); n++) {
            it.next();
          }
        }
      } else {
        get(table, random.nextInt(2000));
      }
    }
  }

  private static void resizeAndReopen(ShardedBlockCache cache) {
    Random random = new Random(99);
    byte[] content = Tables.build(FORMAT, model(200)).content();
    for (int i = 0; i < 300; i++) {
      cache.setCapacity(random.nextInt(30_000));
      assertTrue(cache.usage() <= 30_000);
      try (TableReader table = Tables.open(MemoryFile.of(content), cache)) {
        get(table, random.nextInt(200));
      }
    }
    cache.setCapacity(30_000);
  }

  @Test
  void shrinkingEvictsAtOnceAndZeroServesUncached() {
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    try (TableReader table = Tables.open(Tables.build(FORMAT, model(500)), cache)) {
      for (int i = 0; i < 500; i++) {
        get(table, i);
      }
      cache.setCapacity(10_000);
      assertTrue(cache.usage() <= 10_000);
      cache.setCapacity(0);
      assertEquals(0, cache.usage());
      get(table, 3);
      assertEquals(0, cache.usage());
      assertThrows(IllegalArgumentException.class, () -> cache.setCapacity(-1));
    }
  }

  @Test
  void blockLargerThanTheCapIsServedUncached() {
    ShardedBlockCache cache = new ShardedBlockCache(2_000);
    NavigableMap<InternalKey, byte[]> model = model(10);
    model.put(Tables.key(new byte[] {0}, 1, ValueKind.PUT), new byte[5_000]);
    try (TableReader table = Tables.open(Tables.build(FORMAT, model), cache)) {
      Tables.verify(table, model, new Random(1), 50);
      assertTrue(cache.usage() <= 2_000);
      assertTrue(cache.usage() > 0);
    }
  }

  @Test
  void scanDoesNotDisplaceWhatPointReadsUse() {
    int keys = 4000;
    int hot = 200;
    MemoryFile file = Tables.build(FORMAT, model(keys));
    ShardedBlockCache cache = new ShardedBlockCache(120_000);
    try (TableReader table = Tables.open(file, cache);
        InternalIterator it = new TableIterator(table, true)) {
      for (int i = 0; i < hot; i++) {
        get(table, i);
      }
      it.seek(name(hot), 0, 4, -1L);
      for (int i = 0; it.isValid(); i++) {
        it.next();
        get(table, i % hot); // the hot keys stay in use while the scan passes
      }
      int reads = file.reads;
      for (int i = 0; i < hot; i++) {
        get(table, i);
      }
      assertEquals(reads, file.reads);
    }
  }

  @Test
  void cursorWithoutFillLeavesTheCacheAlone() {
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    MemoryFile file = Tables.build(FORMAT, model(5000));
    try (TableReader table = Tables.open(file, cache);
        InternalIterator it = new TableIterator(table, false)) {
      int reads = file.reads;
      int n = 0;
      for (it.seekToFirst(); it.isValid(); it.next()) {
        n++;
      }
      assertEquals(5000, n);
      assertEquals(0, cache.usage());
      assertTrue(file.reads - reads <= 12, "reads ahead in large pieces");
      file.bytesRead = 0;
      it.seekToLast();
      while (it.isValid()) {
        it.prev();
        n--;
      }
      assertEquals(0, n);
      assertTrue(file.bytesRead <= file.length, "reads no block twice backward");
    }
  }
}
