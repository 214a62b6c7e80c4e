package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Touches of values in whole stores, by a clock of the test's that only goes forward. */
class TouchTest {
  private static final byte[] KEY = TestStores.bytes("key");
  private static final byte[] VALUE = TestStores.bytes("value");
  private static final WriteOptions TEN = ttl(10);
  private static final WriteOptions NEVER = ttl(Long.MAX_VALUE);

  private final AtomicLong clock = new AtomicLong(1_000);
  private MemFileSystem fs = new MemFileSystem();

  private static WriteOptions ttl(long millis) {
    return WriteOptions.builder().timeToLive(Duration.ofMillis(millis)).build();
  }

  private Db open(ColumnFamilyOptions.Builder family, boolean mapped) {
    return TestStores.open(
        fs,
        DbOptions.builder()
            .defaultFamilyOptions(family.build())
            .mappedLog(mapped)
            .timeSource(clock::get)
            .build());
  }

  private Db open() {
    return open(TestStores.tinyFamily(), true);
  }

  private static void put(Db db, byte[] value, WriteOptions options) {
    db.put(KEY, value, options);
  }

  /** The value as all kinds of reads show it. */
  private static byte[] read(ReadView view) {
    byte[] value = view.get(KEY);
    assertArrayEquals(value, view.multiGet(List.of(KEY)).get(0));
    assertEquals(value != null, view.containsKey(KEY));
    try (DbIterator cursor = view.iterate()) {
      cursor.seekToLast();
      assertArrayEquals(value, cursor.isValid() ? cursor.value() : null);
      cursor.seek(KEY);
      assertArrayEquals(value, cursor.isValid() ? cursor.value() : null);
    }
    return value;
  }

  // ---- The moment of expiry

  @Test
  void aValueIsTouchedUntilItsLastMillisecondAndNotFromItsExpiryOn() {
    try (Db db = open()) {
      put(db, VALUE, TEN);
      for (int i = 0; i < 3; i++) {
        clock.addAndGet(9);
        assertArrayEquals(VALUE, db.touch(KEY, TEN));
      }
      clock.addAndGet(10);
      assertNull(db.touch(KEY, TEN));
      assertNull(db.touch(KEY, NEVER));
      assertNull(read(db));
    }
  }

  @Test
  void aTouchMayShortenALifeToAMillisecond() {
    try (Db db = open()) {
      put(db, VALUE, ttl(1_000_000));
      assertArrayEquals(VALUE, db.touch(KEY, ttl(1)));
      assertArrayEquals(VALUE, read(db));
      clock.addAndGet(1);
      assertNull(read(db));
      db.compact();
      assertNull(read(db));
    }
  }

  @Test
  void aTimeBeyondAllClocksIsNever() {
    try (Db db = open()) {
      put(db, VALUE, TEN);
      assertArrayEquals(VALUE, db.touch(KEY, ttl(Long.MAX_VALUE - 1)));
      clock.set(Long.MAX_VALUE - 1);
      assertArrayEquals(VALUE, read(db));
    }
  }

  @Test
  void whatIsDeletedIsNotTouched() {
    try (Db db = open()) {
      for (boolean range : List.of(true, false)) {
        put(db, VALUE, TEN);
        if (range) {
          db.deleteRange(KEY, null);
        } else {
          db.delete(KEY);
        }
        assertNull(db.touch(KEY, TEN));
        assertNull(read(db));
        db.flush();
        assertNull(db.touch(KEY, TEN));
        assertNull(read(db));
      }
    }
  }

  // ---- Kinds of families

  @Test
  void aFamilyWithoutATimeToLiveTakesThatOfTheOptions() {
    try (Db db = open()) {
      db.put(KEY, VALUE);
      assertThrows(IllegalArgumentException.class, () -> db.touch(KEY, WriteOptions.SYNC));
      assertArrayEquals(VALUE, db.touch(KEY, TEN), "a value without an expiry gets one");
      clock.addAndGet(9);
      assertArrayEquals(VALUE, db.touch(KEY, NEVER), "and loses it");
      clock.addAndGet(1_000_000);
      assertArrayEquals(VALUE, read(db));
      assertArrayEquals(VALUE, db.touch(KEY, TEN));
      clock.addAndGet(10);
      assertNull(read(db));
    }
  }

  @Test
  void theFamilysTimeIsThatOfTheTouchAndNotOfTheWrite() {
    for (long time : List.of(10L, 20L)) {
      try (Db db = open(TestStores.tinyFamily().timeToLive(Duration.ofMillis(time)), true)) {
        if (time == 10) {
          put(db, VALUE, NEVER);
        }
        assertArrayEquals(VALUE, db.touch(KEY));
        clock.addAndGet(time - 1);
        assertArrayEquals(VALUE, read(db));
      }
    }
    clock.addAndGet(1);
    try (Db db = open()) {
      assertNull(read(db));
    }
  }

  @Test
  void aCountingFamilyRefusesATimeAndTakesNever() {
    try (Db db = open(TestStores.tinyFamily().countEntries(true), true)) {
      ColumnFamily family = db.defaultColumnFamily();
      assertNull(db.touch(KEY, NEVER));
      assertEquals(0, family.entryCount());
      db.put(KEY, VALUE);
      assertThrows(IllegalStateException.class, () -> db.touch(KEY, TEN));
      assertThrows(IllegalArgumentException.class, () -> family.touch(KEY));
      assertArrayEquals(VALUE, db.touch(KEY, NEVER));
      assertEquals(1, family.entryCount());
      db.delete(KEY);
      assertNull(db.touch(KEY, NEVER));
      assertEquals(0, family.entryCount());
    }
    try (Db db = open(TestStores.tinyFamily().countEntries(true), true)) {
      assertEquals(0, db.entryCount());
    }
  }

  // ---- Merge operands

  @Test
  void operandsBecomePartOfTheTouchedValueAndExpireWithIt() {
    for (int compacted = 0; compacted < 16; compacted++) {
      try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM), true)) {
        put(db, LongOperator.encode(100), TEN);
        compactIf(db, compacted, 1);
        db.merge(KEY, LongOperator.encode(1));
        compactIf(db, compacted, 2);
        db.merge(KEY, LongOperator.encode(2));
        clock.addAndGet(9);
        assertSum(103, db.touch(KEY, TEN));
        compactIf(db, compacted, 4);
        db.merge(KEY, LongOperator.encode(4));
        compactIf(db, compacted, 8);
        clock.addAndGet(9);
        assertSum(107, read(db));
        clock.addAndGet(1);
        assertSum(4, read(db));
        assertSum(4, db.touch(KEY, TEN));
        clock.addAndGet(10);
        assertNull(read(db));
        db.compact();
        assertNull(read(db));
        db.merge(KEY, LongOperator.encode(8));
        assertSum(8, read(db));
        db.delete(KEY);
      }
    }
  }

  private static void compactIf(Db db, int choice, int bit) {
    if ((choice & bit) != 0) {
      db.compact();
    }
  }

  private static void assertSum(long expected, byte[] value) {
    assertArrayEquals(LongOperator.encode(expected), value);
  }

  // ---- Snapshots

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSnapshotKeepsTheExpiryThatItSaw(boolean compacted) {
    try (Db db = open()) {
      put(db, VALUE, TEN);
      try (Snapshot before = db.snapshot();
          DbIterator opened = db.iterate()) {
        clock.addAndGet(5);
        assertArrayEquals(VALUE, db.touch(KEY, TEN));
        try (Snapshot after = db.snapshot()) {
          assertArrayEquals(VALUE, db.touch(KEY, NEVER));
          if (compacted) {
            db.compact();
          }
          assertArrayEquals(VALUE, read(before));
          clock.addAndGet(5);
          assertNull(read(before));
          assertArrayEquals(VALUE, read(after));
          clock.addAndGet(4);
          assertArrayEquals(VALUE, read(after));
          clock.addAndGet(1);
          assertNull(read(after));
          assertArrayEquals(VALUE, read(db));
        }
        opened.seekToFirst();
        assertTrue(opened.isValid(), "a cursor keeps the time of its opening");
        opened.refresh();
        opened.seekToFirst();
        assertArrayEquals(VALUE, opened.value());
      }
    }
  }

  // ---- Reopening

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theNewExpiryHoldsAfterReopening(boolean mapped) {
    for (WriteOptions options : List.of(TEN, unlogged())) {
      try (Db db = open(TestStores.tinyFamily(), mapped)) {
        put(db, VALUE, TEN);
        clock.addAndGet(9);
        assertArrayEquals(VALUE, db.touch(KEY, options));
      }
      try (Db db = open(TestStores.tinyFamily(), mapped)) {
        clock.addAndGet(9);
        assertArrayEquals(VALUE, read(db));
        db.compact();
        assertArrayEquals(VALUE, db.touch(KEY, options), "from a table");
      }
      try (Db db = open(TestStores.tinyFamily(), mapped)) {
        clock.addAndGet(9);
        assertArrayEquals(VALUE, read(db));
        clock.addAndGet(1);
        assertNull(db.touch(KEY, options));
      }
      try (Db db = open(TestStores.tinyFamily(), mapped)) {
        assertNull(read(db));
      }
    }
  }

  private static WriteOptions unlogged() {
    return WriteOptions.builder()
        .durability(Durability.NO_WAL)
        .timeToLive(Duration.ofMillis(10))
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSyncedTouchSurvivesACrash(boolean mapped) {
    WriteOptions synced =
        WriteOptions.builder()
            .durability(Durability.SYNC)
            .timeToLive(Duration.ofMillis(10))
            .build();
    MemFileSystem image;
    try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM), mapped)) {
      put(db, LongOperator.encode(100), synced);
      db.merge(KEY, LongOperator.encode(1));
      clock.addAndGet(9);
      assertSum(101, db.touch(KEY, synced));
      image = fs.crashImage(CrashMode.DROP_ALL, 1);
    }
    fs = image;
    try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM), mapped)) {
      clock.addAndGet(9);
      assertSum(101, read(db));
      clock.addAndGet(1);
      assertNull(read(db), "the operand was folded into what has expired");
    }
  }

  // ---- Beside others

  @Test
  void noWriteComesBetweenTheReadingAndTheWriting() {
    int rounds = 2_000;
    try (Db db = open()) {
      put(db, LongOperator.encode(0), NEVER);
      CompletableFuture<Void> touching =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  db.touch(KEY, TEN);
                }
              });
      for (int i = 0; i < rounds; i++) {
        db.compute(
            KEY,
            value -> LongOperator.encode(LongOperator.decode(value) + 1),
            WriteOptions.BUFFERED);
      }
      touching.join();
      assertSum(rounds, read(db));
    }
  }

  @Test
  void aClosedStoreAndADroppedFamilySaySo() {
    Db db = open();
    ColumnFamily dropped = db.createColumnFamily("dropped");
    dropped.put(KEY, VALUE);
    db.dropColumnFamily(dropped);
    assertThrows(DbClosedException.class, () -> dropped.touch(KEY, TEN));
    db.close();
    assertThrows(DbClosedException.class, () -> db.touch(KEY, TEN));
    assertThrows(DbClosedException.class, () -> db.touch(KEY, WriteOptions.BUFFERED));
  }
}
