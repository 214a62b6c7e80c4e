package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Universal and FIFO compaction, the change between styles, and compaction by age. */
class CompactionStyleTest {
  private static final WriteOptions AT_ONCE =
      WriteOptions.builder().stallTimeout(Duration.ZERO).build();

  private final MemFileSystem fs = new MemFileSystem();
  private final AtomicLong clock = new AtomicLong(1_700_000_000_000L);
  private final AtomicInteger compactions = new AtomicInteger();

  private Db open(ColumnFamilyOptions family) {
    Environment env = TestStores.environment(fs);
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(family)
            .listener(
                new EventListener() {
                  @Override
                  public void onCompaction(String name, int from, int to, long read, long written) {
                    compactions.incrementAndGet();
                  }
                })
            .build();
    return DbImpl.open(
        TestStores.DIRECTORY,
        options,
        new Environment(fs, clock::get, env.nanoTime(), env.random(), env.executors()));
  }

  private static ColumnFamilyOptions.Builder tiny(CompactionStyle style) {
    return TestStores.tinyFamily().compactionStyle(style);
  }

  private static DbStats.LevelStats level(Db db, int level) {
    List<DbStats.LevelStats> levels = db.stats().families().get(0).levels();
    return level < levels.size() ? levels.get(level) : new DbStats.LevelStats(level, 0, 0, 0);
  }

  private static int files(Db db) {
    return db.stats().families().get(0).levels().stream().mapToInt(l -> l.files()).sum();
  }

  private static long bytes(Db db) {
    return db.stats().families().get(0).levels().stream().mapToLong(l -> l.bytes()).sum();
  }

  private static int runs(Db db) {
    int deeper =
        (int)
            db.stats().families().get(0).levels().stream()
                .filter(level -> level.level() > 0 && level.files() > 0)
                .count();
    return level(db, 0).files() + deeper;
  }

  /** Background work has no end to wait for: the condition is what ends the wait. */
  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static void write(Db db, NavigableMap<byte[], byte[]> model, Random random, int count) {
    for (int i = 0; i < count; i++) {
      byte[] key = key(random.nextInt(3_000));
      if (random.nextInt(4) == 0) {
        db.delete(key);
        model.remove(key);
      } else {
        byte[] value = value(random.nextLong(), random.nextInt(120));
        db.put(key, value);
        model.put(key, value);
      }
    }
  }

  private static void assertReadsAs(NavigableMap<byte[], byte[]> model, ReadView view) {
    try (DbIterator cursor = view.iterate()) {
      cursor.seekToFirst();
      for (Map.Entry<byte[], byte[]> entry : model.entrySet()) {
        assertArrayEquals(entry.getKey(), cursor.key());
        assertArrayEquals(entry.getValue(), cursor.value());
        cursor.next();
      }
      assertTrue(!cursor.isValid());
      cursor.seekToLast();
      for (Map.Entry<byte[], byte[]> entry : model.descendingMap().entrySet()) {
        assertArrayEquals(entry.getKey(), cursor.key());
        cursor.prev();
      }
      assertTrue(!cursor.isValid());
    }
    for (int i = 0; i < 3_000; i += 7) {
      assertArrayEquals(model.get(key(i)), view.get(key(i)));
    }
  }

  @Test
  void stylesMayChangeAtEachOpeningAndKeepAllDataAndGoOnCompacting() {
    List<CompactionStyle> styles =
        List.of(
            CompactionStyle.leveled(),
            CompactionStyle.universal(),
            CompactionStyle.leveled(),
            CompactionStyle.universal().maxSizeAmplification(25).maxMergeWidth(3),
            CompactionStyle.fifo().maxBytes(1 << 30),
            CompactionStyle.universal().minMergeWidth(4).sizeRatio(100),
            CompactionStyle.fifo().maxAge(Duration.ofDays(1)),
            CompactionStyle.leveled());
    Seed.check(
        3,
        seed -> {
          Random random = new Random(seed);
          NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
          MemFileSystem store = new MemFileSystem();
          for (CompactionStyle style : styles) {
            try (Db db =
                TestStores.open(
                    store, DbOptions.builder().defaultFamilyOptions(tiny(style).build()).build())) {
              assertReadsAs(model, db);
              NavigableMap<byte[], byte[]> before = new TreeMap<>(model);
              try (Snapshot snapshot = db.snapshot()) {
                write(db, model, random, 6_000);
                assertReadsAs(before, snapshot);
              }
              assertReadsAs(model, db);
              if (style instanceof CompactionStyle.Fifo) {
                assertEquals(0, db.stats().compactionBytesWritten(), style::toString);
              } else {
                await(() -> db.stats().compactionBytesWritten() > 0);
              }
              if (random.nextBoolean()) {
                db.compact();
                assertReadsAs(model, db);
              }
            }
          }
        });
  }

  @Test
  void universalCompactionKeepsTheTriggersNumberOfRunsAndNeverStalls() {
    ColumnFamilyOptions family =
        tiny(CompactionStyle.universal())
            .level0FileNumCompactionTrigger(4)
            .level0SlowdownWritesTrigger(5)
            .level0StopWritesTrigger(5)
            .build();
    try (Db db = open(family)) {
      for (int i = 0; i < 60; i++) {
        for (int k = 0; k < 40; k++) {
          db.put(key(i * 40 + k), value(i, 100)); // waits where compaction lags behind
        }
        db.flush();
      }
      await(() -> runs(db) <= 4);
      db.put(key(0), key(0), AT_ONCE);
      db.compact();
      assertEquals(1, runs(db));
      assertEquals(2_400, level(db, 6).entries());
    }
  }

  @Test
  void universalCompactionWritesLessThanLeveled() {
    long[] written = new long[2];
    for (int style = 0; style < 2; style++) {
      CompactionStyle chosen = style == 0 ? CompactionStyle.universal() : CompactionStyle.leveled();
      try (Db db =
          TestStores.open(
              new MemFileSystem(),
              DbOptions.builder().defaultFamilyOptions(tiny(chosen).build()).build())) {
        Random random = new Random(5);
        for (int i = 0; i < 12_000; i++) {
          db.put(key(random.nextInt(20_000)), value(i, 60));
          if (i % 500 == 499) { // so that what is compacted does not depend on the threads' pace
            db.flush();
            await(() -> db.stats().families().get(0).pendingCompactionBytes() == 0);
          }
        }
        written[style] = db.stats().compactionBytesWritten();
      }
    }
    assertTrue(written[0] < written[1], Arrays.toString(written));
  }

  private static void addTables(Db db, int from, int to) {
    for (int i = from; i < to; i++) {
      db.put(key(i), value(i, 8_000), AT_ONCE);
      db.flush();
    }
  }

  @Test
  void fifoDropsTheOldestBeyondItsSizeWhateverSnapshotsThereAre() {
    long limit = 500_000;
    try (Db db = open(tiny(CompactionStyle.fifo().maxBytes(limit)).build())) {
      addTables(db, 0, 40);
      assertNotNull(db.get(key(0)), "within the limit");
      try (Snapshot snapshot = db.snapshot();
          DbIterator open = db.iterate()) {
        open.seekToFirst();
        addTables(db, 40, 200); // more than enough files to stop writes in another style
        await(() -> bytes(db) <= limit);
        assertNull(snapshot.get(key(0)), "dropped under the snapshot");
        assertArrayEquals(key(0), open.key(), "an open cursor keeps its tables");
        assertArrayEquals(value(0, 8_000), open.value());
      }
      assertTrue(bytes(db) > limit - 20_000);
      assertArrayEquals(value(199, 8_000), db.get(key(199)));
      assertEquals(0, db.stats().compactionBytesRead());
      assertTrue(level(db, 0).files() > 40);
    }
    try (Db db = open(tiny(CompactionStyle.fifo().maxBytes(limit)).build())) {
      assertNull(db.get(key(0)));
      assertArrayEquals(value(199, 8_000), db.get(key(199)));
    }
  }

  @Test
  void fifoDropsWhatIsTooOldByTheInjectedClock() {
    ColumnFamilyOptions family =
        tiny(CompactionStyle.fifo().maxAge(Duration.ofMinutes(10))).build();
    try (Db db = open(family)) {
      addTables(db, 0, 3);
      clock.addAndGet(Duration.ofMinutes(9).toMillis());
      addTables(db, 3, 5);
      db.compact();
      assertNotNull(db.get(key(0)));
      clock.addAndGet(Duration.ofMinutes(1).toMillis());
      db.compact();
      assertNull(db.get(key(2)));
      assertNotNull(db.get(key(3)));
      clock.addAndGet(Duration.ofDays(-1).toMillis());
      db.compact();
      assertNotNull(db.get(key(3)));
    }
    clock.addAndGet(Duration.ofDays(2).toMillis());
    try (Db db = open(family)) {
      await(() -> db.get(key(4)) == null);
      assertEquals(0, files(db));
    }
  }

  private static void addSmallTables(Db db, int from, int to) {
    for (int i = from; i < to; i++) {
      db.put(key(i), value(i, 100));
      db.flush();
    }
  }

  @Test
  void fifoMergesSmallTablesAndRewritesNoByteOften() {
    int tables = 400;
    ColumnFamilyOptions family =
        tiny(CompactionStyle.fifo().maxBytes(1 << 30))
            .targetFileSize(256 << 10)
            .maxBytesForLevelBase(256 << 10)
            .build();
    try (Db db = open(family)) {
      try (Snapshot snapshot = db.snapshot()) {
        addSmallTables(db, 0, tables);
        db.delete(key(7));
        db.flush();
        db.compact();
        assertNull(snapshot.get(key(1)));
      }
      // Each merge at least doubles the table of a byte, up to 64 KiB: no more than 8 from 500
      // bytes.
      assertTrue(files(db) <= 40, () -> files(db) + " tables");
      DbStats stats = db.stats();
      long merged = stats.compactionBytesWritten();
      assertTrue(merged > 0 && merged <= 8 * stats.flushBytesWritten(), () -> merged + " bytes");
      for (int i = 0; i < tables; i++) {
        assertArrayEquals(i == 7 ? null : value(i, 100), db.get(key(i)));
      }
    }
    try (Db db = open(family)) {
      assertNull(db.get(key(7)));
      assertArrayEquals(value(8, 100), db.get(key(8)));
    }
  }

  @Test
  void mergedTablesLiveNoShorterAndLessThanAnEighthLonger() {
    Duration maxAge = Duration.ofMinutes(80);
    long start = clock.get() / maxAge.toMillis() * maxAge.toMillis();
    long minute = Duration.ofMinutes(1).toMillis();
    try (Db db =
        open(
            tiny(CompactionStyle.fifo().maxAge(maxAge))
                .level0FileNumCompactionTrigger(2)
                .build())) {
      for (int i = 0; i < 240; i++) {
        clock.set(start + i * minute);
        db.put(key(i), value(i, 10));
        db.flush();
        db.compact();
        if (i >= 80) {
          assertNotNull(db.get(key(i - 79)), "not as old as the greatest age");
        }
        if (i >= 90) {
          assertNull(db.get(key(i - 90)), "an eighth older than that");
        }
        assertTrue(files(db) < 50, () -> files(db) + " tables");
      }
    }
  }

  @Test
  void fifoDropsNoMoreThanAnEighthOfItsSizeAtOnceForHavingMerged() {
    long limit = 256 << 10;
    ColumnFamilyOptions family =
        tiny(CompactionStyle.fifo().maxBytes(limit))
            .targetFileSize(1 << 20)
            .maxBytesForLevelBase(1 << 20)
            .build();
    try (Db db = open(family)) {
      boolean full = false;
      for (int i = 0; i < 600; i++) {
        db.put(key(i), value(i, 2_000));
        db.flush();
        db.compact();
        full |= bytes(db) > limit - 4_000;
        if (full) {
          assertTrue(bytes(db) <= limit && bytes(db) > limit - limit / 8 - 4_000);
        }
      }
      assertTrue(full);
      assertTrue(files(db) < 60, () -> files(db) + " tables");
    }
  }

  @Test
  void fifoTakesTheLevelsOfAFormerStyleForTheOldest() {
    try (Db db = open(tiny(CompactionStyle.leveled()).build())) {
      for (int i = 0; i < 30; i++) {
        db.put(key(i), value(i, 8_000)); // waits where compaction lags behind
        db.flush();
      }
      db.compact();
      assertEquals(0, level(db, 0).files());
    }
    try (Db db = open(tiny(CompactionStyle.fifo().maxBytes(200_000)).build())) {
      addTables(db, 30, 40);
      await(() -> bytes(db) <= 200_000);
      for (int i = 30; i < 40; i++) {
        assertArrayEquals(value(i, 8_000), db.get(key(i)));
      }
      addTables(db, 40, 70);
      await(() -> bytes(db) <= 200_000);
      assertEquals(level(db, 0).files(), files(db));
    }
  }

  @Test
  void aDeletedValueDoesNotComeBackWhenItsTombstoneIsDropped() {
    try (Db db = open(tiny(CompactionStyle.leveled()).build())) {
      db.put(key(1), value(1, 30_000));
      db.put(key(2), value(2, 30_000));
      db.compact();
    }
    ColumnFamilyOptions fifo = tiny(CompactionStyle.fifo().maxBytes(100_000)).build();
    try (Db db = open(fifo)) {
      db.delete(key(1));
      for (int i = 10; i < 40; i++) {
        addTables(db, i, i + 1);
        assertNull(db.get(key(1)));
      }
    }
  }

  @Test
  void aMergeOperatorOfTheFamilyKeepsFifoOut() {
    try (Db db = open(tiny(CompactionStyle.universal()).mergeOperator(LongOperator.SUM).build())) {
      db.merge(key(1), LongOperator.encode(1));
    }
    ColumnFamilyOptions fifo = tiny(CompactionStyle.fifo().maxBytes(1 << 30)).build();
    assertThrows(InvalidOptionsException.class, () -> open(fifo));
  }

  @Test
  void oldTablesAreRewrittenOncePerPeriod() {
    for (CompactionStyle style : List.of(CompactionStyle.leveled(), CompactionStyle.universal())) {
      ColumnFamilyOptions family = tiny(style).periodicCompaction(Duration.ofDays(1)).build();
      try (Db db = open(family)) {
        db.put(key(1), value(1, 1_000));
        db.compact();
        db.put(key(2), value(2, 1_000));
        db.flush();
        int before = compactions.get();
        clock.addAndGet(Duration.ofDays(1).toMillis());
        db.put(key(3), value(3, 1_000));
        db.flush();
        await(() -> compactions.get() >= before + 2);
        for (int i = 4; i < 6; i++) { // looks again, and finds nothing that is old
          db.put(key(i), value(i, 1_000));
          db.flush();
        }
        db.compactAsync(new byte[] {0}, new byte[] {1}).join();
        assertTrue(compactions.get() <= before + 4, "rewritten again and again");
        assertArrayEquals(value(1, 1_000), db.get(key(1)));
        assertArrayEquals(value(2, 1_000), db.get(key(2)));
        db.compact();
        for (int i = 1; i < 6; i++) {
          db.delete(key(i));
        }
        db.compact();
        assertEquals(0, files(db));
      }
    }
  }

  @Test
  void universalCompactionRewritesATableOnceItsLastExpiryHasPassed() {
    ColumnFamilyOptions family = tiny(CompactionStyle.universal()).writeBufferSize(1 << 20).build();
    WriteOptions brief = WriteOptions.builder().timeToLive(Duration.ofMinutes(1)).build();
    try (Db db = open(family)) {
      for (int i = 0; i < 20; i++) {
        db.put(key(i), value(i, 1_000));
      }
      db.compact(); // the oldest run
      for (int i = 0; i < 19; i++) {
        db.put(key(i), value(-i, 8_000), brief);
      }
      db.put(key(19), value(-19, 1_000));
      db.flush(); // a newer one, of which most expires, and which hides the oldest
      long before = bytes(db);
      clock.addAndGet(Duration.ofMinutes(1).toMillis());
      db.compactAsync(new byte[] {0}, new byte[] {1}).join();
      await(() -> bytes(db) < before - 100_000);
      assertEquals(1, level(db, 0).files(), "no run was merged for it");
      for (int i = 0; i < 19; i++) {
        assertNull(db.get(key(i)));
      }
      assertArrayEquals(value(-19, 1_000), db.get(key(19)));
    }
  }

  @Test
  void aFlushLeavesOutWhatWasPutAndDeletedWhereNothingOlderIs() {
    try (Db db = open(tiny(CompactionStyle.leveled()).build())) {
      for (int i = 100; i < 200; i++) {
        db.put(key(i), value(i, 20));
        db.delete(key(i));
      }
      db.flush();
      assertEquals(0, files(db), "nothing is worth a table");
      db.put(key(150), value(150, 20));
      db.flush();
      db.put(key(10), value(10, 20));
      db.delete(key(10)); // below all tables: goes
      db.delete(key(150)); // hides a value of a table: stays
      db.flush();
      assertEquals(2, files(db));
      assertEquals(2, level(db, 0).entries());
      assertNull(db.get(key(150)));
    }
    try (Db db = open(tiny(CompactionStyle.leveled()).build())) {
      assertNull(db.get(key(150)));
      assertNull(db.get(key(10)));
      db.compact();
      assertEquals(0, files(db));
    }
  }

  @Test
  void aFlushKeepsWhatSnapshotsSeeOfDeletedKeys() {
    try (Db db = open(tiny(CompactionStyle.universal()).build())) {
      List<Snapshot> snapshots = new ArrayList<>();
      db.put(key(1), key(1));
      snapshots.add(db.snapshot());
      db.delete(key(1));
      snapshots.add(db.snapshot());
      db.put(key(1), key(2));
      snapshots.add(db.snapshot());
      db.delete(key(1));
      db.flush();
      assertArrayEquals(key(1), snapshots.get(0).get(key(1)));
      assertNull(snapshots.get(1).get(key(1)));
      assertArrayEquals(key(2), snapshots.get(2).get(key(1)));
      assertNull(db.get(key(1)));
      snapshots.forEach(Snapshot::close);
    }
  }
}
