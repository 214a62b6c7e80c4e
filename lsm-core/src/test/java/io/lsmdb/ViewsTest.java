package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.Aggregate;
import io.lsmdb.operators.ExpiringListAppend;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.state.AggregatingState;
import io.lsmdb.state.KeyGroups;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.ListState;
import io.lsmdb.state.MapState;
import io.lsmdb.state.Serializer;
import io.lsmdb.state.Serializers;
import io.lsmdb.state.ValueState;
import io.lsmdb.testing.MemFileSystem;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Typed views of state. */
class ViewsTest {
  private static final List<byte[]> HOSTILE =
      List.of(
          new byte[0],
          new byte[] {0},
          new byte[] {0, 0},
          new byte[] {0, 1},
          new byte[] {0, 1, 0},
          new byte[] {1},
          new byte[] {(byte) 0xFF},
          new byte[] {(byte) 0xFF, (byte) 0xFF},
          new byte[] {(byte) 0xFF, 0});

  private final MemFileSystem fs = new MemFileSystem();
  private Db db;

  @BeforeEach
  void open() {
    Map<String, ColumnFamilyOptions> families =
        Map.of(
            "list", with(ListAppend.OPERATOR),
            "expiring", with(ExpiringListAppend.OPERATOR),
            "sum", with(LongOperator.SUM),
            "aggregate", with(Aggregate.OPERATOR));
    db = TestStores.open(fs, TestStores.tinyOptions().familyOptions(families).build());
  }

  private static ColumnFamilyOptions with(MergeOperator operator) {
    return TestStores.tinyFamily().mergeOperator(operator).build();
  }

  @AfterEach
  void close() {
    db.close();
  }

  private void reopen() {
    db.close();
    open();
  }

  private ColumnFamily family(String name) {
    return db.columnFamily(name).orElseGet(() -> db.createColumnFamily(name));
  }

  private <K> KeyedFamily<K> keyed(String name, Serializer<K> keys, KeyGroups groups) {
    return new KeyedFamily<>(db, family(name), keys, groups, WriteOptions.BUFFERED);
  }

  private static List<KeyGroups> allGroups() {
    return List.of(KeyGroups.NONE, KeyGroups.of(1), KeyGroups.of(256), KeyGroups.of(65_536));
  }

  @Test
  void valuesOfHostileKeysStayApart() {
    int run = 0;
    for (KeyGroups groups : allGroups()) {
      String name = "values" + run++;
      for (int opened = 0; opened < 2; opened++) {
        ValueState<byte[], byte[]> state =
            new ValueState<>(keyed(name, Serializers.BYTES, groups), Serializers.BYTES);
        for (byte[] key : HOSTILE) {
          if (opened == 0) {
            assertNull(state.get(key));
            state.put(key, key);
          }
        }
        for (byte[] key : HOSTILE) {
          assertArrayEquals(key, state.get(key));
        }
        reopen();
      }
      ValueState<byte[], byte[]> state =
          new ValueState<>(keyed(name, Serializers.BYTES, groups), Serializers.BYTES);
      try (Snapshot snapshot = db.snapshot()) {
        state.clear(HOSTILE.get(1));
        assertNull(state.get(HOSTILE.get(1)));
        assertArrayEquals(HOSTILE.get(1), state.get(snapshot, HOSTILE.get(1)));
        assertArrayEquals(HOSTILE.get(2), state.get(HOSTILE.get(2)));
      }
    }
  }

  @Test
  void mapsOfHostileKeysShowTheirOwnEntriesOnly() {
    int run = 0;
    for (KeyGroups groups : allGroups()) {
      String name = "maps" + run++;
      MapState<byte[], byte[], byte[]> state =
          new MapState<>(
              keyed(name, Serializers.BYTES, groups), Serializers.BYTES, Serializers.BYTES);
      for (byte[] key : HOSTILE) {
        for (byte[] mapKey : HOSTILE) {
          state.put(key, mapKey, value(key, mapKey));
        }
      }
      reopen();
      state =
          new MapState<>(
              keyed(name, Serializers.BYTES, groups), Serializers.BYTES, Serializers.BYTES);
      TreeSet<byte[]> sorted = new TreeSet<>(Arrays::compareUnsigned);
      sorted.addAll(HOSTILE);
      byte[] cleared = HOSTILE.get(1);
      try (Snapshot snapshot = db.snapshot()) {
        state.clear(cleared);
        state.remove(HOSTILE.get(0), HOSTILE.get(0));
        assertFalse(state.contains(HOSTILE.get(0), HOSTILE.get(0)));
        for (byte[] key : HOSTILE) {
          assertEntries(state, snapshot, key, List.copyOf(sorted));
          List<byte[]> left = List.copyOf(sorted);
          if (key == cleared) {
            left = List.of();
          } else if (key == HOSTILE.get(0)) {
            left = left.subList(1, left.size());
          }
          assertEntries(state, null, key, left);
        }
      }
    }
  }

  private static byte[] value(byte[] key, byte[] mapKey) {
    return TestStores.bytes(Arrays.toString(key) + Arrays.toString(mapKey));
  }

  private static void assertEntries(
      MapState<byte[], byte[], byte[]> state, Snapshot snapshot, byte[] key, List<byte[]> mapKeys) {
    try (Stream<Map.Entry<byte[], byte[]>> entries =
        snapshot == null ? state.entries(key) : state.entries(snapshot, key)) {
      List<Map.Entry<byte[], byte[]>> list = entries.toList();
      assertEquals(mapKeys.size(), list.size());
      for (int i = 0; i < list.size(); i++) {
        assertArrayEquals(mapKeys.get(i), list.get(i).getKey());
        assertArrayEquals(value(key, mapKeys.get(i)), list.get(i).getValue());
        byte[] mapKey = mapKeys.get(i);
        assertArrayEquals(
            value(key, mapKey),
            snapshot == null ? state.get(key, mapKey) : state.get(snapshot, key, mapKey));
      }
    }
  }

  @Test
  void mapsIterateNumbersInTheirOrder() {
    MapState<Long, Integer, String> state =
        new MapState<>(
            keyed("numbers", Serializers.LONG, KeyGroups.of(128)),
            Serializers.INT,
            Serializers.STRING);
    List<Integer> numbers = List.of(Integer.MIN_VALUE, -256, -1, 0, 1, 255, Integer.MAX_VALUE);
    for (long key : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      for (int number : numbers) {
        state.put(key, number, "é" + number);
      }
    }
    try (Stream<Map.Entry<Integer, String>> entries = state.entries(-1L)) {
      List<Map.Entry<Integer, String>> list = entries.toList();
      assertEquals(numbers, list.stream().map(Map.Entry::getKey).toList());
      assertEquals("é-256", list.get(1).getValue());
    }
    assertEquals(1 + 8 + 4, state.storedKey(0L, 0).length, "a fixed key needs no length");
  }

  @Test
  void listsGrowAndAreReadFromEitherEnd() {
    ListState<String, byte[]> state =
        new ListState<>(keyed("list", Serializers.STRING, KeyGroups.of(300)), Serializers.BYTES);
    assertEquals(List.of(), state.get("anna"));
    for (byte[] element : HOSTILE) {
      state.add("anna", element);
    }
    try (Snapshot snapshot = db.snapshot()) {
      state.addAll("anna", List.of(new byte[300], new byte[0]));
      state.addAll("bert", List.of());
      assertList(state.get(snapshot, "anna"), HOSTILE);
    }
    reopen();
    state =
        new ListState<>(keyed("list", Serializers.STRING, KeyGroups.of(300)), Serializers.BYTES);
    assertEquals(HOSTILE.size() + 2, state.get("anna").size());
    assertList(state.newest("anna", 2), List.of(new byte[0], new byte[300]));
    assertEquals(0, state.newest("anna", 0).size());
    state.set("anna", List.of(new byte[] {7}));
    assertList(state.get("anna"), List.of(new byte[] {7}));
    state.set("anna", List.of());
    assertEquals(List.of(), state.get("anna"));
    assertEquals(List.of(), state.get("bert"));
  }

  private static void assertList(List<byte[]> found, List<byte[]> expected) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i));
    }
  }

  @Test
  void aggregatesAddUp() {
    AggregatingState<Long, Long, Long> sums =
        AggregatingState.ofLongs(keyed("sum", Serializers.LONG, KeyGroups.NONE), LongOperator.SUM);
    AggregatingState<Long, Long, Aggregate> all =
        AggregatingState.ofAggregates(keyed("aggregate", Serializers.LONG, KeyGroups.of(2)));
    assertNull(sums.get(1L));
    assertNull(all.get(1L));
    for (long number : new long[] {5, -3, 10}) {
      sums.add(1L, number);
      all.add(1L, number);
      sums.add(2L, 1L);
    }
    db.flush();
    assertEquals(12L, sums.get(1L).longValue());
    assertEquals(3L, sums.get(2L).longValue());
    assertEquals(new Aggregate(3, 12, -3, 10), all.get(1L));
    sums.clear(1L);
    sums.add(1L, 4L);
    assertEquals(4L, sums.get(1L).longValue());
  }

  @Test
  void viewsRefuseFamiliesWithoutTheirOperator() {
    KeyedFamily<Long> plain = keyed("plain", Serializers.LONG, KeyGroups.NONE);
    KeyedFamily<Long> sum = keyed("sum", Serializers.LONG, KeyGroups.NONE);
    InvalidOptionsException none =
        assertThrows(InvalidOptionsException.class, () -> new ListState<>(plain, Serializers.LONG));
    assertTrue(none.getMessage().contains(ListAppend.OPERATOR.name()), none.getMessage());
    assertTrue(none.getMessage().contains("plain"), none.getMessage());
    assertThrows(InvalidOptionsException.class, () -> new ListState<>(sum, Serializers.LONG));
    assertThrows(InvalidOptionsException.class, () -> AggregatingState.ofAggregates(sum));
    assertThrows(
        InvalidOptionsException.class, () -> AggregatingState.ofLongs(sum, LongOperator.MAX));
  }

  @Test
  void valuesAndMapsRefuseOperatorsWithExpiringParts() {
    KeyedFamily<Long> expiring = keyed("expiring", Serializers.LONG, KeyGroups.NONE);
    InvalidOptionsException value =
        assertThrows(
            InvalidOptionsException.class, () -> new ValueState<>(expiring, Serializers.LONG));
    assertTrue(value.getMessage().startsWith("a ValueState cannot"), value.getMessage());
    assertTrue(value.getMessage().contains("family expiring"), value.getMessage());
    assertTrue(value.getMessage().contains(ExpiringListAppend.OPERATOR.name()));
    InvalidOptionsException map =
        assertThrows(
            InvalidOptionsException.class,
            () -> new MapState<>(expiring, Serializers.LONG, Serializers.LONG));
    assertTrue(map.getMessage().startsWith("a MapState cannot"), map.getMessage());
    // Other operators leave values alone that were put.
    KeyedFamily<Long> list = keyed("list", Serializers.LONG, KeyGroups.NONE);
    ValueState<Long, byte[]> values = new ValueState<>(list, Serializers.BYTES);
    values.put(1L, new byte[3]);
    family("list").compact(null, null);
    assertArrayEquals(new byte[3], values.get(1L));
  }

  @Test
  void keyGroupsAreStableAndChecked() {
    KeyedFamily<String> state = keyed("groups", Serializers.STRING, KeyGroups.of(128));
    // FNV-1a of 32 bits: "" 811c9dc5, "a" e40c292c, "foobar" bf9cf968
    assertArrayEquals(new byte[] {0x45}, state.storedKey(""));
    assertArrayEquals(new byte[] {0x2C, 'a'}, state.storedKey("a"));
    assertEquals(0x68, state.storedKey("foobar")[0]);
    KeyedFamily<String> two = keyed("two", Serializers.STRING, KeyGroups.of(65_536));
    assertArrayEquals(new byte[] {0x29, 0x2C, 'a'}, two.storedKey("a"));
    KeyedFamily<String> wrong = keyed("wrong", Serializers.STRING, KeyGroups.of(4, key -> 4));
    assertThrows(IllegalArgumentException.class, () -> wrong.storedKey("a"));
    assertThrows(IllegalArgumentException.class, () -> KeyGroups.of(0));
    assertThrows(IllegalArgumentException.class, () -> KeyGroups.of(65_537));
  }

  @Test
  void refusesWhatCannotBeTold() {
    assertThrows(
        IllegalArgumentException.class, () -> Serializers.STRING.toBytes("\uD800"), "half a pair");
    KeyedFamily<byte[]> state = keyed("long", Serializers.BYTES, KeyGroups.NONE);
    assertThrows(IllegalArgumentException.class, () -> state.mapPrefix(new byte[65_536]));
    assertEquals(2 + 65_535, state.mapPrefix(new byte[65_535]).length);
    ValueState<byte[], Long> values = new ValueState<>(state, Serializers.LONG);
    family("long").put(state.storedKey(new byte[1]), new byte[3]);
    assertThrows(IllegalArgumentException.class, () -> values.get(new byte[1]));
  }
}
