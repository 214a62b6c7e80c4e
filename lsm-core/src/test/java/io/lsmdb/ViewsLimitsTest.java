package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.Aggregate;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.state.AggregatingState;
import io.lsmdb.state.KeyGroups;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.ListState;
import io.lsmdb.state.MapState;
import io.lsmdb.state.Serializers;
import io.lsmdb.state.ValueState;
import io.lsmdb.testing.MemFileSystem;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Typed views at their limits: key lengths, expiry, nulls, closed stores. */
class ViewsLimitsTest {
  private static final List<KeyGroups> GROUPS =
      List.of(KeyGroups.NONE, KeyGroups.of(1), KeyGroups.of(256), KeyGroups.of(65_536));

  private final AtomicLong now = new AtomicLong(1_000);
  private final Db db =
      TestStores.open(
          new MemFileSystem(),
          TestStores.tinyOptions()
              .timeSource(now::get)
              .familyOptions(
                  Map.of(
                      "list", TestStores.tinyFamily().mergeOperator(ListAppend.OPERATOR).build(),
                      "sum", TestStores.tinyFamily().mergeOperator(Aggregate.OPERATOR).build(),
                      "ttl", TestStores.tinyFamily().timeToLive(Duration.ofMillis(100)).build()))
              .build());

  @AfterEach
  void close() {
    db.close();
  }

  private KeyedFamily<byte[]> keyed(String name, KeyGroups groups) {
    ColumnFamily family = db.columnFamily(name).orElseGet(() -> db.createColumnFamily(name));
    return new KeyedFamily<>(db, family, Serializers.BYTES, groups, WriteOptions.BUFFERED);
  }

  private static byte[] filled(int length) {
    byte[] key = new byte[length];
    Arrays.fill(key, (byte) 0xFF);
    return key;
  }

  @Test
  void valuesListsAndAggregatesTakeKeysUpToTheStoresLimitWithTheirGroup() {
    for (KeyGroups groups : GROUPS) {
      int longest = WriteBatch.MAX_KEY_LENGTH - groups.prefixLength();
      ValueState<byte[], Long> values = new ValueState<>(keyed("value", groups), Serializers.LONG);
      ListState<byte[], Long> lists = new ListState<>(keyed("list", groups), Serializers.LONG);
      AggregatingState<byte[], Long, Aggregate> sums =
          AggregatingState.ofAggregates(keyed("sum", groups));
      for (byte[] key : List.of(filled(0), filled(longest))) {
        values.put(key, 7L);
        lists.add(key, 8L);
        sums.add(key, 9L);
        db.flush();
        assertEquals(7L, values.get(key).longValue());
        assertEquals(List.of(8L), lists.get(key));
        assertEquals(Aggregate.of(9), sums.get(key));
        values.clear(key);
        lists.clear(key);
        sums.clear(key);
        assertNull(values.get(key));
        assertEquals(List.of(), lists.get(key));
        assertNull(sums.get(key));
      }
      byte[] tooLong = filled(longest + 1);
      assertThrows(IllegalArgumentException.class, () -> values.put(tooLong, 1L));
      assertThrows(IllegalArgumentException.class, () -> lists.add(tooLong, 1L));
      assertThrows(IllegalArgumentException.class, () -> sums.add(tooLong, 1L));
    }
  }

  @Test
  void mapsTakeKeysUpToTheStoresLimitWithTheirPrefix() {
    for (KeyGroups groups : GROUPS) {
      MapState<byte[], byte[], Long> maps =
          new MapState<>(keyed("map", groups), Serializers.BYTES, Serializers.LONG);
      int room = WriteBatch.MAX_KEY_LENGTH - groups.prefixLength() - Short.BYTES;
      for (int length : new int[] {0, room}) {
        byte[] key = filled(length);
        byte[] longest = filled(room - length);
        maps.put(key, longest, 1L);
        maps.put(key, filled(0), 2L);
        db.flush();
        assertEquals(length == room ? 2L : 1L, maps.get(key, longest).longValue());
        assertThrows(
            IllegalArgumentException.class, () -> maps.put(key, filled(room - length + 1), 1L));
        maps.clear(key);
        assertFalse(maps.contains(key, longest));
        assertFalse(maps.contains(key, filled(0)));
      }
    }
  }

  @Test
  void valuesAndMapEntriesExpireWithTheirFamily() {
    for (KeyGroups groups : GROUPS) {
      ValueState<byte[], Long> values = new ValueState<>(keyed("ttl", groups), Serializers.LONG);
      byte[] key = {1};
      values.put(key, 5L);
      now.addAndGet(99);
      assertEquals(5L, values.get(key).longValue());
      now.addAndGet(1);
      assertNull(values.get(key));
    }
  }

  @Test
  void entriesOfAMapExpireOneByOne() {
    MapState<byte[], Long, Long> map =
        new MapState<>(keyed("ttl", KeyGroups.of(256)), Serializers.LONG, Serializers.LONG);
    byte[] key = {1};
    map.put(key, 1L, 10L);
    now.addAndGet(60);
    map.put(key, 2L, 20L);
    now.addAndGet(60);
    assertFalse(map.contains(key, 1L));
    try (Stream<Map.Entry<Long, Long>> entries = map.entries(key)) {
      assertEquals(List.of(Map.entry(2L, 20L)), entries.toList());
    }
    map.clear(key);
    assertFalse(map.contains(key, 2L));
  }

  @Test
  void nullsAreRefusedByTheNameOfTheArgument() {
    KeyedFamily<byte[]> plain = keyed("value", KeyGroups.NONE);
    ValueState<byte[], Long> values = new ValueState<>(plain, Serializers.LONG);
    MapState<byte[], Long, Long> map = new MapState<>(plain, Serializers.LONG, Serializers.LONG);
    ListState<byte[], Long> list = new ListState<>(keyed("list", KeyGroups.NONE), Serializers.LONG);
    KeyedFamily<byte[]> sum = keyed("sum", KeyGroups.NONE);
    AggregatingState<byte[], Long, Aggregate> sums = AggregatingState.ofAggregates(sum);
    byte[] key = {1};
    assertNamed("key", () -> values.get(null));
    assertNamed("snapshot", () -> values.get(null, key));
    assertNamed("value", () -> values.put(key, null));
    assertNamed("key", () -> map.clear(null));
    assertNamed("mapKey", () -> map.remove(key, null));
    assertNamed("value", () -> map.put(key, 1L, null));
    assertNamed("snapshot", () -> map.entries(null, key));
    assertNamed("element", () -> list.add(key, null));
    assertNamed("element", () -> list.set(key, Collections.singletonList(null)));
    assertNamed("added", () -> list.addAll(key, null));
    assertNamed("list", () -> list.set(key, null));
    assertNamed("snapshot", () -> list.get(null, key));
    assertNamed("added", () -> sums.add(key, null));
    assertNamed("snapshot", () -> sums.get(null, key));
    assertNamed("operator", () -> AggregatingState.ofLongs(sum, null));
    assertNamed("state", () -> new ValueState<byte[], Long>(null, Serializers.LONG));
    assertNamed("values", () -> new ValueState<byte[], Long>(plain, null));
    assertNamed("db", () -> new KeyedFamily<>(null, plain(), Serializers.LONG));
    assertNamed("family", () -> new KeyedFamily<>(db, null, Serializers.LONG));
  }

  private ColumnFamily plain() {
    return db.columnFamily("value").orElseThrow();
  }

  private static void assertNamed(String argument, Executable call) {
    assertEquals(argument, assertThrows(NullPointerException.class, call).getMessage());
  }

  @Test
  void viewsOfAClosedStoreSaySo() {
    ValueState<byte[], Long> values =
        new ValueState<>(keyed("value", KeyGroups.NONE), Serializers.LONG);
    MapState<byte[], Long, Long> map =
        new MapState<>(keyed("map", KeyGroups.of(2)), Serializers.LONG, Serializers.LONG);
    ListState<byte[], Long> list = new ListState<>(keyed("list", KeyGroups.NONE), Serializers.LONG);
    AggregatingState<byte[], Long, Aggregate> sums =
        AggregatingState.ofAggregates(keyed("sum", KeyGroups.NONE));
    db.close();
    byte[] key = {1};
    for (Executable call :
        List.<Executable>of(
            () -> values.get(key),
            () -> values.put(key, 1L),
            () -> map.entries(key),
            () -> map.clear(key),
            () -> list.add(key, 1L),
            () -> list.get(key),
            () -> sums.add(key, 1L),
            () -> sums.get(key))) {
      assertThrows(DbClosedException.class, call);
    }
  }

  @Test
  void clearingAMapLeavesItsNeighbours() {
    MapState<byte[], byte[], Long> map =
        new MapState<>(keyed("map", KeyGroups.of(1)), Serializers.BYTES, Serializers.LONG);
    map.put(new byte[] {1}, new byte[] {0}, 1L);
    map.put(new byte[] {1, 0}, new byte[0], 2L);
    map.put(new byte[] {2}, new byte[0], 3L);
    map.clear(new byte[] {1});
    map.clear(new byte[] {9});
    assertFalse(map.contains(new byte[] {1}, new byte[] {0}));
    assertTrue(map.contains(new byte[] {1, 0}, new byte[0]));
    assertTrue(map.contains(new byte[] {2}, new byte[0]));
    assertArrayEquals(new byte[] {0, 0, 1, 1, 0}, map.storedKey(new byte[] {1}, new byte[] {0}));
  }

  private static long count(MapState<Long, byte[], Long> map, long key) {
    try (Stream<Map.Entry<byte[], Long>> entries = map.entries(key)) {
      return entries.count();
    }
  }

  @Test
  void aLargeMapIsClearedAsASmallOne() {
    MapState<Long, byte[], Long> map =
        new MapState<>(
            new KeyedFamily<>(db, db.createColumnFamily("large"), Serializers.LONG),
            Serializers.BYTES,
            Serializers.LONG);
    for (int entries : new int[] {0, 1, 31, 32, 33, 34, 300}) {
      for (long key = -1; key <= 1; key++) {
        for (int i = 0; i < entries; i++) {
          map.put(key, new byte[] {(byte) i, (byte) (i >> 8)}, (long) i);
        }
      }
      map.clear(0L);
      assertEquals(0, count(map, 0));
      assertEquals(entries, count(map, -1));
      assertEquals(entries, count(map, 1));
      map.clear(-1L);
      map.clear(1L);
      db.flush();
      assertEquals(0, count(map, 1));
    }
    map.put(Long.MAX_VALUE, new byte[] {1}, 1L); // the last key that there can be
    map.clear(Long.MAX_VALUE);
    assertFalse(map.contains(Long.MAX_VALUE, new byte[] {1}));
  }
}
