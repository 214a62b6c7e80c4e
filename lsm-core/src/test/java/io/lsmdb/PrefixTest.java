package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Scans of prefixes, and the filters that spare them tables. */
class PrefixTest {
  private static final int FILES = 12;

  private final MemFileSystem fs = new MemFileSystem();

  private static ColumnFamilyOptions.Builder family() {
    return TestStores.tinyFamily()
        .level0FileNumCompactionTrigger(1000)
        .level0SlowdownWritesTrigger(1000)
        .level0StopWritesTrigger(1000);
  }

  private Db open(ColumnFamilyOptions.Builder family) {
    return TestStores.open(fs, DbOptions.builder().defaultFamilyOptions(family.build()).build());
  }

  /** Files of level 0 that span all keys; file i holds the prefix "p<i>". */
  private static void fill(Db db) {
    for (int i = 0; i < FILES; i++) {
      db.put(bytes("a"), bytes("first"));
      db.put(bytes("z"), bytes("last"));
      for (int k = 0; k < 20; k++) {
        db.put(bytes(prefix(i) + k), bytes("v" + k));
      }
      db.flush();
    }
  }

  private static String prefix(int i) {
    return String.format("p%02d/", i);
  }

  private static List<String> scan(ReadView view, String prefix, boolean forward) {
    List<String> keys = new ArrayList<>();
    try (DbIterator it = view.iterate(ReadOptions.prefix(bytes(prefix)))) {
      if (forward) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          keys.add(text(it.key()));
        }
      } else {
        for (it.seekToLast(); it.isValid(); it.prev()) {
          keys.add(text(it.key()));
        }
      }
    }
    return keys;
  }

  /** Blocks that a scan has asked for: one for each filter, two or more for each table read. */
  private static long blocksOf(Db db, String prefix) {
    DbStats before = db.stats();
    scan(db, prefix, true);
    DbStats after = db.stats();
    return after.blockCacheHits()
        + after.blockCacheMisses()
        - before.blockCacheHits()
        - before.blockCacheMisses();
  }

  @Test
  void scanAsksOnlyTheFiltersOfTablesWithoutThePrefix() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
      assertEquals(FILES, blocksOf(db, "p55/"));
      assertEquals(List.of(), scan(db, "p55/", true));
      assertEquals(List.of(), scan(db, "p55/", false));
      long present = blocksOf(db, prefix(3));
      assertTrue(present > FILES && present < FILES + 8, present + " blocks");
      assertTrue(blocksOf(db, "p0") >= 2 * FILES, "a shorter prefix asks no filter");
    }
  }

  @Test
  void scanOfDeeperLevelsSkipsTablesToo() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
      db.compact();
      assertEquals(1, blocksOf(db, "p55/"));
      List<String> expected = new ArrayList<>();
      for (int k = 0; k < 20; k++) {
        expected.add(prefix(3) + k);
      }
      Collections.sort(expected);
      assertEquals(expected, scan(db, prefix(3), true));
      Collections.reverse(expected);
      assertEquals(expected, scan(db, prefix(3), false));
    }
  }

  @Test
  void withoutPrefixLengthScansReadEveryTable() {
    try (Db db = open(family())) {
      fill(db);
      assertTrue(blocksOf(db, "p55/") >= 2 * FILES);
    }
  }

  @Test
  void rangesWithinOnePrefixSkipTablesToo() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
      DbStats before = db.stats();
      ReadOptions within = ReadOptions.range(bytes("p55/3"), bytes("p55/7"));
      try (DbIterator it = db.iterate(within)) {
        it.seekToFirst();
        assertFalse(it.isValid());
      }
      DbStats after = db.stats();
      assertEquals(
          FILES,
          after.blockCacheHits()
              + after.blockCacheMisses()
              - before.blockCacheHits()
              - before.blockCacheMisses());
    }
  }

  @Test
  void scanStopsAtThePrefixAndSeeksStayInside() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
      try (DbIterator it = db.iterate(ReadOptions.prefix(bytes(prefix(3))))) {
        it.seek(bytes("a"));
        assertEquals(prefix(3) + "0", text(it.key()));
        it.seek(bytes(prefix(3) + "15"));
        assertEquals(prefix(3) + "15", text(it.key()));
        it.seek(bytes(prefix(4)));
        assertFalse(it.isValid());
        it.seekForPrev(bytes("z"));
        assertEquals(prefix(3) + "9", text(it.key()));
        it.next();
        assertFalse(it.isValid());
        it.seekForPrev(bytes(prefix(3) + "155"));
        assertEquals(prefix(3) + "15", text(it.key()));
        it.prev();
        assertEquals(prefix(3) + "14", text(it.key()));
        it.seekForPrev(bytes(prefix(2)));
        assertFalse(it.isValid());
      }
    }
  }

  @Test
  void tombstonesAreNotSkipped() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
      for (int k = 0; k < 20; k++) {
        db.delete(bytes(prefix(3) + k));
      }
      db.flush();
      assertEquals(List.of(), scan(db, prefix(3), true));
      assertEquals(List.of(), scan(db, prefix(3), false));
      assertEquals(20, scan(db, prefix(2), true).size());
    }
  }

  @Test
  void keysShorterThanThePrefixAreFound() {
    for (boolean wholeKeys : new boolean[] {true, false}) {
      try (Db db = open(family().prefixLength(4).filterWholeKeys(wholeKeys))) {
        db.put(new byte[0], bytes("empty"));
        db.put(bytes("p0"), bytes("short"));
        db.put(bytes("p00/"), bytes("exact"));
        db.put(bytes("p00/1"), bytes("long"));
        db.flush();
        assertEquals("empty", text(db.get(new byte[0])));
        assertEquals("short", text(db.get(bytes("p0"))));
        assertEquals(List.of("p0", "p00/", "p00/1"), scan(db, "p0", true));
        assertEquals(List.of("p00/", "p00/1"), scan(db, "p00/", true));
        assertEquals(4, scan(db, "", true).size());
      }
    }
  }

  @Test
  void prefixesOfTheLargestBytesHaveNoEnd() {
    try (Db db = open(family().prefixLength(2))) {
      byte[] key = {-1, -1, 7};
      db.put(new byte[] {-1}, bytes("shorter"));
      db.put(key, bytes("v"));
      db.put(new byte[] {-1, 5, -1}, bytes("lower"));
      db.flush();
      for (byte[] prefix : List.of(new byte[] {-1, -1}, key)) {
        try (DbIterator it = db.iterate(ReadOptions.prefix(prefix))) {
          it.seekToFirst();
          assertArrayEquals(key, it.key());
          it.next();
          assertFalse(it.isValid());
        }
      }
    }
  }

  @Test
  void filtersWithoutWholeKeysLeaveGetsRight() {
    try (Db db = open(family().prefixLength(4).filterWholeKeys(false))) {
      fill(db);
      for (int i = 0; i < FILES; i++) {
        assertEquals("v7", text(db.get(bytes(prefix(i) + 7))));
        assertNull(db.get(bytes(prefix(i) + 77)));
        assertNull(db.get(bytes("p55/" + i)));
      }
      assertEquals("last", text(db.get(bytes("z"))));
      assertEquals(FILES, blocksOf(db, "p55/"));
    }
  }

  @Test
  void lastLevelWithoutFiltersIsReadAndOthersAreAsked() {
    try (Db db = open(family().prefixLength(4).filterLastLevel(false))) {
      fill(db);
      assertEquals(FILES, blocksOf(db, "p55/"), "level 0 keeps its filters");
      db.compact();
      assertTrue(blocksOf(db, "p55/") >= 2, "index and data instead of a filter");
      assertEquals(20, scan(db, prefix(3), true).size());
      assertEquals("v7", text(db.get(bytes(prefix(3) + 7))));
      assertNull(db.get(bytes(prefix(3) + 77)));
    }
  }

  @Test
  void lengthMayChangeFromOneOpenToTheNext() {
    try (Db db = open(family().prefixLength(4))) {
      fill(db);
    }
    for (int length : new int[] {2, 0, 6, 4}) {
      try (Db db = open(family().prefixLength(length))) {
        db.put(bytes("p03/new" + length), bytes("v"));
        db.flush();
        assertTrue(scan(db, prefix(3), true).contains("p03/new" + length));
        assertEquals(List.of(), scan(db, "p55/xx", true));
        assertEquals(List.of("p05/7"), scan(db, "p05/7", false));
      }
    }
    try (Db db = open(family().prefixLength(4))) {
      db.compact();
      assertEquals(1, blocksOf(db, "p55/"));
      assertEquals(24, scan(db, prefix(3), true).size());
    }
  }

  @Test
  void contradictoryOptionsAreRefused() {
    ColumnFamilyOptions.Builder noFilter =
        ColumnFamilyOptions.builder().prefixLength(4).bloomBitsPerKey(0);
    assertThrows(InvalidOptionsException.class, noFilter::build);
    ColumnFamilyOptions.Builder nothing = ColumnFamilyOptions.builder().filterWholeKeys(false);
    assertThrows(InvalidOptionsException.class, nothing::build);
    for (int length : new int[] {-1, 65_537}) {
      ColumnFamilyOptions.Builder wrong = ColumnFamilyOptions.builder().prefixLength(length);
      assertThrows(InvalidOptionsException.class, wrong::build);
    }
  }

  /** Random keys of few bytes and lengths, so that prefixes are shared, nested and cut short. */
  @Test
  void noScanMissesAKey() {
    Seed.check(
        3,
        seed -> {
          Random random = new Random(seed);
          MemFileSystem disk = new MemFileSystem();
          NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
          for (int opening = 0; opening < 4; opening++) {
            ColumnFamilyOptions.Builder family =
                TestStores.tinyFamily()
                    .prefixLength(1 + random.nextInt(4))
                    .filterWholeKeys(random.nextBoolean())
                    .filterLastLevel(random.nextBoolean());
            DbOptions options = DbOptions.builder().defaultFamilyOptions(family.build()).build();
            try (Db db = TestStores.open(disk, options)) {
              for (int i = 0; i < 600; i++) {
                change(db, random, model);
              }
              for (int i = 0; i < 400; i++) {
                checkScan(db, random, model);
              }
            }
          }
        });
  }

  private static void change(Db db, Random random, NavigableMap<byte[], byte[]> model) {
    byte[] key = anyKey(random);
    if (random.nextInt(4) == 0) {
      db.delete(key);
      model.remove(key);
    } else {
      byte[] value = TestStores.value(random.nextLong(), 40);
      db.put(key, value);
      model.put(key, value);
    }
    if (random.nextInt(60) == 0) {
      db.flush();
    } else if (random.nextInt(300) == 0) {
      db.compact();
    }
  }

  private static void checkScan(Db db, Random random, NavigableMap<byte[], byte[]> model) {
    byte[] prefix = anyKey(random);
    List<String> expected = new ArrayList<>();
    for (byte[] key : model.tailMap(prefix, true).keySet()) {
      if (key.length >= prefix.length
          && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)) {
        expected.add(ModelDb.show(key));
      }
    }
    List<String> found = new ArrayList<>();
    try (DbIterator it = db.iterate(ReadOptions.prefix(prefix))) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        found.add(ModelDb.show(it.key()));
      }
      assertEquals(expected, found, () -> ModelDb.show(prefix));
      found.clear();
      for (it.seekToLast(); it.isValid(); it.prev()) {
        found.add(0, ModelDb.show(it.key()));
      }
      assertEquals(expected, found, () -> ModelDb.show(prefix));
    }
    assertArrayEquals(model.get(prefix), db.get(prefix));
  }

  private static byte[] anyKey(Random random) {
    byte[] key = new byte[random.nextInt(7)];
    for (int i = 0; i < key.length; i++) {
      key[i] = new byte[] {0, 1, 'a', -2, -1}[random.nextInt(5)];
    }
    return key;
  }
}
