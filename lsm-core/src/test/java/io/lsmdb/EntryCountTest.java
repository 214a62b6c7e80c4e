package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.TestOperators;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The count of a family's live entries. */
class EntryCountTest {
  private static final byte[] V = bytes("value");

  private MemFileSystem fs = new MemFileSystem();
  private Db db;

  @BeforeEach
  void open() {
    db = open(true);
  }

  @AfterEach
  void close() {
    db.close();
  }

  private Db open(boolean counting) {
    ColumnFamilyOptions.Builder family =
        TestStores.tinyFamily().mergeOperator(TestOperators.JOINING).countEntries(counting);
    return TestStores.open(fs, DbOptions.builder().defaultFamilyOptions(family.build()).build());
  }

  private void reopen(boolean counting) {
    db.close();
    db = open(counting);
  }

  private long count() {
    return db.entryCount();
  }

  private static long walked(ColumnFamily family) {
    long entries = 0;
    try (DbIterator it = family.iterate(ReadOptions.DEFAULT)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        entries++;
      }
    }
    return entries;
  }

  @Test
  void aKeyCountsOnceHoweverOftenItIsPut() {
    assertEquals(0, count());
    db.put(key(1), V);
    db.put(key(1), V);
    db.flush();
    db.put(key(1), V, WriteOptions.NO_WAL);
    assertEquals(1, count());
  }

  @Test
  void deletionsOfAbsentKeysCountNothing() {
    db.delete(key(1));
    assertEquals(0, count());
    db.put(key(1), V);
    db.put(key(2), V);
    db.flush();
    db.delete(key(1));
    db.delete(key(1));
    db.singleDelete(key(2), WriteOptions.BUFFERED);
    assertEquals(0, count());
  }

  @Test
  void aMergeMakesAKeyPresent() {
    db.merge(key(1), V);
    db.merge(key(1), V);
    assertEquals(1, count());
    db.delete(key(1));
    assertEquals(0, count());
    db.merge(key(1), V);
    assertEquals(1, count());
  }

  @Test
  void computeAndPutIfAbsentCountWhatTheyChange() {
    ColumnFamily family = db.defaultColumnFamily();
    family.compute(key(1), old -> V, WriteOptions.BUFFERED);
    family.putIfAbsent(key(1), V, WriteOptions.BUFFERED);
    family.putIfAbsent(key(2), V, WriteOptions.BUFFERED);
    assertEquals(2, count());
    family.compute(key(1), old -> null, WriteOptions.BUFFERED);
    assertEquals(1, count());
  }

  @Test
  void aBatchMayTouchAKeySeveralTimes() {
    ColumnFamily family = db.defaultColumnFamily();
    WriteBatch batch = new WriteBatch();
    batch.put(family, key(1), V);
    batch.delete(family, key(1));
    batch.put(family, key(1), V);
    batch.put(family, key(2), V);
    batch.deleteRange(family, key(1), key(3));
    batch.put(family, key(2), V);
    batch.merge(family, key(4), V);
    batch.setSavePoint();
    batch.put(family, key(5), V);
    batch.rollbackToSavePoint();
    db.write(batch, WriteOptions.BUFFERED);
    assertEquals(2, count());
    assertEquals(2, walked(family));
  }

  @Test
  void deletedRangesCountWhatTheyHeldInTablesAndMemtables() {
    for (int i = 0; i < 100; i++) {
      db.put(key(i), V);
    }
    db.flush();
    for (int i = 50; i < 150; i++) {
      db.put(key(i), V);
    }
    db.delete(key(60));
    ColumnFamily family = db.defaultColumnFamily();
    family.deleteRange(key(40), key(70), WriteOptions.BUFFERED);
    assertEquals(120, count());
    family.deleteRange(key(30), key(80), WriteOptions.BUFFERED);
    assertEquals(100, count());
    db.put(key(45), V);
    assertEquals(101, count());
    family.deleteRange(new byte[0], null, WriteOptions.BUFFERED);
    assertEquals(0, count());
  }

  @Test
  void snapshotsDoNotMatter() {
    db.put(key(1), V);
    try (Snapshot snapshot = db.snapshot()) {
      db.delete(key(1));
      db.flush();
      db.compact();
      assertEquals(0, count());
      assertEquals(1, snapshot.multiGet(List.of(key(1))).size());
    }
  }

  @Test
  void theCountHoldsOverFlushesCompactionsAndReopening() {
    Random random = new Random(4);
    for (int i = 0; i < 5_000; i++) {
      byte[] key = key(random.nextInt(1_000));
      if (random.nextInt(3) == 0) {
        db.delete(key);
      } else {
        db.put(key, value(i, 100));
      }
    }
    long expected = walked(db.defaultColumnFamily());
    assertTrue(expected > 0);
    assertEquals(expected, count());
    db.compact();
    assertEquals(expected, count());
    reopen(true);
    assertEquals(expected, count());
  }

  @Test
  void theCountIsRightAfterEachKindOfCrash() {
    for (int i = 0; i < 500; i++) {
      db.put(key(i), value(i, 300), i % 2 == 0 ? WriteOptions.BUFFERED : WriteOptions.NO_WAL);
    }
    db.deleteRange(key(100), key(150), WriteOptions.SYNC);
    MemFileSystem before = fs;
    for (CrashMode mode : CrashMode.values()) {
      fs = before.crashImage(mode, 7);
      try (Db crashed = open(true)) {
        ColumnFamily family = crashed.defaultColumnFamily();
        long expected = walked(family);
        assertTrue(expected > 0);
        assertEquals(expected, family.entryCount());
        crashed.put(key(1_000), V);
        assertEquals(expected + 1, family.entryCount());
      }
    }
    fs = before;
  }

  @Test
  void theOptionMayChangeAtEachOpening() {
    db.put(key(1), V);
    reopen(false);
    assertThrows(IllegalStateException.class, this::count);
    db.put(key(2), V);
    db.delete(key(1));
    db.put(key(3), V);
    reopen(true);
    assertEquals(2, count());
  }

  @Test
  void theChangeByABatchShowsAllAtOnce() throws Exception {
    ColumnFamily family = db.defaultColumnFamily();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int round = 0; round < 2_000; round++) {
                WriteBatch batch = new WriteBatch();
                for (int i = 0; i < 10; i++) {
                  batch.put(family, key(i), V);
                }
                db.write(batch, WriteOptions.BUFFERED);
                family.deleteRange(key(0), key(10), WriteOptions.BUFFERED);
              }
            });
    while (!writer.isDone()) {
      long seen = count();
      assertTrue(seen == 0 || seen == 10, () -> seen + " entries");
    }
    writer.get();
    assertEquals(0, count());
  }

  @Test
  void aFamilyBeginsAtNothing() {
    ColumnFamilyOptions counting = ColumnFamilyOptions.builder().countEntries(true).build();
    ColumnFamily family = db.createColumnFamily("more", counting);
    db.put(key(1), V);
    assertEquals(0, family.entryCount());
    family.put(key(1), V, WriteOptions.BUFFERED);
    assertEquals(1, family.entryCount());
    db.dropColumnFamily(family);
    assertThrows(DbClosedException.class, () -> family.entryCount());
    assertEquals(0, db.createColumnFamily("more", counting).entryCount());
  }

  @Test
  void whatRemovesEntriesWithoutAWriteIsRefused() {
    for (ColumnFamilyOptions.Builder bad :
        List.of(
            ColumnFamilyOptions.builder().timeToLive(Duration.ofDays(1)),
            ColumnFamilyOptions.builder()
                .compactionFilter(candidate -> CompactionFilter.Decision.KEEP),
            ColumnFamilyOptions.builder()
                .compactionStyle(CompactionStyle.fifo().maxAge(Duration.ofDays(1))))) {
      bad.build();
      assertThrows(InvalidOptionsException.class, () -> bad.countEntries(true).build());
    }
    ColumnFamily family = db.defaultColumnFamily();
    WriteOptions expiring = WriteOptions.builder().timeToLive(Duration.ofDays(1)).build();
    assertThrows(IllegalStateException.class, () -> family.put(key(1), V, expiring));
    assertThrows(IllegalStateException.class, () -> family.compute(key(1), old -> V, expiring));
    WriteBatch batch = new WriteBatch().put(family, key(1), V);
    assertThrows(IllegalStateException.class, () -> db.write(batch, expiring));
    WriteBatch own = new WriteBatch().put(family, key(1), V, 5_000L);
    assertThrows(IllegalStateException.class, () -> db.write(own, WriteOptions.BUFFERED));
    assertThrows(IllegalStateException.class, () -> family.deleteFilesInRange(null, null));
    assertEquals(0, count());
    assertEquals(0, walked(family));
  }

  @Test
  void valuesThatExpireFromBeforeAreRefusedUntilTheyAreGone() {
    reopen(false);
    ColumnFamily family = db.defaultColumnFamily();
    WriteOptions expiring = WriteOptions.builder().timeToLive(Duration.ofDays(1)).build();
    family.put(key(1), V, expiring);
    db.close();
    InvalidOptionsException refusal = assertThrows(InvalidOptionsException.class, () -> open(true));
    assertTrue(refusal.getMessage().contains("default"), refusal.getMessage());
    db = open(false);
    db.put(key(1), V);
    reopen(true);
    assertEquals(1, count());
  }
}
