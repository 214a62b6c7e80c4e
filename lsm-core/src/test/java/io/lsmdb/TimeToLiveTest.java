package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestEnvironments;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values with a time to live in whole stores, by a clock of the test's. */
class TimeToLiveTest {
  private static final byte[] KEY = TestStores.bytes("key");
  private static final byte[] VALUE = TestStores.bytes("value");
  private static final WriteOptions TEN = ttl(10);

  private final MemFileSystem fs = new MemFileSystem();
  private final AtomicLong clock = new AtomicLong(1_000);

  private static WriteOptions ttl(long millis) {
    return WriteOptions.builder().timeToLive(Duration.ofMillis(millis)).build();
  }

  private Db open(ColumnFamilyOptions.Builder family, boolean mapped) {
    return TestStores.open(fs, options(family, mapped));
  }

  private DbOptions options(ColumnFamilyOptions.Builder family, boolean mapped) {
    return DbOptions.builder()
        .defaultFamilyOptions(family.build())
        .mappedLog(mapped)
        .timeSource(clock::get)
        .build();
  }

  private Db open() {
    return open(TestStores.tinyFamily(), true);
  }

  private static void put(Db db, byte[] key, byte[] value, WriteOptions options) {
    db.put(key, value, options);
  }

  private static List<String> forward(ReadView view) {
    List<String> keys = new ArrayList<>();
    try (DbIterator cursor = view.iterate()) {
      for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
        keys.add(TestStores.text(cursor.key()) + "=" + TestStores.text(cursor.value()));
        assertEquals(ByteBuffer.wrap(cursor.value()), cursor.valueBuffer());
        assertEquals(cursor.value().length, cursor.value(new byte[0]));
      }
    }
    return keys;
  }

  private static List<String> backward(ReadView view) {
    List<String> keys = new ArrayList<>();
    try (DbIterator cursor = view.iterate()) {
      for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
        keys.add(0, TestStores.text(cursor.key()) + "=" + TestStores.text(cursor.value()));
      }
    }
    return keys;
  }

  private static void assertShows(List<String> expected, ReadView view) {
    assertEquals(expected, forward(view));
    assertEquals(expected, backward(view));
  }

  private static void assertAbsent(ReadView view, byte[] key) {
    assertNull(view.get(key));
    assertFalse(view.containsKey(key));
    assertEquals(-1, view.get(key, new byte[9]));
    assertNull(view.multiGet(List.of(key)).get(0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aValueIsThereUntilItsExpiryAndGoneFromThenOn(boolean mapped) {
    try (Db db = open(TestStores.tinyFamily(), mapped)) {
      put(db, KEY, VALUE, TEN);
      clock.addAndGet(9);
      assertArrayEquals(VALUE, db.get(KEY));
      byte[] into = new byte[9];
      assertEquals(5, db.get(KEY, into));
      assertArrayEquals(VALUE, Arrays.copyOf(into, 5));
      assertTrue(db.containsKey(KEY));
      assertShows(List.of("key=value"), db);
    }
    try (Db db = open(TestStores.tinyFamily(), mapped)) {
      assertArrayEquals(VALUE, db.get(KEY), "replayed from the log");
      db.flush();
      assertArrayEquals(VALUE, db.get(KEY), "from a table");
      assertShows(List.of("key=value"), db);
      clock.addAndGet(1);
      assertAbsent(db, KEY);
      assertShows(List.of(), db);
    }
    try (Db db = open(TestStores.tinyFamily(), mapped)) {
      assertAbsent(db, KEY);
    }
  }

  @Test
  void theFamilysTimeHoldsForAllWritesThatSayNothingElse() {
    try (Db db = open(TestStores.tinyFamily().timeToLive(Duration.ofMillis(10)), true)) {
      ColumnFamily family = db.defaultColumnFamily();
      db.put(TestStores.bytes("a"), VALUE);
      family.put(
          ByteBuffer.wrap(TestStores.bytes("b")), ByteBuffer.wrap(VALUE), WriteOptions.BUFFERED);
      WriteBatch batch = new WriteBatch();
      batch.put(TestStores.bytes("c"), VALUE).delete(TestStores.bytes("x"));
      batch.put(family, TestStores.bytes("d"), VALUE, clock.get() + 20);
      batch.put(family, TestStores.bytes("e"), VALUE, Long.MAX_VALUE);
      db.write(batch);
      db.compute(TestStores.bytes("f"), old -> VALUE);
      put(db, TestStores.bytes("g"), VALUE, ttl(5));
      put(
          db,
          TestStores.bytes("h"),
          VALUE,
          WriteOptions.builder().timeToLive(Duration.ofSeconds(Long.MAX_VALUE)).build());
      assertEquals(8, forward(db).size());
      clock.addAndGet(5);
      assertEquals(7, forward(db).size());
      clock.addAndGet(5);
      assertShows(List.of("d=value", "e=value", "h=value"), db);
      clock.addAndGet(10);
      assertShows(List.of("e=value", "h=value"), db);
    }
  }

  @Test
  void anExpiredValueHidesWhatIsBelowIt() {
    for (int place = 0; place < 3; place++) {
      try (Db db = open()) {
        db.put(KEY, TestStores.bytes("old"));
        if (place > 0) {
          db.compact();
        }
        put(db, KEY, VALUE, TEN);
        if (place > 1) {
          db.flush();
        }
        clock.addAndGet(10);
        assertAbsent(db, KEY);
        assertShows(List.of(), db);
        db.compact();
        assertAbsent(db, KEY);
      }
    }
  }

  @Test
  void writingAgainRefreshesAndAPlainValueStays() {
    try (Db db = open()) {
      put(db, KEY, VALUE, TEN);
      clock.addAndGet(8);
      put(db, KEY, VALUE, TEN);
      clock.addAndGet(8);
      assertArrayEquals(VALUE, db.get(KEY));
      db.put(KEY, VALUE);
      clock.addAndGet(100);
      assertArrayEquals(VALUE, db.get(KEY));
    }
  }

  @Test
  void computeAndPutIfAbsentSeeExpiredValuesAsAbsent() {
    try (Db db = open()) {
      put(db, KEY, VALUE, TEN);
      assertArrayEquals(VALUE, db.putIfAbsent(KEY, TestStores.bytes("other")));
      clock.addAndGet(10);
      db.compute(
          KEY,
          old -> {
            assertNull(old);
            return null;
          });
      assertNull(db.putIfAbsent(KEY, TestStores.bytes("other")));
      assertArrayEquals(TestStores.bytes("other"), db.get(KEY));
    }
  }

  @Test
  void touchGivesANewLifeAndBringsNothingBack() {
    WriteOptions unlogged =
        WriteOptions.builder()
            .durability(Durability.NO_WAL)
            .timeToLive(Duration.ofMillis(10))
            .build();
    for (WriteOptions options : List.of(TEN, unlogged)) {
      // Steps, so that no compaction drops what has expired while the clock is ahead.
      SteppedExecutors steps = new SteppedExecutors(1);
      Db db =
          DbImpl.open(
              Path.of("/store"),
              options(TestStores.tinyFamily(), true),
              TestEnvironments.of(new MemFileSystem(), 1, steps));
      try {
        db.put(KEY, TestStores.bytes("old"));
        steps.during(db::compact); // to be hidden by the value above
        put(db, KEY, VALUE, TEN);
        clock.addAndGet(9);
        assertArrayEquals(VALUE, db.touch(KEY, options));
        clock.addAndGet(9);
        assertArrayEquals(VALUE, db.get(KEY));
        steps.during(db::flush);
        clock.addAndGet(1);
        assertNull(db.touch(KEY, options));
        clock.addAndGet(-1);
        assertArrayEquals(VALUE, db.get(KEY), "nothing was written");
        db.delete(KEY);
        assertNull(db.touch(KEY, options));
        assertAbsent(db, KEY);
      } finally {
        steps.during(db::close);
      }
    }
  }

  @Test
  void touchTakesTheFamilysTimeOrIsRefusedWithoutAny() {
    try (Db db = open(TestStores.tinyFamily().timeToLive(Duration.ofMillis(10)), true)) {
      db.put(KEY, VALUE);
      clock.addAndGet(9);
      assertArrayEquals(VALUE, db.touch(KEY));
      clock.addAndGet(9);
      assertArrayEquals(VALUE, db.touch(KEY, ttl(Long.MAX_VALUE)));
      clock.addAndGet(1_000);
      assertArrayEquals(VALUE, db.get(KEY));
    }
    try (Db db = open(TestStores.tinyFamily().timeToLive(null), true)) {
      assertThrows(IllegalArgumentException.class, () -> db.touch(KEY, WriteOptions.BUFFERED));
      assertArrayEquals(VALUE, db.get(KEY));
    }
  }

  @Test
  void snapshotsExpireToo() {
    try (Db db = open()) {
      db.put(KEY, TestStores.bytes("older"));
      put(db, KEY, VALUE, TEN);
      try (Snapshot snapshot = db.snapshot()) {
        db.put(KEY, TestStores.bytes("newer"));
        assertArrayEquals(VALUE, snapshot.get(KEY));
        clock.addAndGet(10);
        assertAbsent(snapshot, KEY);
        assertShows(List.of(), snapshot);
        db.compact();
        assertAbsent(snapshot, KEY);
        assertArrayEquals(TestStores.bytes("newer"), db.get(KEY));
      }
    }
  }

  @Test
  void aCursorKeepsTheTimeOfItsOpeningUntilItIsRefreshed() {
    try (Db db = open()) {
      put(db, KEY, VALUE, TEN);
      try (DbIterator cursor = db.iterate()) {
        clock.addAndGet(10);
        cursor.seekToFirst();
        assertTrue(cursor.isValid());
        cursor.seekToLast();
        assertArrayEquals(VALUE, cursor.value());
        cursor.refresh();
        cursor.seekToFirst();
        assertFalse(cursor.isValid());
      }
    }
  }

  @Test
  void aClockThatGoesBackDoesNotBringBackWhatWasDropped() {
    try (Db db = open()) {
      db.put(KEY, TestStores.bytes("old"));
      put(db, KEY, VALUE, TEN);
      put(db, TestStores.bytes("later"), VALUE, ttl(15));
      put(db, TestStores.bytes("last"), VALUE, ttl(1_000));
      clock.set(1_020);
      db.compact();
      clock.set(500);
      assertAbsent(db, KEY);
      assertShows(List.of("last=value"), db);
    }
    try (Db db = open()) {
      assertAbsent(db, KEY);
      put(db, KEY, VALUE, TEN);
      assertArrayEquals(VALUE, db.get(KEY), "lives from the last expiry dropped on");
      clock.set(1_024);
      assertArrayEquals(VALUE, db.get(KEY));
      clock.set(1_025);
      assertAbsent(db, KEY);
    }
  }

  @Test
  void aFlushRemembersTheExpiryOfWhatItDropped() {
    try (Db db = open()) {
      put(db, KEY, VALUE, TEN);
      put(db, TestStores.bytes("other"), VALUE, ttl(20));
      clock.set(1_015);
      db.flush();
      clock.set(0);
      assertAbsent(db, KEY);
    }
    clock.set(1_012);
    try (Db db = open()) {
      assertShows(List.of("other=value"), db);
      put(db, KEY, VALUE, ttl(1));
      assertArrayEquals(VALUE, db.get(KEY));
      clock.set(1_013);
      assertAbsent(db, KEY);
    }
  }

  /** What is dropped while the clock is ahead takes nothing along that is not dropped. */
  @Test
  void aClockThatWasAheadDuringADropLosesNothingElse() {
    byte[] far = TestStores.bytes("far");
    byte[] next = TestStores.bytes("next");
    try (Db db = open()) {
      put(db, far, VALUE, ttl(5_000));
      put(db, TestStores.bytes("stays"), VALUE, ttl(2_000_000)); // and with it the table
      db.flush();
      put(db, KEY, VALUE, TEN);
      clock.set(1_000_000);
      db.flush();
      clock.set(1_005);
      assertAbsent(db, KEY);
      assertArrayEquals(VALUE, db.get(far));
      put(db, next, VALUE, TEN);
      assertArrayEquals(VALUE, db.get(next));
      db.compact();
      assertArrayEquals(VALUE, db.get(far));
    }
    try (Db db = open()) {
      assertArrayEquals(VALUE, db.get(far));
      clock.set(1_019);
      assertArrayEquals(VALUE, db.get(next), "written at the last expiry dropped");
      clock.set(1_020);
      assertAbsent(db, next);
      clock.set(6_000);
      assertAbsent(db, far);
    }
  }

  @Test
  void aClockThatJumpsForwardAndBackLosesNothingThatWasNotDropped() {
    try (Db db = open()) {
      db.put(KEY, TestStores.bytes("old"));
      db.compact();
      put(db, KEY, VALUE, TEN);
      db.flush(); // to level 0, above older data: no compaction in the background drops it
      clock.set(5_000);
      assertAbsent(db, KEY);
      clock.set(1_005);
      assertArrayEquals(VALUE, db.get(KEY));
    }
  }

  @Test
  void operandsDoNotExpireWithTheValueThatTheyWereMergedOnto() {
    for (int compact = 0; compact < 4; compact++) {
      try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM), true)) {
        put(db, KEY, LongOperator.encode(100), TEN);
        compactIf(db, compact == 1);
        db.merge(KEY, LongOperator.encode(1));
        compactIf(db, compact == 2);
        db.merge(KEY, LongOperator.encode(2));
        compactIf(db, compact == 3);
        assertEquals(103L, (long) db.get(KEY, LongOperator::decode));
        assertEquals(103, LongOperator.decode(last(db)));
        clock.addAndGet(10);
        assertEquals(3L, (long) db.get(KEY, LongOperator::decode));
        assertEquals(3, LongOperator.decode(last(db)));
        db.compact();
        assertEquals(3L, (long) db.get(KEY, LongOperator::decode));
        db.delete(KEY);
      }
    }
  }

  private static void compactIf(Db db, boolean wanted) {
    if (wanted) {
      db.compact();
    }
  }

  private static ByteBuffer last(Db db) {
    try (DbIterator cursor = db.iterate()) {
      cursor.seekToLast();
      return ByteBuffer.wrap(cursor.value());
    }
  }

  @Test
  void mergesWithATimeToLiveAreRefused() {
    try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM), true)) {
      ColumnFamily family = db.defaultColumnFamily();
      byte[] one = LongOperator.encode(1);
      assertThrows(IllegalArgumentException.class, () -> family.merge(KEY, one, TEN));
      WriteBatch batch = new WriteBatch().put(KEY, one).merge(KEY, one);
      assertThrows(IllegalArgumentException.class, () -> db.write(batch, TEN));
      assertAbsent(db, KEY);
    }
    assertThrows(
        InvalidOptionsException.class,
        () ->
            ColumnFamilyOptions.builder()
                .mergeOperator(LongOperator.SUM)
                .timeToLive(Duration.ofDays(1))
                .build());
  }

  @Test
  void impossibleTimesAreRefused() {
    for (Duration time : List.of(Duration.ZERO, Duration.ofMillis(-5), Duration.ofNanos(999_999))) {
      assertThrows(InvalidOptionsException.class, () -> WriteOptions.builder().timeToLive(time));
      assertThrows(
          InvalidOptionsException.class, () -> ColumnFamilyOptions.builder().timeToLive(time));
    }
    try (Db db = open()) {
      ColumnFamily family = db.defaultColumnFamily();
      assertThrows(
          IllegalArgumentException.class, () -> new WriteBatch().put(family, KEY, VALUE, -1));
    }
  }

  @Test
  void expiredValuesAreNoEvidenceForAnEmptyRange() {
    try (Db db = open()) {
      for (int i = 0; i < 300; i++) {
        put(db, TestStores.key(i), VALUE, TEN);
      }
      clock.set(1_010);
      for (int look = 0; look < 4; look++) {
        assertShows(List.of(), db);
      }
      clock.set(1_009);
      assertEquals(300, forward(db).size());
      assertEquals(300, backward(db).size());
    }
  }

  @Test
  void cursorsPassExpiredValuesAmongDeletedAndLivingOnes() {
    try (Db db = open()) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        byte[] key = TestStores.key(i);
        put(db, key, VALUE, i % 3 == 0 ? WriteOptions.BUFFERED : TEN);
        if (i % 3 == 1 || i / 100 % 2 == 0) {
          db.delete(key);
        } else if (i % 3 == 0) {
          expected.add(TestStores.text(key) + "=value");
        }
      }
      clock.addAndGet(10);
      for (int look = 0; look < 3; look++) {
        assertShows(expected, db);
      }
      db.flush();
      assertShows(expected, db);
    }
  }

  @Test
  void expiredValuesLeaveTheDisk() {
    try (Db db = open()) {
      for (int i = 0; i < 2_000; i++) {
        put(db, TestStores.key(i), TestStores.value(i, 100), i % 2 == 0 ? TEN : ttl(1_000_000));
      }
      db.compact();
      long before = db.stats().tableBytes();
      clock.addAndGet(10);
      db.compact();
      assertTrue(db.stats().tableBytes() < before * 6 / 10, before + " bytes before");
      assertEquals(1_000, forward(db).size());
      clock.addAndGet(1_000_000);
      db.compact();
      assertEquals(0, db.stats().tableBytes());
    }
  }

  @Test
  void aFlushLetsFilesOfExpiredValuesGoWithoutACompactionOnRequest() throws InterruptedException {
    try (Db db = open()) {
      for (int i = 0; i < 2_000; i++) {
        put(db, TestStores.key(i), TestStores.value(i, 100), TEN);
      }
      db.compact();
      long read = db.stats().compactionBytesRead();
      clock.addAndGet(10);
      db.put(TestStores.bytes("z"), VALUE);
      db.flush();
      while (db.stats().tableBytes() > 10_000) {
        Thread.sleep(1);
      }
      assertEquals(read, db.stats().compactionBytesRead(), "dropped whole");
      assertShows(List.of("z=value"), db);
    }
  }
}
