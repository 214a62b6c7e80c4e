package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Families, their flushes and compactions, and what the statistics say of them. */
class ColumnFamilyTest {
  private static final byte[] KEY = bytes("key");

  private final MemFileSystem fs = new MemFileSystem();

  @Test
  void familiesAreApartAndLast() {
    try (Db db = TestStores.open(fs)) {
      assertEquals("default", db.defaultColumnFamily().name());
      assertEquals(0, db.defaultColumnFamily().id());
      assertEquals(List.of(db.defaultColumnFamily()), db.columnFamilies());
      assertEquals(Optional.of(db.defaultColumnFamily()), db.columnFamily("default"));
      assertEquals(Optional.empty(), db.columnFamily("other"));
      ColumnFamily other = db.createColumnFamily("other");
      assertEquals("other", other.name());
      assertEquals(1, other.id());
      assertEquals(Optional.of(other), db.columnFamily("other"));
      assertEquals(List.of(db.defaultColumnFamily(), other), db.columnFamilies());
      other.put(KEY, KEY);
      assertNull(db.get(KEY));
    }
    try (Db db = TestStores.open(fs)) {
      ColumnFamily other = db.columnFamily("other").orElseThrow();
      assertArrayEquals(KEY, other.get(KEY));
      assertNull(db.get(KEY));
    }
  }

  @Test
  void aNameMustBeLegalAndFree() {
    try (Db db = TestStores.open(fs)) {
      assertThrows(IllegalArgumentException.class, () -> db.createColumnFamily(""));
      assertThrows(IllegalArgumentException.class, () -> db.createColumnFamily("default"));
      assertThrows(IllegalArgumentException.class, () -> db.createColumnFamily("x".repeat(1025)));
      assertThrows(
          IllegalArgumentException.class, () -> db.createColumnFamily("\u20AC".repeat(342)));
      for (String name : List.of("x".repeat(1024), "\u20AC".repeat(341), "a/b", "..", "\n", " ")) {
        db.createColumnFamily(name).put(KEY, bytes(name));
        assertThrows(IllegalArgumentException.class, () -> db.createColumnFamily(name));
      }
    }
    try (Db db = TestStores.open(fs)) {
      assertEquals(7, db.columnFamilies().size());
      for (ColumnFamily family : db.columnFamilies().subList(1, 7)) {
        assertArrayEquals(bytes(family.name()), family.get(KEY));
      }
    }
  }

  @Test
  void aDroppedFamilyIsGoneAndItsSuccessorIsEmpty() {
    try (Db db = TestStores.open(fs)) {
      ColumnFamily first = db.createColumnFamily("family");
      first.put(KEY, KEY);
      db.flush();
      first.put(key(2), KEY);
      WriteBatch batch = new WriteBatch().put(KEY, KEY).put(first, KEY, KEY);
      Snapshot snapshot = db.snapshot();
      db.dropColumnFamily(first);
      assertThrows(DbClosedException.class, () -> first.get(KEY));
      assertThrows(DbClosedException.class, () -> first.put(KEY, KEY));
      assertThrows(DbClosedException.class, () -> first.delete(KEY));
      assertThrows(DbClosedException.class, () -> first.iterate());
      assertThrows(DbClosedException.class, () -> first.multiGet(List.of(KEY)));
      assertThrows(DbClosedException.class, () -> db.flush(List.of(first)));
      assertThrows(DbClosedException.class, () -> first.compact(null, null));
      assertThrows(DbClosedException.class, () -> db.dropColumnFamily(first));
      assertThrows(DbClosedException.class, () -> snapshot.of(first).get(KEY));
      assertThrows(DbClosedException.class, () -> db.write(batch));
      assertNull(db.get(KEY), "a batch that is refused writes nothing");

      ColumnFamily second = db.createColumnFamily("family");
      assertTrue(second.id() > first.id());
      assertNull(second.get(KEY));
      assertNull(snapshot.of(second).get(KEY));
      second.put(key(3), KEY);
      snapshot.close();
    }
    try (Db db = TestStores.open(fs)) {
      ColumnFamily second = db.columnFamily("family").orElseThrow();
      assertNull(second.get(KEY));
      assertNull(second.get(key(2)));
      assertArrayEquals(KEY, second.get(key(3)));
      db.dropColumnFamily(second);
    }
    try (Db db = TestStores.open(fs)) {
      assertEquals(1, db.columnFamilies().size());
      assertEquals(3, db.createColumnFamily("family").id());
    }
  }

  @Test
  void theDefaultFamilyStays() {
    try (Db db = TestStores.open(fs)) {
      assertThrows(
          IllegalArgumentException.class, () -> db.dropColumnFamily(db.defaultColumnFamily()));
    }
  }

  @Test
  void aHandleOfAnotherStoreIsRefused() {
    try (Db db = TestStores.open(fs);
        Db other = TestStores.open(new MemFileSystem());
        Snapshot snapshot = db.snapshot()) {
      ColumnFamily foreign = other.defaultColumnFamily();
      foreign.put(KEY, KEY);
      assertArrayEquals(KEY, other.get(KEY));
      assertNull(db.get(KEY));
      assertThrows(IllegalArgumentException.class, () -> snapshot.of(foreign));
      assertThrows(IllegalArgumentException.class, () -> db.flush(List.of(foreign)));
      assertThrows(IllegalArgumentException.class, () -> db.dropColumnFamily(foreign));
      WriteBatch unknown = new WriteBatch().put(other.createColumnFamily("family"), KEY, KEY);
      assertThrows(IllegalArgumentException.class, () -> db.write(unknown));
    }
  }

  @Test
  void everyFamilyHasItsOwnOptions() {
    ColumnFamilyOptions small = TestStores.tinyFamily().build();
    try (Db db = TestStores.open(fs, DbOptions.builder().build())) {
      fill(db.defaultColumnFamily());
      fill(db.createColumnFamily("small", small));
      assertTrue(db.stats().families().get(0).levels().isEmpty());
      assertTrue(db.stats().families().get(1).levels().size() > 0);
    }
    DbOptions options = DbOptions.builder().familyOptions(Map.of("small", small)).build();
    try (Db db = TestStores.open(fs, options)) {
      assertArrayEquals(value(7, 100), db.columnFamily("small").orElseThrow().get(key(7)));
    }
  }

  @Test
  void optionsByNameHoldForAFamilyThatIsCreatedLater() {
    ColumnFamilyOptions small = TestStores.tinyFamily().build();
    DbOptions options = DbOptions.builder().familyOptions(Map.of("later", small)).build();
    try (Db db = TestStores.open(fs, options)) {
      fill(db.createColumnFamily("other"));
      fill(db.createColumnFamily("later"));
      assertTrue(db.stats().families().get(1).levels().isEmpty());
      assertTrue(db.stats().families().get(2).levels().size() > 0);
    }
  }

  private static void fill(ColumnFamily family) {
    for (int i = 0; i < 3_000; i++) {
      family.put(key(i), value(i, 100));
    }
  }

  @Test
  void flushingSomeFamiliesLeavesTheOthers() {
    try (Db db = TestStores.open(fs)) {
      ColumnFamily one = db.createColumnFamily("one");
      ColumnFamily two = db.createColumnFamily("two");
      one.put(KEY, KEY);
      two.put(KEY, KEY);
      db.flush(List.of(one));
      assertEquals(1, db.stats().families().get(1).levels().get(0).entries());
      assertTrue(db.stats().families().get(2).levels().isEmpty());
      db.flush(List.of());
      db.flush();
      assertEquals(1, db.stats().families().get(2).levels().get(0).entries());
    }
  }

  @Test
  void atomicFlushesTakeInAllFamilies() {
    try (Db db = TestStores.open(fs, TestStores.tinyOptions().atomicFlush(true).build())) {
      ColumnFamily one = db.createColumnFamily("one");
      ColumnFamily two = db.createColumnFamily("two");
      db.write(new WriteBatch().put(one, KEY, KEY).put(two, KEY, KEY), WriteOptions.NO_WAL);
      db.flush(List.of(one));
      try (Db crashed = TestStores.open(fs.crashImage(CrashMode.DROP_ALL, 0))) {
        assertArrayEquals(KEY, crashed.columnFamily("one").orElseThrow().get(KEY));
        assertArrayEquals(KEY, crashed.columnFamily("two").orElseThrow().get(KEY));
      }
    }
  }

  @Test
  void compactionLeavesOneVersionAndNoTombstones() {
    try (Db db = TestStores.open(fs)) {
      ColumnFamily family = db.defaultColumnFamily();
      for (int round = 0; round < 4; round++) {
        fill(family);
      }
      for (int i = 0; i < 3_000; i += 2) {
        db.delete(key(i));
      }
      db.compact();
      List<DbStats.LevelStats> levels = db.stats().families().get(0).levels();
      assertEquals(1_500, levels.stream().mapToLong(DbStats.LevelStats::entries).sum());
      assertEquals(0, levels.get(0).files());
      family.compact(key(100), key(200));
      family.compact(key(200), key(200));
      family.compact(bytes("x"), null);
    }
  }

  @Test
  void aCancelledCompactionLosesNothing() {
    try (Db db = TestStores.open(fs)) {
      ColumnFamily family = db.defaultColumnFamily();
      fill(family);
      for (int i = 0; i < 20; i++) {
        CompletableFuture<Void> compaction = family.compactAsync(null, null);
        boolean inTime = compaction.cancel(true); // unless it was quick
        assertEquals(inTime, compaction.isCancelled());
        assertTrue(compaction.isDone());
      }
      family.compactAsync(null, null).join();
      for (int i = 0; i < 3_000; i++) {
        assertArrayEquals(value(i, 100), db.get(key(i)));
      }
    }
  }

  @Test
  void aCompactionOfADroppedFamilyEnds() {
    try (Db db = TestStores.open(fs)) {
      for (int i = 0; i < 10; i++) {
        ColumnFamily family = db.createColumnFamily("family");
        fill(family);
        CompletableFuture<Void> compaction = family.compactAsync(null, null);
        db.dropColumnFamily(family);
        compaction.exceptionally(e -> null).join();
      }
    }
  }

  @Test
  void statisticsArePlausible() {
    try (Db db = TestStores.open(fs)) {
      DbStats empty = db.stats();
      assertEquals(0, empty.userBytesWritten());
      assertEquals(0, empty.writeAmplification());
      assertEquals(0, empty.tableBytes());
      assertEquals(Map.of(), empty.stalls());

      db.put(KEY, new byte[97]);
      assertEquals(100, db.stats().userBytesWritten());
      assertTrue(db.stats().logBytesWritten() >= 100);
      assertTrue(db.stats().families().get(0).memtableBytes() >= 100);
      for (int round = 0; round < 3; round++) {
        fill(db.defaultColumnFamily());
      }
      db.compact();
      DbStats stats = db.stats();
      assertEquals(100 + 9_000 * 109, stats.userBytesWritten());
      assertTrue(stats.flushBytesWritten() > 0);
      assertTrue(stats.compactionBytesRead() > 0);
      assertTrue(stats.compactionBytesWritten() > 0);
      assertTrue(stats.tableBytes() > 300_000 && stats.tableBytes() < 450_000);
      assertTrue(stats.writeAmplification() > 1);
      assertEquals(0, stats.families().get(0).immutableMemtables());
      assertTrue(List.of("native", "java").contains(stats.lz4()));
      db.get(key(1));
      db.get(key(1));
      assertTrue(db.stats().blockCacheHits() > stats.blockCacheHits());
      assertTrue(db.stats().blockCacheUsage() > 0);
      assertThrows(UnsupportedOperationException.class, () -> stats.families().clear());
    }
  }

  @Test
  void aSharedCacheServesSeveralStoresAndIsEmptyAfterwards() {
    BlockCache cache = Db.newBlockCache(1 << 20);
    DbOptions options = TestStores.tinyOptions().blockCache(cache).build();
    try (Db one = TestStores.open(fs, options);
        Db two = TestStores.open(new MemFileSystem(), options)) {
      for (Db db : List.of(one, two)) {
        fill(db.defaultColumnFamily());
        db.compact();
        assertArrayEquals(value(9, 100), db.get(key(9)));
      }
      assertTrue(cache.usage() > 0 && cache.usage() <= cache.capacity());
      assertTrue(cache.misses() > 0);
      cache.setCapacity(0);
      assertEquals(0, cache.usage());
      assertArrayEquals(value(9, 100), one.get(key(9)));
      cache.setCapacity(1 << 20);
      assertArrayEquals(value(9, 100), one.get(key(9)));
    }
    assertEquals(0, cache.usage());
  }
}
