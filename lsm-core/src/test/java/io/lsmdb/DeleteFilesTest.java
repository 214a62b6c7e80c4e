package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.Seed;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The dropping of whole tables of a range. */
class DeleteFilesTest {
  private static final int KEYS = 1000;
  private static final byte[] FROM = key(300);
  private static final byte[] TO = key(700);

  private final MemFileSystem fs = new MemFileSystem();

  /** A store of one level of some twenty-five tables. */
  private Db filled() {
    Db db = TestStores.open(fs);
    for (int i = 0; i < KEYS; i++) {
      int k = i * 617 % KEYS; // in no order, so that tables are merged rather than moved
      db.put(key(k), value(k, 200));
    }
    db.compact();
    return db;
  }

  private static int drop(Db db, byte[] from, byte[] to) {
    return db.deleteFilesInRange(from, to);
  }

  private static int count(ReadView view) {
    int count = 0;
    try (DbIterator it = view.iterate()) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        count++;
      }
    }
    return count;
  }

  /** Everything outside of the range is there, and of the range little. */
  private static void assertDropped(Db db) {
    for (int i = 0; i < KEYS; i++) {
      if (i < 300 || i >= 700) {
        assertArrayEquals(value(i, 200), db.get(key(i)));
      }
    }
    assertNull(db.get(key(500)));
    assertTrue(count(db) < 600 + 100, count(db) + " entries are left");
  }

  @Test
  void dropsTablesWithinTheRangeForGood() {
    try (Db db = filled()) {
      long before = db.stats().tableBytes();
      assertTrue(drop(db, FROM, TO) > 3);
      assertDropped(db);
      assertTrue(db.stats().tableBytes() < before * 3 / 4);
      assertEquals(0, drop(db, FROM, TO));
      db.put(key(500), value(1, 10));
      assertArrayEquals(value(1, 10), db.get(key(500)));
      db.delete(key(500));
    }
    try (Db db = TestStores.open(fs)) {
      assertDropped(db);
      db.compact();
      assertDropped(db);
      drop(db, null, null);
      assertEquals(0, count(db));
    }
  }

  @Test
  void rangeWithoutWholeTablesDropsNothing() {
    try (Db db = filled()) {
      assertEquals(0, drop(db, key(500), key(501)));
      assertEquals(0, drop(db, FROM, FROM));
      assertThrows(IllegalArgumentException.class, () -> drop(db, TO, FROM));
      assertEquals(0, drop(db, key(KEYS), null));
      assertEquals(KEYS, count(db));
    }
  }

  @Test
  void memtablesAndLevel0Stay() {
    try (Db db = TestStores.open(fs)) {
      db.put(key(1), value(1, 10));
      db.flush();
      db.put(key(2), value(2, 10));
      assertEquals(0, drop(db, null, null));
      assertEquals(2, count(db));
    }
  }

  @Test
  void liveSnapshotKeepsWhatItMaySee() {
    try (Db db = filled()) {
      try (Snapshot snapshot = db.snapshot()) {
        assertEquals(0, drop(db, FROM, TO));
        assertEquals(KEYS, count(snapshot));
      }
      assertTrue(drop(db, FROM, TO) > 3);
      assertDropped(db);
    }
  }

  @Test
  void openIteratorGoesOnUntilItIsRefreshed() {
    try (Db db = filled();
        DbIterator it = db.iterate()) {
      it.seekToFirst();
      assertTrue(drop(db, FROM, TO) > 3);
      for (int i = 0; i < KEYS; i++) {
        assertArrayEquals(key(i), it.key());
        assertArrayEquals(value(i, 200), it.value());
        it.next();
      }
      it.refresh();
      it.seek(FROM);
      int left = 0;
      for (; it.isValid() && Arrays.compareUnsigned(it.key(), TO) < 0; it.next()) {
        left++;
      }
      assertTrue(left < 100, left + " entries are left");
    }
  }

  @Test
  void misuseIsRefused() {
    Db db = filled();
    ColumnFamily family = db.createColumnFamily("other");
    db.dropColumnFamily(family);
    assertThrows(DbClosedException.class, () -> family.deleteFilesInRange(null, null));
    db.close();
    assertThrows(DbClosedException.class, () -> drop(db, null, null));
  }

  /** Keys keep their newest value or are gone; no older value and no deleted key returns. */
  @Test
  void nothingOlderComesBack() {
    Seed.check(
        3,
        seed -> {
          Random random = new Random(seed);
          MemFileSystem disk = new MemFileSystem();
          int[] newest = new int[KEYS]; // 0: absent
          int dropped = 0;
          for (int opening = 0; opening < 3; opening++) {
            try (Db db = TestStores.open(disk)) {
              for (int round = 0; round < 40; round++) {
                write(db, random, newest);
                int from = random.nextInt(KEYS);
                int to = Math.min(KEYS, from + 1 + random.nextInt(KEYS));
                dropped += drop(db, key(from), key(to));
                checkAndAdopt(db, newest, from, to);
              }
            }
          }
          assertTrue(dropped > 0, "no table was dropped");
        });
  }

  private static void write(Db db, Random random, int[] newest) {
    int start = random.nextInt(KEYS);
    for (int i = random.nextInt(600); i >= 0; i--) {
      int k = (start + i) % KEYS;
      if (random.nextInt(3) == 0) {
        db.delete(key(k));
        newest[k] = 0;
      } else {
        int version = random.nextInt(1, Integer.MAX_VALUE);
        db.put(key(k), value(version, 60));
        newest[k] = version;
      }
    }
    if (random.nextInt(4) == 0) {
      db.compact(key(start), null);
    }
  }

  private static void checkAndAdopt(Db db, int[] newest, int from, int to) {
    for (int k = 0; k < KEYS; k++) {
      byte[] expected = newest[k] == 0 ? null : value(newest[k], 60);
      byte[] found = db.get(key(k));
      if (found == null && k >= from && k < to) {
        newest[k] = 0;
      } else {
        int number = k;
        assertArrayEquals(expected, found, () -> "key " + number + " " + ModelDb.show(found));
      }
    }
  }

  @Test
  void compactionsAndWritersGoOnBesideIt() {
    int[] last = new int[KEYS];
    int dropped = 0;
    try (Db db = filled()) {
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                Random random = new Random(1);
                for (int version = KEYS; !stop.get(); version++) {
                  int k = random.nextInt(KEYS);
                  db.put(key(k), value(version, 200));
                  last[k] = version;
                }
              });
      CompletableFuture<Void> compactor =
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  db.compact(key(200), key(800));
                }
              });
      for (int i = 0; i < 60 || (dropped == 0 && i < 100_000); i++) {
        dropped += drop(db, FROM, TO);
      }
      stop.set(true);
      writer.join();
      compactor.join();
      db.flush();
      assertTrue(dropped > 0);
      assertNewestOrGone(db, last);
    }
    try (Db db = TestStores.open(fs)) {
      assertNewestOrGone(db, last);
    }
  }

  private static void assertNewestOrGone(Db db, int[] last) {
    for (int k = 0; k < KEYS; k++) {
      byte[] found = db.get(key(k));
      if (found != null || k < 300 || k >= 700) {
        assertArrayEquals(value(last[k] == 0 ? k : last[k], 200), found);
      }
    }
  }
}
