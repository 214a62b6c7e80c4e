package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.ExpiringListAppend;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.ListReader;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.ListState;
import io.lsmdb.state.Serializers;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists whose elements expire one by one, by a clock of the test's. */
class ExpiringListTest {
  private static final byte[] KEY = bytes("key");
  private static final long NEVER = ExpiringListAppend.NEVER;

  private final MemFileSystem fs = new MemFileSystem();
  private final AtomicLong clock = new AtomicLong(1_000);

  private static ColumnFamilyOptions.Builder lists() {
    return TestStores.tinyFamily().mergeOperator(ExpiringListAppend.OPERATOR);
  }

  private Db open(ColumnFamilyOptions family, boolean mapped) {
    return open(fs, family, mapped);
  }

  private Db open(MemFileSystem files, ColumnFamilyOptions family, boolean mapped) {
    return TestStores.open(
        files,
        DbOptions.builder()
            .defaultFamilyOptions(family)
            .mappedLog(mapped)
            .timeSource(clock::get)
            .build());
  }

  private Db open() {
    return open(lists().build(), true);
  }

  private static void add(Db db, byte[] key, String element, long expiresAt) {
    db.merge(key, ExpiringListAppend.encode(bytes(element), expiresAt));
  }

  private static String shown(byte[] list) {
    List<String> elements = new ArrayList<>();
    for (ByteBuffer element : ListReader.ofExpiring(list)) {
      byte[] copy = new byte[element.remaining()];
      element.get(copy);
      elements.add(text(copy));
    }
    return String.join(" ", elements);
  }

  /** Checks a key by every kind of read; an empty text stands for an absent key. */
  private static void assertList(String expected, ReadView view, byte[] key) {
    byte[] list = view.get(key);
    assertEquals(expected.isEmpty(), list == null);
    List<String> walks = new ArrayList<>();
    try (DbIterator cursor = view.iterate()) {
      cursor.seek(key);
      walks.add(cursor.isValid() && Arrays.equals(key, cursor.key()) ? shown(cursor.value()) : "");
      cursor.seekForPrev(key);
      walks.add(cursor.isValid() && Arrays.equals(key, cursor.key()) ? shown(cursor.value()) : "");
    }
    assertEquals(List.of(expected, expected), walks);
    if (list != null) {
      assertEquals(expected, shown(list));
    }
    if (view instanceof Db db) {
      ColumnFamily family = db.defaultColumnFamily();
      assertEquals(list != null, family.containsKey(key));
      assertArrayEquals(list, family.multiGet(List.of(key)).get(0));
      assertEquals(list == null ? -1 : list.length, family.get(key, new byte[100]));
      if (list != null) {
        assertTrue(family.mayContain(key));
      }
    }
  }

  /**
   * Each key with its list, first walked forward, then backward, both with a turn at each entry.
   */
  private static List<String> walked(DbIterator cursor) {
    List<String> shown = new ArrayList<>();
    for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
      shown.add(text(cursor.key()) + "=" + shown(cursor.value()));
    }
    for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
      String here = text(cursor.key());
      shown.add(here + "=" + shown(cursor.value()));
      cursor.next();
      if (cursor.isValid()) {
        cursor.prev();
      } else {
        cursor.seekToLast();
      }
      assertEquals(here, text(cursor.key()));
    }
    return shown;
  }

  @Test
  void aBatchShowsEmptyListsAsTheStoreWillAfterTheWrite() {
    byte[] empty = ExpiringListAppend.encode(List.of(), NEVER);
    Seed.check(
        20,
        seed -> {
          Random random = new Random(seed);
          try (Db db = open(new MemFileSystem(), lists().build(), true)) {
            ColumnFamily family = db.defaultColumnFamily();
            for (int round = 0; round < 10; round++) {
              IndexedWriteBatch batch = new IndexedWriteBatch();
              for (int i = random.nextInt(12); i >= 0; i--) {
                byte[] key = key(random.nextInt(5));
                byte[] list =
                    random.nextInt(3) > 0
                        ? empty
                        : ExpiringListAppend.encode(bytes("e" + random.nextInt(10)), NEVER);
                switch (random.nextInt(4)) {
                  case 0 -> batch.put(family, key, list);
                  case 1 -> batch.delete(family, key);
                  default -> batch.merge(family, key, list);
                }
              }
              List<byte[]> lists = new ArrayList<>();
              List<String> walks;
              for (int i = 0; i < 5; i++) {
                lists.add(batch.get(family, key(i)));
              }
              try (DbIterator cursor = batch.iterate(family, ReadOptions.DEFAULT)) {
                walks = walked(cursor);
              }
              db.write(batch);
              for (int i = 0; i < 5; i++) {
                assertArrayEquals(db.get(key(i)), lists.get(i));
              }
              try (DbIterator cursor = db.iterate()) {
                assertEquals(walked(cursor), walks);
              }
            }
          }
        });
  }

  @Test
  void aBatchShowsElementsUntilItIsWritten() {
    try (Db db = open()) {
      ColumnFamily family = db.defaultColumnFamily();
      IndexedWriteBatch batch =
          new IndexedWriteBatch().merge(family, KEY, ExpiringListAppend.encode(bytes("a"), 1_010));
      clock.set(1_010);
      assertEquals("a", shown(batch.get(family, KEY)));
      db.write(batch);
      assertList("", db, KEY);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void elementsGoOneByOneWhereverTheyStand(boolean mapped) {
    ColumnFamilyOptions family = lists().build();
    try (Db db = open(family, mapped)) {
      add(db, KEY, "a", 1_010);
      add(db, KEY, "b", NEVER);
      add(db, KEY, "", 1_030);
      add(db, KEY, "d", 1_020);
      assertList("a b  d", db, KEY);
      clock.set(1_009);
      assertList("a b  d", db, KEY);
      clock.set(1_010);
      assertList("b  d", db, KEY);
    }
    try (Db db = open(family, mapped)) {
      assertList("b  d", db, KEY);
      db.flush();
      assertList("b  d", db, KEY);
      clock.set(1_020);
      assertList("b ", db, KEY);
      db.compact();
      assertList("b ", db, KEY);
      clock.set(1_030);
      assertList("b", db, KEY);
      add(db, KEY, "e", 1_040);
      assertList("b e", db, KEY);
    }
    try (Db db = open(family, mapped)) {
      clock.set(1_050);
      assertList("b", db, KEY);
    }
  }

  @Test
  void aListWithoutLivingElementsIsAbsentAndHidesWhatIsBelow() {
    for (int place = 0; place < 4; place++) {
      try (Db db = open()) {
        db.put(KEY, ExpiringListAppend.encode(bytes("older"), NEVER));
        db.compact();
        db.put(KEY, ExpiringListAppend.encode(bytes("a"), clock.get() + 10));
        if (place > 0) {
          add(db, KEY, "b", clock.get() + 10);
        }
        if (place > 1) {
          db.flush();
        }
        clock.addAndGet(10);
        assertList("", db, KEY);
        if (place > 2) {
          db.compact();
        }
        assertList("", db, KEY);
        assertNull(db.putIfAbsent(KEY, ExpiringListAppend.encode(bytes("c"), NEVER)));
        assertList("c", db, KEY);
      }
    }
  }

  @Test
  void compactionsGiveTheSpaceBackAndTheClockDoesNotGoBehindThem() {
    try (Db db = open()) {
      for (int i = 0; i < 500; i++) {
        db.put(key(i), ExpiringListAppend.encode(TestStores.value(i, 200), 1_010));
        add(db, key(i), "rest", i % 2 == 0 ? 1_010 : 2_000);
      }
      add(db, KEY, "late", 1_005);
      add(db, KEY, "later", 1_008);
      db.compact();
      long before = db.stats().tableBytes();
      clock.set(1_010);
      rewriteAll(db);
      assertTrue(db.stats().tableBytes() < before / 10, db.stats().tableBytes() + " of " + before);
      clock.set(1_000);
      assertList("", db, KEY);
      assertList("", db, key(2));
      assertList("rest", db, key(3));
      clock.set(2_000);
      rewriteAll(db);
      assertEquals(0, db.stats().tableBytes(), "nothing is left of any list");
    }
    clock.set(1_000);
    try (Db db = open()) {
      add(db, KEY, "dead", 1_900);
      assertList("", db, KEY);
    }
  }

  /** Writes something for all keys, so that a compaction has a reason to rewrite their tables. */
  private static void rewriteAll(Db db) {
    for (int i = 0; i < 500; i++) {
      add(db, key(i), "dead", 0);
    }
    db.delete(KEY);
    db.compact();
  }

  @Test
  void aClockThatJumpsForwardAndBackLosesNothingThatWasNotDropped() {
    try (Db db = open()) {
      add(db, KEY, "a", 1_010);
      add(db, KEY, "b", NEVER);
      clock.set(5_000);
      assertList("b", db, KEY);
      clock.set(1_005);
      assertList("a b", db, KEY);
      db.compact();
      clock.set(900);
      assertList("a b", db, KEY);
    }
  }

  @Test
  void whatIsDroppedWhileTheClockIsAheadTakesNothingAlong() {
    try (Db db = open()) {
      add(db, KEY, "far", 1_500);
      db.flush();
      db.put(key(1), ExpiringListAppend.encode(bytes("a"), 1_010));
      add(db, key(1), "b", 1_020);
      clock.set(5_000);
      db.flush();
      clock.set(1_000);
      assertList("", db, key(1));
      assertList("far", db, KEY);
      clock.set(1_499);
      assertList("far", db, KEY);
      clock.set(1_500);
      assertList("", db, KEY);
    }
  }

  @Test
  void snapshotsSeeNoExpiredElementsAndKeepTheOthers() {
    try (Db db = open()) {
      add(db, KEY, "a", 1_010);
      add(db, KEY, "b", NEVER);
      try (Snapshot snapshot = db.snapshot()) {
        add(db, KEY, "c", 1_020);
        db.flush();
        db.put(KEY, ExpiringListAppend.encode(bytes("new"), 1_015));
        assertList("a b", snapshot, KEY);
        clock.set(1_010);
        assertList("b", snapshot, KEY);
        db.compact();
        assertList("b", snapshot, KEY);
        assertList("new", db, KEY);
        clock.set(1_015);
        db.compact();
        assertList("b", snapshot, KEY);
        assertList("", db, KEY);
      }
    }
  }

  @Test
  void singleDeletesAndExpiringPutsKeepTheirMeaning() {
    ColumnFamilyOptions family = lists().build();
    try (Db db = open(family, true)) {
      ColumnFamily lists = db.defaultColumnFamily();
      db.put(KEY, ExpiringListAppend.encode(bytes("first"), NEVER));
      db.compact();
      lists.singleDelete(KEY, WriteOptions.BUFFERED);
      db.flush();
      db.put(KEY, ExpiringListAppend.encode(bytes("second"), 1_010));
      db.flush();
      clock.set(1_010);
      lists.compactAsync(null, null).join();
      assertList("", db, KEY);
      lists.put(
          KEY,
          ExpiringListAppend.encode(List.of(bytes("x"), bytes("y")), 1_020),
          WriteOptions.builder().timeToLive(Duration.ofMillis(5)).build());
      add(db, KEY, "z", NEVER);
      assertList("x y z", db, KEY);
      clock.set(1_015);
      assertList("z", db, KEY);
      db.compact();
      assertList("z", db, KEY);
    }
  }

  @Test
  void whatIsNoListIsRefusedOrLeftAsItIs() {
    try (Db db = open()) {
      byte[] plain = ListAppend.encode(new byte[7]);
      assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, plain));
      assertThrows(
          IllegalArgumentException.class, () -> ExpiringListAppend.encode(new byte[0], -1));
      add(db, key(1), "good", NEVER);
      db.put(KEY, plain);
      assertThrows(MergeException.class, () -> db.get(KEY));
      db.compact();
      db.compact();
      MergeException failure = assertThrows(MergeException.class, () -> db.get(KEY));
      assertTrue(failure.getMessage().contains("no expiry in the list element at byte 0"));
      assertList("good", db, key(1));
      db.put(KEY, ExpiringListAppend.encode(List.of(), NEVER));
      assertList("", db, KEY);
      db.merge(KEY, ExpiringListAppend.encode(List.of(), NEVER));
      assertList("", db, KEY);
    }
    assertThrows(InvalidOptionsException.class, () -> lists().countEntries(true).build());
  }

  @Test
  void listStatesAddElementsThatExpire() {
    try (Db db = open()) {
      KeyedFamily<Long> keyed = new KeyedFamily<>(db, db.defaultColumnFamily(), Serializers.LONG);
      ListState<Long, String> state = new ListState<>(keyed, Serializers.STRING);
      state.add(1L, "stays");
      state.add(1L, "goes", 1_010);
      state.addAll(1L, List.of("x", "y"), 1_020);
      state.addAll(2L, List.of(), 1_020);
      assertEquals(List.of("stays", "goes", "x", "y"), state.get(1L));
      clock.set(1_010);
      assertEquals(List.of("y", "x"), state.newest(1L, 2));
      clock.set(1_020);
      assertEquals(List.of("stays"), state.get(1L));
      state.set(1L, List.of("new"));
      clock.set(1_000_000);
      assertEquals(List.of("new"), state.get(1L));
      assertEquals(List.of(), state.get(2L));
      assertThrows(IllegalArgumentException.class, () -> state.add(1L, "never", -1));
    }
  }

  @Test
  void plainListStatesRefuseElementsThatExpire() {
    try (Db db =
        TestStores.open(
            fs,
            DbOptions.builder()
                .defaultFamilyOptions(
                    TestStores.tinyFamily().mergeOperator(ListAppend.OPERATOR).build())
                .build())) {
      ListState<Long, String> state =
          new ListState<>(
              new KeyedFamily<>(db, db.defaultColumnFamily(), Serializers.LONG),
              Serializers.STRING);
      assertThrows(InvalidOptionsException.class, () -> state.add(1L, "a", NEVER));
      assertFalse(db.containsKey(Serializers.LONG.toBytes(1L)));
    }
  }

  // ---- Against a model

  private record Element(String text, long expiresAt) {}

  /** A run of random operations; the clock moves forward only. */
  private final class Run {
    final Random random;
    final NavigableMap<Integer, List<Element>> model = new TreeMap<>();
    final MemFileSystem disk = new MemFileSystem();
    Db db;

    Run(long seed) {
      random = new Random(seed);
    }

    void open() {
      db =
          TestStores.open(
              disk,
              TestStores.randomOptions(
                  random, ExpiringListAppend.OPERATOR, clock::get, false, null));
    }

    void step() {
      int number = random.nextInt(40);
      byte[] key = key(number);
      switch (random.nextInt(24)) {
        case 0 -> {
          db.delete(key);
          model.remove(number);
        }
        case 1 -> {
          int to = number + random.nextInt(6);
          db.deleteRange(key, key(to));
          model.subMap(number, to).clear();
        }
        case 2 -> {
          Element element = element();
          db.put(key, encoded(element));
          model.put(number, new ArrayList<>(List.of(element)));
        }
        case 3 -> clock.addAndGet(random.nextInt(30));
        case 4 -> db.flush();
        case 5 -> compactSeldom();
        case 6 -> assertList(expected(model.get(number)), db, key);
        default -> {
          Element element = element();
          db.merge(key, encoded(element));
          model.computeIfAbsent(number, n -> new ArrayList<>()).add(element);
        }
      }
    }

    private void compactSeldom() {
      if (random.nextInt(4) == 0) {
        db.compact();
      }
    }

    private Element element() {
      long expiresAt = random.nextInt(4) == 0 ? NEVER : clock.get() + random.nextInt(200);
      return new Element("e".repeat(random.nextInt(200)) + random.nextInt(100), expiresAt);
    }

    private byte[] encoded(Element element) {
      return ExpiringListAppend.encode(bytes(element.text), element.expiresAt);
    }

    private String expected(List<Element> list) {
      return list == null
          ? ""
          : String.join(
              " ",
              list.stream().filter(e -> e.expiresAt > clock.get()).map(Element::text).toList());
    }

    NavigableMap<Integer, List<Element>> copy() {
      NavigableMap<Integer, List<Element>> copy = new TreeMap<>();
      model.forEach((number, list) -> copy.put(number, List.copyOf(list)));
      return copy;
    }

    void check(ReadView view, NavigableMap<Integer, List<Element>> lists) {
      List<String> all = new ArrayList<>();
      lists.forEach(
          (number, list) -> {
            String expected = expected(list);
            byte[] found = view.get(key(number));
            assertEquals(expected, found == null ? "" : shown(found));
            if (!expected.isEmpty()) {
              all.add(text(key(number)) + expected);
            }
          });
      List<String> forward = new ArrayList<>();
      List<String> backward = new ArrayList<>();
      try (DbIterator cursor = view.iterate()) {
        for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
          forward.add(text(cursor.key()) + shown(cursor.value()));
        }
        for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
          backward.add(0, text(cursor.key()) + shown(cursor.value()));
        }
      }
      assertEquals(all, forward);
      assertEquals(all, backward);
    }
  }

  @Test
  void listsReadAsTheModelSays() {
    Seed.check(
        12,
        seed -> {
          Run run = new Run(seed);
          for (int session = 0; session < 3; session++) {
            run.open();
            for (int i = 0; i < 6; i++) {
              try (Snapshot snapshot = run.db.snapshot()) {
                NavigableMap<Integer, List<Element>> then = run.copy();
                for (int k = 0; k < 120; k++) {
                  run.step();
                }
                run.check(run.db, run.model);
                run.check(snapshot, then);
              }
            }
            run.db.close();
          }
        });
  }
}
