package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.operators.Aggregate;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.state.AggregatingState;
import io.lsmdb.state.KeyGroups;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.ListState;
import io.lsmdb.state.MapState;
import io.lsmdb.state.Serializers;
import io.lsmdb.state.ValueState;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random operations on typed views of one store, compared with Java's collections. */
class ViewModelTest {
  /** What the views must show: of now, or of a snapshot. */
  private static final class State {
    final Map<Long, String> values = new TreeMap<>();
    final Map<Long, TreeMap<Integer, String>> maps = new TreeMap<>();
    final Map<Long, List<String>> lists = new TreeMap<>();
    final Map<Long, Long> sums = new TreeMap<>();
    final Map<Long, Aggregate> aggregates = new TreeMap<>();

    State copy() {
      State copy = new State();
      copy.values.putAll(values);
      maps.forEach((key, map) -> copy.maps.put(key, new TreeMap<>(map)));
      lists.forEach((key, list) -> copy.lists.put(key, new ArrayList<>(list)));
      copy.sums.putAll(sums);
      copy.aggregates.putAll(aggregates);
      return copy;
    }
  }

  private record Pinned(Snapshot snapshot, State state) {}

  /** A store with its views and their model. */
  private static final class Run {
    private final MemFileSystem fs = new MemFileSystem();
    private final Random random;
    private final KeyGroups groups;
    private final State now = new State();
    private final List<Pinned> pinned = new ArrayList<>();
    private long texts;

    private Db db;
    private ValueState<Long, String> values;
    private MapState<Long, Integer, String> maps;
    private ListState<Long, String> lists;
    private AggregatingState<Long, Long, Long> sums;
    private AggregatingState<Long, Long, Aggregate> aggregates;

    Run(long seed) {
      random = new Random(seed);
      groups = random.nextBoolean() ? KeyGroups.NONE : KeyGroups.of(1 << random.nextInt(12));
      reopen();
    }

    void reopen() {
      close();
      Map<String, ColumnFamilyOptions> families =
          Map.of(
              "values", with(null),
              "maps", with(null),
              "lists", with(ListAppend.OPERATOR),
              "sums", with(LongOperator.SUM),
              "aggregates", with(Aggregate.OPERATOR));
      db =
          TestStores.open(
              fs,
              DbOptions.builder()
                  .familyOptions(families)
                  .mappedLog(random.nextBoolean())
                  .atomicFlush(random.nextBoolean())
                  .build());
      values = new ValueState<>(keyed("values"), Serializers.STRING);
      maps = new MapState<>(keyed("maps"), Serializers.INT, Serializers.STRING);
      lists = new ListState<>(keyed("lists"), Serializers.STRING);
      sums = AggregatingState.ofLongs(keyed("sums"), LongOperator.SUM);
      aggregates = AggregatingState.ofAggregates(keyed("aggregates"));
    }

    private ColumnFamilyOptions with(MergeOperator operator) {
      return TestStores.randomOptions(random, operator).defaultFamilyOptions();
    }

    private KeyedFamily<Long> keyed(String name) {
      ColumnFamily family = db.columnFamily(name).orElseGet(() -> db.createColumnFamily(name));
      WriteOptions options = random.nextInt(4) == 0 ? WriteOptions.NO_WAL : WriteOptions.BUFFERED;
      return new KeyedFamily<>(db, family, Serializers.LONG, groups, options);
    }

    void close() {
      pinned.forEach(each -> each.snapshot().close());
      pinned.clear();
      if (db != null) {
        db.close();
      }
    }

    void step() {
      int choice = random.nextInt(1000);
      if (choice < 600) {
        change(anyKey());
      } else if (choice < 940) {
        int view = random.nextInt(pinned.size() + 1);
        if (view == pinned.size()) {
          check(null, now, anyKey());
        } else {
          check(pinned.get(view).snapshot(), pinned.get(view).state(), anyKey());
        }
      } else if (choice < 950 && pinned.size() < 3) {
        pinned.add(new Pinned(db.snapshot(), now.copy()));
      } else if (choice < 960 && !pinned.isEmpty()) {
        pinned.remove(random.nextInt(pinned.size())).snapshot().close();
      } else if (choice < 980) {
        db.flush();
      } else if (choice < 985) {
        List<ColumnFamily> all = List.copyOf(db.columnFamilies());
        all.get(random.nextInt(all.size())).compact(null, null);
      } else if (choice < 987) {
        reopen();
      }
    }

    private long anyKey() {
      return random.nextInt(40) - 20L;
    }

    private String anyText() {
      texts++;
      return texts + "x".repeat(random.nextInt(60));
    }

    private void change(long key) {
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          String value = anyText();
          values.put(key, value);
          now.values.put(key, value);
        }
        case 2 -> {
          values.clear(key);
          now.values.remove(key);
        }
        case 3, 4 -> {
          int mapKey = random.nextInt(8) - 4;
          String value = anyText();
          maps.put(key, mapKey, value);
          now.maps.computeIfAbsent(key, absent -> new TreeMap<>()).put(mapKey, value);
        }
        case 5 -> {
          int mapKey = random.nextInt(8) - 4;
          maps.remove(key, mapKey);
          now.maps.computeIfAbsent(key, absent -> new TreeMap<>()).remove(mapKey);
        }
        case 6 -> clear(key);
        case 7, 8 -> append(key);
        default -> {
          long number = random.nextLong();
          sums.add(key, number);
          now.sums.merge(key, number, Long::sum);
          aggregates.add(key, number);
          now.aggregates.merge(key, Aggregate.of(number), Aggregate::plus);
        }
      }
    }

    private void clear(long key) {
      switch (random.nextInt(4)) {
        case 0 -> {
          maps.clear(key);
          now.maps.remove(key);
        }
        case 1 -> {
          lists.clear(key);
          now.lists.remove(key);
        }
        case 2 -> {
          sums.clear(key);
          now.sums.remove(key);
        }
        default -> {
          aggregates.clear(key);
          now.aggregates.remove(key);
        }
      }
    }

    private void append(long key) {
      List<String> added = new ArrayList<>();
      for (int left = random.nextInt(4); left >= 0; left--) {
        added.add(anyText());
      }
      List<String> list = now.lists.computeIfAbsent(key, absent -> new ArrayList<>());
      switch (random.nextInt(6)) {
        case 0 -> {
          lists.set(key, added);
          list.clear();
        }
        case 1, 2 -> lists.addAll(key, added);
        default -> {
          added.subList(1, added.size()).clear();
          lists.add(key, added.get(0));
        }
      }
      list.addAll(added);
    }

    /** Compares what the views show of a key, now or in a snapshot; null stands for now. */
    private void check(Snapshot view, State expected, long key) {
      assertEquals(
          expected.values.get(key), view == null ? values.get(key) : values.get(view, key));
      TreeMap<Integer, String> map = expected.maps.getOrDefault(key, new TreeMap<>());
      assertEquals(map, shown(view, key));
      int mapKey = random.nextInt(8) - 4;
      assertEquals(
          map.get(mapKey), view == null ? maps.get(key, mapKey) : maps.get(view, key, mapKey));
      List<String> list = expected.lists.getOrDefault(key, List.of());
      assertEquals(list, view == null ? lists.get(key) : lists.get(view, key));
      assertEquals(expected.sums.get(key), view == null ? sums.get(key) : sums.get(view, key));
      assertEquals(
          expected.aggregates.get(key),
          view == null ? aggregates.get(key) : aggregates.get(view, key));
      if (view == null) {
        assertEquals(map.containsKey(mapKey), maps.contains(key, mapKey));
        int limit = random.nextInt(6);
        List<String> newest =
            new ArrayList<>(list.subList(Math.max(0, list.size() - limit), list.size()));
        Collections.reverse(newest);
        assertEquals(newest, lists.newest(key, limit));
      }
    }

    private Map<Integer, String> shown(Snapshot view, long key) {
      try (Stream<Map.Entry<Integer, String>> entries =
          view == null ? maps.entries(key) : maps.entries(view, key)) {
        return entries.collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
      }
    }

    void checkAll() {
      for (long key = -20; key < 20; key++) {
        check(null, now, key);
        for (Pinned each : pinned) {
          check(each.snapshot(), each.state(), key);
        }
      }
    }
  }

  private static void run(long seed, int operations) {
    Run run = new Run(seed);
    try {
      for (int i = 0; i < operations; i++) {
        run.step();
      }
      run.checkAll();
      run.reopen();
      run.checkAll();
    } finally {
      run.close();
    }
  }

  @Test
  void viewsBehaveLikeCollections() {
    Seed.check(6, seed -> run(seed, 3_000));
  }

  @Test
  @Tag("soak")
  void viewsBehaveLikeCollectionsForLong() {
    Seed.check(200, seed -> run(seed, 40_000));
  }
}
