package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The deletion of ranges of keys, in whole stores. */
class RangeDeleteTest {
  /** Where the data and the tombstones are when they are read. */
  enum Place {
    /** All in one memtable. */
    MEMTABLE,
    /** The data in tables, the tombstones in a memtable. */
    ABOVE,
    /** Both flushed, one after the other. */
    FLUSHED,
    /** Both in one memtable when it was flushed. */
    TOGETHER,
    /** As flushed, and compacted. */
    COMPACTED,
    /** In a memtable, and read from the log. */
    REPLAYED,
    /** Flushed, and read from the manifest. */
    REOPENED
  }

  private final MemFileSystem fs = new MemFileSystem();

  private Db open(ColumnFamilyOptions.Builder family) {
    return TestStores.open(fs, DbOptions.builder().defaultFamilyOptions(family.build()).build());
  }

  private Db open() {
    return open(TestStores.tinyFamily());
  }

  /** Brings what has been written to its place; the store is another one then, perhaps. */
  private Db settle(Db db, Place place) {
    switch (place) {
      case FLUSHED, TOGETHER -> db.flush();
      case COMPACTED -> db.compact();
      case REPLAYED -> {
        db.close();
        return open();
      }
      case REOPENED -> {
        db.flush();
        db.close();
        return open();
      }
      default -> {}
    }
    return db;
  }

  private static void beforeTheDeletion(Db db, Place place) {
    if (place != Place.MEMTABLE && place != Place.TOGETHER && place != Place.REPLAYED) {
      db.flush();
    }
  }

  private static List<String> forward(ReadView view) {
    List<String> keys = new ArrayList<>();
    try (DbIterator cursor = view.iterate()) {
      for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
        keys.add(TestStores.text(cursor.key()));
      }
    }
    return keys;
  }

  private static List<String> backward(ReadView view) {
    List<String> keys = new ArrayList<>();
    try (DbIterator cursor = view.iterate()) {
      for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
        keys.add(0, TestStores.text(cursor.key()));
      }
    }
    return keys;
  }

  private static void assertShows(ReadView view, String... keys) {
    assertEquals(List.of(keys), forward(view));
    assertEquals(List.of(keys), backward(view));
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      boolean shown = Arrays.asList(keys).contains(key);
      assertEquals(shown, view.get(bytes(key)) != null, key);
      assertEquals(shown, view.containsKey(bytes(key)), key);
      assertEquals(shown, view.multiGet(List.of(bytes(key))).get(0) != null, key);
      assertTrue(!shown || view.mayContain(bytes(key)), key);
    }
  }

  private static void fill(Db db) {
    for (String key : List.of("a", "b", "c", "d", "e", "f")) {
      db.put(bytes(key), bytes(key));
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void theFirstKeyGoesAndTheEndStays(Place place) {
    Db db = open();
    try {
      fill(db);
      beforeTheDeletion(db, place);
      db.deleteRange(bytes("b"), bytes("e"));
      db = settle(db, place);
      assertShows(db, "a", "e", "f");
      try (DbIterator cursor = db.iterate()) {
        cursor.seek(bytes("b"));
        assertEquals("e", TestStores.text(cursor.key()));
        cursor.prev();
        assertEquals("a", TestStores.text(cursor.key()));
        cursor.seekForPrev(bytes("d"));
        assertEquals("a", TestStores.text(cursor.key()));
        cursor.next();
        assertEquals("e", TestStores.text(cursor.key()));
      }
      db.put(bytes("c"), bytes("new"));
      assertShows(db, "a", "c", "e", "f");
      db.deleteRange(bytes(""), null);
      assertShows(db);
      db.put(bytes("d"), bytes("new"));
      db = settle(db, place);
      assertShows(db, "d");
    } finally {
      db.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void snapshotsAndCursorsFromBeforeSeeWhatWasThere(Place place) {
    if (place == Place.REPLAYED || place == Place.REOPENED) {
      return; // they end with the store
    }
    try (Db db = open()) {
      fill(db);
      try (Snapshot before = db.snapshot();
          DbIterator cursor = db.iterate()) {
        cursor.seek(bytes("b"));
        beforeTheDeletion(db, place);
        db.deleteRange(bytes("b"), bytes("d"));
        try (Snapshot between = db.snapshot()) {
          db.deleteRange(bytes("c"), bytes("f"));
          db.put(bytes("d"), bytes("new"));
          settle(db, place);
          for (int i = 0; i < 2; i++) {
            assertShows(before, "a", "b", "c", "d", "e", "f");
            assertArrayEquals(bytes("d"), between.get(bytes("d")));
            assertShows(between, "a", "d", "e", "f");
            assertShows(db, "a", "d", "f");
            assertArrayEquals(bytes("new"), db.get(bytes("d")));
            db.compact();
          }
        }
        cursor.next();
        assertEquals("c", TestStores.text(cursor.key()));
        cursor.refresh();
        cursor.seek(bytes("b"));
        assertEquals("d", TestStores.text(cursor.key()));
      }
      db.compact();
      assertShows(db, "a", "d", "f");
      assertEquals(0, deletedRanges(db));
    }
  }

  private static int deletedRanges(Db db) {
    return db.stats().families().get(0).deletedRanges();
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void aBatchIsAppliedInItsOrder(Place place) {
    Db db = open();
    try {
      fill(db);
      beforeTheDeletion(db, place);
      WriteBatch batch = new WriteBatch();
      batch.put(bytes("bb"), bytes("1")).deleteRange(bytes("b"), bytes("d"));
      batch.put(bytes("c"), bytes("2"));
      batch.setSavePoint();
      batch.deleteRange(bytes("a"), null);
      batch.rollbackToSavePoint();
      batch.deleteRange(bytes("e"), bytes("ee")).delete(bytes("f"));
      assertEquals(5, batch.count());
      db.write(batch);
      db = settle(db, place);
      assertShows(db, "a", "c", "d");
      assertArrayEquals(bytes("2"), db.get(bytes("c")));
    } finally {
      db.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void operandsDoNotReachBehindADeletedRange(Place place) {
    if (place == Place.REPLAYED || place == Place.REOPENED) {
      return; // opens without the operator
    }
    try (Db db = open(TestStores.tinyFamily().mergeOperator(LongOperator.SUM))) {
      db.merge(bytes("k"), LongOperator.encode(100));
      db.merge(bytes("k"), LongOperator.encode(10));
      beforeTheDeletion(db, place);
      try (Snapshot before = db.snapshot()) {
        db.deleteRange(bytes("a"), bytes("z"));
        db.merge(bytes("k"), LongOperator.encode(1));
        db.merge(bytes("k"), LongOperator.encode(2));
        settle(db, place);
        for (int i = 0; i < 2; i++) {
          assertEquals(3L, (long) db.get(bytes("k"), LongOperator::decode));
          assertEquals(110L, (long) before.get(bytes("k"), LongOperator::decode));
          try (DbIterator cursor = db.iterate()) {
            cursor.seekToFirst();
            assertArrayEquals(LongOperator.encode(3), cursor.value());
            cursor.next();
            assertFalse(cursor.isValid());
            cursor.seekToLast();
            assertArrayEquals(LongOperator.encode(3), cursor.value());
          }
          db.compact();
        }
      }
      db.compact();
      assertEquals(3L, (long) db.get(bytes("k"), LongOperator::decode));
    }
  }

  @Test
  void listsBeginAnewBehindADeletedRange() {
    try (Db db = open(TestStores.tinyFamily().mergeOperator(ListAppend.OPERATOR))) {
      db.merge(bytes("k"), ListAppend.encode(bytes("old")));
      db.flush();
      WriteBatch batch = new WriteBatch();
      batch.merge(bytes("k"), ListAppend.encode(bytes("older")));
      batch.deleteRange(bytes("k"), bytes("l"));
      batch.merge(bytes("k"), ListAppend.encode(bytes("new")));
      db.write(batch);
      byte[] expected = ListAppend.encode(bytes("new"));
      assertArrayEquals(expected, db.get(bytes("k")));
      db.flush();
      assertArrayEquals(expected, db.get(bytes("k")));
      db.compact();
      assertArrayEquals(expected, db.get(bytes("k")));
    }
  }

  @Test
  void badRangesAreRefusedAndEmptyOnesDoNothing() {
    try (Db db = open()) {
      fill(db);
      db.deleteRange(bytes("b"), bytes("b"));
      db.deleteRange(new byte[0], new byte[0]);
      assertEquals(0, new WriteBatch().deleteRange(bytes("b"), bytes("b")).count());
      RuntimeException reversed =
          assertThrows(
              IllegalArgumentException.class, () -> db.deleteRange(bytes("c"), bytes("b")));
      assertTrue(reversed.getMessage().contains("0x63"), reversed.getMessage());
      assertThrows(IllegalArgumentException.class, () -> db.deleteRange(bytes("c"), new byte[0]));
      byte[] tooLong = new byte[(64 << 10) + 1];
      assertThrows(IllegalArgumentException.class, () -> db.deleteRange(tooLong, null));
      Arrays.fill(tooLong, (byte) 'x');
      assertThrows(IllegalArgumentException.class, () -> db.deleteRange(bytes("c"), tooLong));
      assertShows(db, "a", "b", "c", "d", "e", "f");
      byte[] longest = new byte[64 << 10];
      Arrays.fill(longest, (byte) 'e');
      db.deleteRange(bytes("b"), longest);
      assertShows(db, "a", "f");
    }
  }

  @Test
  void aBatchWithTooManyBoundsIsRefusedAsAWhole() {
    try (Db db = open()) {
      fill(db);
      WriteBatch batch = new WriteBatch();
      batch.delete(bytes("a"));
      byte[] from = new byte[60 << 10];
      for (int i = 0; i < 600; i++) {
        from[0] = (byte) (i >> 8);
        from[1] = (byte) i;
        batch.deleteRange(from, null);
      }
      assertThrows(IllegalArgumentException.class, () -> db.write(batch));
      assertShows(db, "a", "b", "c", "d", "e", "f");
    }
  }

  /** A store of one level of many tables. */
  private Db filled(int keys) {
    Db db = open();
    for (int i = 0; i < keys; i++) {
      int k = i * 617 % keys; // in no order, so that tables are merged rather than moved
      db.put(key(k), value(k, 200));
    }
    db.compact();
    return db;
  }

  @Test
  void tablesInTheRangeAreDroppedWithoutBeingRead() throws InterruptedException {
    try (Db db = filled(2_000)) {
      long bytes = db.stats().tableBytes();
      long read = db.stats().compactionBytesRead();
      db.deleteRange(key(200), key(1_800));
      db.flush();
      while (db.stats().tableBytes() > bytes / 4) {
        Thread.sleep(1);
      }
      assertEquals(read, db.stats().compactionBytesRead());
      assertTrue(deletedRanges(db) <= 1, "what remains is for the tables at both ends");
      assertEquals(400, forward(db).size());
      db.compact();
      assertEquals(0, deletedRanges(db));
      assertEquals(400, forward(db).size());
    }
    try (Db db = open()) {
      assertEquals(0, deletedRanges(db));
      assertEquals(400, backward(db).size());
      assertNull(db.get(key(200)));
      assertArrayEquals(value(1_800, 200), db.get(key(1_800)));
    }
  }

  @Test
  void tablesGoOnceTheLastSnapshotThatSeesThemIsClosed() throws InterruptedException {
    try (Db db = filled(1_000)) {
      Snapshot older = db.snapshot();
      try (Snapshot snapshot = db.snapshot()) {
        db.deleteRange(key(0), null);
        db.flush();
        db.compact();
        older.close();
        assertEquals(List.of(), forward(db));
        assertEquals(1_000, forward(snapshot).size());
        assertArrayEquals(value(500, 200), snapshot.get(key(500)));
      }
      while (db.stats().tableBytes() > 0) {
        Thread.sleep(1);
      }
      assertEquals(0, deletedRanges(db));
    }
  }

  @Test
  void deletingTheSameRangeAgainAndAgainTakesNoMoreMemory() {
    try (Db db = TestStores.open(fs, DbOptions.builder().build())) {
      for (int i = 0; i < 50_000; i++) {
        db.deleteRange(key(i % 100), key(1_000));
      }
      long bytes = db.stats().families().get(0).memtableBytes();
      assertTrue(bytes < 256 << 10, "bytes " + bytes);
    }
  }

  @Test
  void aSnapshotAmongManyDeletionsOfARangeSeesWhatItSaw() {
    try (Db db = TestStores.open(fs, DbOptions.builder().build())) {
      db.put(key(5), bytes("v"));
      try (Snapshot before = db.snapshot()) {
        for (int i = 0; i < 20_000; i++) {
          db.deleteRange(key(i % 5), key(9));
        }
        db.put(key(5), bytes("v"));
        try (Snapshot between = db.snapshot()) {
          for (int i = 0; i < 20_000; i++) {
            db.deleteRange(key(i % 5), key(9));
          }
          for (int flushed = 0; flushed < 2; flushed++) {
            assertShows(before, TestStores.text(key(5)));
            assertShows(between, TestStores.text(key(5)));
            assertShows(db);
            db.flush();
            assertTrue(deletedRanges(db) <= 10);
          }
        }
      }
    }
  }

  @Test
  void aStoreWithoutDataKeepsNoRanges() {
    try (Db db = open()) {
      db.deleteRange(bytes("a"), bytes("b"));
      db.flush();
      assertEquals(0, deletedRanges(db));
      assertEquals(0, db.stats().tableBytes());
      fill(db);
      db.flush();
      assertShows(db, "a", "b", "c", "d", "e", "f");
    }
  }

  @Test
  void whatWasDeletedWithoutALogStaysDeletedOnceItIsFlushed() {
    MemFileSystem image;
    try (Db db = open()) {
      fill(db);
      db.flush();
      db.deleteRange(bytes("b"), bytes("e"), WriteOptions.NO_WAL);
      db.flush();
      image = fs.crashImage(CrashMode.DROP_ALL, 1);
    }
    try (Db db = TestStores.open(image)) {
      assertShows(db, "a", "e", "f");
    }
  }

  @Test
  void tenThousandLiveRangesHideWhatTheyShould() {
    int keys = 30_000;
    TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    Db db = open(ColumnFamilyOptions.builder().writeBufferSize(1 << 20));
    try {
      for (int i = 0; i < keys; i++) {
        db.put(key(i), value(i, 20));
        model.put(key(i), value(i, 20));
      }
      db.flush();
      Random random = new Random(1);
      for (int i = 0; i < 10_000; i++) {
        int from = 3 * i; // every third, and some more
        int to = from + 1 + random.nextInt(2);
        db.deleteRange(key(from), key(to));
        model.subMap(key(from), key(to)).clear();
      }
      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 3_000; i++) {
          byte[] key = key(random.nextInt(keys));
          assertArrayEquals(model.get(key), db.get(key));
        }
        assertEquals(model.keySet().stream().map(TestStores::text).toList(), forward(db));
        switch (round) {
          case 0 -> db.flush();
          case 1 -> {
            db.close();
            db = open();
          }
          default -> {
            db.compact();
            assertEquals(0, deletedRanges(db));
          }
        }
      }
    } finally {
      db.close();
    }
  }

  @Test
  void aLookPassesADeletedRangeOfTablesWithoutSteppingOverIt() {
    try (Db db = filled(2_000);
        Snapshot keepsTheTables = db.snapshot()) {
      for (boolean flushed : new boolean[] {false, true}) {
        db.deleteRange(key(100), key(1_900));
        if (flushed) {
          db.flush();
        }
        long before = db.stats().entriesSteppedOver();
        assertEquals(200, forward(db).size());
        assertEquals(200, backward(db).size());
        assertEquals(before, db.stats().entriesSteppedOver());
      }
      assertEquals(2_000, forward(keepsTheTables).size());
      assertEquals(2_000, backward(keepsTheTables).size());
      db.put(key(1_000), value(1, 10));
      assertEquals(201, forward(db).size());
      db.compact(); // now a newer file stands between others of its level
      assertEquals(201, forward(db).size());
      assertEquals(201, backward(db).size());
      db.deleteRange(key(1_900), null);
      assertEquals(101, forward(db).size());
      assertEquals(101, backward(db).size());
      db.deleteRange(key(0), key(101));
      assertEquals(List.of("key001000"), forward(db));
      assertEquals(List.of("key001000"), backward(db));
    }
  }

  @Test
  void aSecondLookPassesADeletedRangeOfAMemtable() {
    try (Db db = open()) {
      for (int i = 0; i < 400; i++) {
        db.put(key(i), value(i, 10));
      }
      db.deleteRange(key(10), key(390));
      for (int look = 0; look < 2; look++) {
        assertEquals(20, forward(db).size());
      }
      long before = db.stats().entriesSteppedOver();
      assertEquals(20, forward(db).size());
      assertTrue(db.stats().entriesSteppedOver() - before < 30);
      db.put(key(100), value(1, 10));
      assertEquals(21, forward(db).size());
    }
  }

  /**
   * A writer replaces all entries of a group by one batch; readers beside it see all of one
   * generation, whichever way they look.
   */
  @Test
  void readersSeeAReplacedRangeAsAWhole() throws InterruptedException {
    int generations = 3_000;
    int members = 10;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    try (Db db = open()) {
      replace(db, 0, members);
      Thread reader =
          new Thread(
              () -> {
                try {
                  while (ended.getCount() > 0) {
                    lookAtGroup(db, members);
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      reader.start();
      for (int i = 1; i < generations && failure.get() == null; i++) {
        replace(db, i, members);
      }
      ended.countDown();
      reader.join();
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
  }

  private static void replace(Db db, int generation, int members) {
    WriteBatch batch = new WriteBatch();
    batch.deleteRange(bytes("g"), bytes("h"));
    for (int i = 0; i < members; i++) {
      batch.put(bytes("g" + (generation + i) % 100), bytes("" + generation));
    }
    db.write(batch);
  }

  private static void lookAtGroup(Db db, int members) {
    try (DbIterator cursor = db.iterate()) {
      byte[] generation = null;
      int seen = 0;
      for (cursor.seek(bytes("g")); cursor.isValid(); cursor.next()) {
        generation = generation == null ? cursor.value() : generation;
        assertArrayEquals(generation, cursor.value());
        seen++;
      }
      assertEquals(members, seen);
    }
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      keys.add(bytes("g" + i));
    }
    List<byte[]> values = db.multiGet(keys);
    values.removeIf(value -> value == null);
    assertEquals(members, values.size());
    assertEquals(1, values.stream().map(TestStores::text).distinct().count());
  }
}
