package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import io.lsmdb.testing.TestOperators;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Batches that can be read before they are written. */
class IndexedWriteBatchTest {
  private static final byte[] A = TestStores.bytes("a");
  private static final byte[] B = TestStores.bytes("b");
  private static final byte[] C = TestStores.bytes("c");
  private static final byte[] ONE = LongOperator.encode(1);

  private final MemFileSystem fs = new MemFileSystem();

  private Db open(MergeOperator operator) {
    ColumnFamilyOptions family = TestStores.tinyFamily().mergeOperator(operator).build();
    return TestStores.open(fs, DbOptions.builder().defaultFamilyOptions(family).build());
  }

  // ---- Against a model

  /** A map per family, with what the batch adds, and copies for savepoints. */
  private static final class Overlay {
    private final List<TreeMap<byte[], byte[]>> maps = new ArrayList<>();

    Overlay(int families) {
      for (int i = 0; i < families; i++) {
        maps.add(new TreeMap<>(Arrays::compareUnsigned));
      }
    }

    Overlay copy() {
      Overlay copy = new Overlay(0);
      maps.forEach(map -> copy.maps.add(new TreeMap<>(map)));
      return copy;
    }

    NavigableMap<byte[], byte[]> family(int index) {
      return maps.get(index);
    }
  }

  /** Short keys over few bytes, so that they are prefixes of one another and often the same. */
  private static byte[] hostileKey(Random random) {
    byte[] alphabet = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFF};
    byte[] key = new byte[random.nextInt(4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = alphabet[random.nextInt(alphabet.length)];
    }
    return key;
  }

  @Test
  void showsWhatTheStoreWouldShowAfterTheWrite() {
    Seed.check(20, IndexedWriteBatchTest::compareWithModel);
  }

  private static void compareWithModel(long seed) {
    Random random = new Random(seed);
    MergeOperator operator = random.nextBoolean() ? TestOperators.JOINING : TestOperators.HASHING;
    ColumnFamilyOptions options = TestStores.tinyFamily().mergeOperator(operator).build();
    try (Db db =
        TestStores.open(
            new MemFileSystem(), DbOptions.builder().defaultFamilyOptions(options).build())) {
      List<ColumnFamily> families =
          List.of(db.defaultColumnFamily(), db.createColumnFamily("other"));
      IndexedWriteBatch batch = new IndexedWriteBatch();
      Overlay below = new Overlay(2);
      for (int round = 0; round < 12; round++) {
        Overlay above = below.copy();
        try (Snapshot snapshot = db.snapshot()) {
          changeAndRead(random, operator, families, batch, snapshot, above);
        }
        if (random.nextInt(4) != 0) {
          db.write(batch);
          below = above;
        }
        batch.clear();
        for (int i = 0; i < 2; i++) {
          check(random, batch, null, families.get(i), below.family(i));
        }
        if (random.nextInt(3) == 0) {
          db.flush();
        }
      }
    }
  }

  private static void changeAndRead(
      Random random,
      MergeOperator operator,
      List<ColumnFamily> families,
      IndexedWriteBatch batch,
      Snapshot snapshot,
      Overlay above) {
    Deque<Overlay> savePoints = new ArrayDeque<>();
    for (int i = random.nextInt(60); i >= 0; i--) {
      int which = random.nextInt(2);
      NavigableMap<byte[], byte[]> map = above.family(which);
      ColumnFamily family = families.get(which);
      byte[] key = hostileKey(random);
      byte[] value = TestStores.value(random.nextLong(), random.nextInt(5));
      switch (random.nextInt(10)) {
        case 9 -> {
          byte[] to = random.nextInt(5) == 0 ? null : hostileKey(random);
          boolean swap = to != null && Arrays.compareUnsigned(key, to) > 0;
          byte[] from = swap ? to : key;
          byte[] end = swap ? key : to;
          batch.deleteRange(family, from, end);
          (end == null ? map.tailMap(from, true) : map.subMap(from, true, end, false)).clear();
        }
        case 0, 1, 2 -> {
          batch.put(family, key, value);
          map.put(key, value);
        }
        case 3, 4 -> {
          batch.delete(family, key);
          map.remove(key);
        }
        case 5, 6 -> {
          batch.merge(family, key, value);
          map.put(key, TestOperators.apply(operator, map.get(key), value));
        }
        case 7 -> {
          batch.setSavePoint();
          savePoints.push(above.copy());
        }
        default -> {
          if (savePoints.isEmpty()) {
            assertThrows(BatchStateException.class, batch::popSavePoint);
          } else if (random.nextInt(3) == 0) {
            batch.popSavePoint();
            savePoints.pop();
          } else {
            batch.rollbackToSavePoint();
            Overlay back = savePoints.pop();
            for (int f = 0; f < 2; f++) {
              above.family(f).clear();
              above.family(f).putAll(back.family(f));
            }
          }
        }
      }
      if (random.nextInt(4) == 0) {
        check(random, batch, snapshot, family, map);
      }
    }
    for (int f = 0; f < 2; f++) {
      check(random, batch, snapshot, families.get(f), above.family(f));
    }
  }

  private static void check(
      Random random,
      IndexedWriteBatch batch,
      Snapshot snapshot,
      ColumnFamily family,
      NavigableMap<byte[], byte[]> all) {
    for (int i = 0; i < 5; i++) {
      byte[] key = hostileKey(random);
      assertArrayEquals(
          all.get(key),
          snapshot == null ? batch.get(family, key) : batch.get(snapshot, family, key));
    }
    ReadOptions.Builder builder = ReadOptions.builder();
    NavigableMap<byte[], byte[]> expected = all;
    byte[] from = hostileKey(random);
    byte[] to = hostileKey(random);
    int bounds = random.nextInt(3);
    if (bounds == 1 && Arrays.compareUnsigned(from, to) <= 0) {
      builder.lowerBound(from).upperBound(to);
      expected = all.subMap(from, true, to, false);
    } else if (bounds == 2) {
      builder.prefix(from);
      expected = new TreeMap<>(all);
      expected
          .keySet()
          .removeIf(
              key ->
                  key.length < from.length
                      || !Arrays.equals(from, Arrays.copyOf(key, from.length)));
    }
    ReadOptions options = builder.build();
    try (DbIterator cursor =
        snapshot == null
            ? batch.iterate(family, options)
            : batch.iterate(snapshot, family, options)) {
      walk(random, cursor, expected);
    }
  }

  private static void walk(
      Random random, DbIterator cursor, NavigableMap<byte[], byte[]> expected) {
    Map.Entry<byte[], byte[]> at = null;
    assertFalse(cursor.isValid());
    for (int i = 0; i < 30; i++) {
      byte[] target = hostileKey(random);
      int move = random.nextInt(at == null ? 4 : 16);
      if (move == 0) {
        cursor.seekToFirst();
        at = expected.firstEntry();
      } else if (move == 1) {
        cursor.seekToLast();
        at = expected.lastEntry();
      } else if (move == 2) {
        cursor.seek(target);
        at = expected.ceilingEntry(target);
      } else if (move == 3) {
        cursor.seekForPrev(target);
        at = expected.floorEntry(target);
      } else if (move < 10) {
        cursor.next();
        at = expected.higherEntry(at.getKey());
      } else {
        cursor.prev();
        at = expected.lowerEntry(at.getKey());
      }
      assertEquals(at != null, cursor.isValid());
      if (at != null) {
        assertArrayEquals(at.getKey(), cursor.key());
        assertArrayEquals(at.getValue(), cursor.value());
      } else {
        assertThrows(IllegalStateException.class, cursor::next);
      }
    }
  }

  // ---- Plain behaviour

  private static long number(byte[] value) {
    return LongOperator.decode(value);
  }

  @Test
  void foldsMergesOntoTheStoreAndWritesTheSame() {
    try (Db db = open(LongOperator.SUM)) {
      ColumnFamily family = db.defaultColumnFamily();
      db.merge(A, LongOperator.encode(40));
      IndexedWriteBatch batch = new IndexedWriteBatch();
      batch.merge(family, A, ONE).merge(family, A, ONE).merge(family, B, ONE);
      batch.put(family, C, LongOperator.encode(5)).merge(family, C, ONE);
      assertEquals(42, number(batch.get(family, A)));
      assertEquals(1, number(batch.get(family, B)));
      assertEquals(6, number(batch.get(family, C)));
      assertEquals(40, number(db.get(A)));
      db.write(batch);
    }
    try (Db db = open(LongOperator.SUM)) {
      assertEquals(42, number(db.get(A)));
      assertEquals(1, number(db.get(B)));
      assertEquals(6, number(db.get(C)));
    }
  }

  @Test
  void refusesOperandsThatTheStoreWouldRefuse() {
    try (Db db = open(LongOperator.SUM)) {
      IndexedWriteBatch batch = new IndexedWriteBatch();
      ColumnFamily family = db.defaultColumnFamily();
      assertThrows(IllegalArgumentException.class, () -> batch.merge(family, A, new byte[3]));
      assertTrue(batch.isEmpty());
      assertNull(batch.get(family, A));
    }
    try (Db db = TestStores.open(new MemFileSystem())) {
      IndexedWriteBatch batch = new IndexedWriteBatch();
      ColumnFamily family = db.defaultColumnFamily();
      assertThrows(IllegalArgumentException.class, () -> batch.merge(family, A, ONE));
      assertTrue(batch.isEmpty());
    }
  }

  @Test
  void aChangeBeyondTheLimitLeavesTheBatchAsItIs() {
    try (Db db = open(null)) {
      ColumnFamily family = db.defaultColumnFamily();
      WriteBatch two = new WriteBatch().put(A, A).put(B, B);
      IndexedWriteBatch batch = new IndexedWriteBatch(two.sizeInBytes());
      batch.put(family, A, A).put(family, B, B); // exactly full
      assertThrows(BatchLimitException.class, () -> batch.put(family, A, C));
      assertThrows(BatchLimitException.class, () -> batch.delete(family, B));
      assertArrayEquals(A, batch.get(family, A));
      assertArrayEquals(B, batch.get(family, B));
      assertEquals(two.sizeInBytes(), batch.sizeInBytes());
      assertEquals(2, batch.count());
      batch.clear();
      batch.delete(family, A);
      assertEquals(1, batch.count());
    }
    assertThrows(IllegalArgumentException.class, () -> new IndexedWriteBatch(0));
  }

  @Test
  void aCursorOfAChangedBatchFailsUntilItIsRefreshed() {
    try (Db db = open(null)) {
      ColumnFamily family = db.defaultColumnFamily();
      db.put(A, A);
      IndexedWriteBatch batch = new IndexedWriteBatch();
      DbIterator cursor = batch.iterate(family, ReadOptions.DEFAULT);
      try (cursor) {
        cursor.seekToFirst();
        batch.put(family, B, B);
        assertThrows(BatchStateException.class, cursor::next);
        assertThrows(BatchStateException.class, cursor::key);
        assertThrows(BatchStateException.class, cursor::isValid);
        cursor.refresh();
        assertFalse(cursor.isValid());
        cursor.seekToLast();
        assertArrayEquals(B, cursor.key());
      }
      assertThrows(DbClosedException.class, cursor::key);
    }
  }

  @Test
  void aPutThatExpiresIsShownByTheBatchAndExpiresInTheStore() {
    AtomicLong clock = new AtomicLong(1_000);
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(
                TestStores.tinyFamily().mergeOperator(TestOperators.JOINING).build())
            .timeSource(clock::get)
            .build();
    try (Db db = TestStores.open(fs, options)) {
      ColumnFamily family = db.defaultColumnFamily();
      IndexedWriteBatch batch = new IndexedWriteBatch(100);
      batch.put(family, A, ONE, 1_010).put(family, B, ONE, Long.MAX_VALUE);
      assertThrows(IllegalArgumentException.class, () -> batch.put(family, C, ONE, -1));
      assertThrows(BatchLimitException.class, () -> batch.put(family, C, new byte[100 - 8], 1_010));
      assertEquals(2, batch.count());
      clock.set(1_020);
      assertArrayEquals(ONE, batch.get(family, A));
      clock.set(1_009);
      db.write(batch.merge(family, A, B));
      byte[] merged = TestStores.bytes("b");
      assertArrayEquals(TestOperators.apply(TestOperators.JOINING, ONE, merged), db.get(A));
      clock.set(1_010);
      assertArrayEquals(merged, db.get(A));
      assertArrayEquals(ONE, db.get(B));
    }
  }

  @Test
  void mayBeChangedByItsCallerAfterwards() {
    try (Db db = open(null)) {
      ColumnFamily family = db.defaultColumnFamily();
      byte[] key = A.clone();
      byte[] value = A.clone();
      IndexedWriteBatch batch = new IndexedWriteBatch().put(family, key, value);
      key[0]++;
      value[0]++;
      assertArrayEquals(A, batch.get(family, A));
      batch.get(family, A)[0]++;
      assertArrayEquals(A, batch.get(family, A));
    }
  }
}
