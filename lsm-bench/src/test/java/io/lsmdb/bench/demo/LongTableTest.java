package io.lsmdb.bench.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LongTableTest {
  @Test
  void behavesAsAMap() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    LongTable table = new LongTable(2);
    Map<List<Long>, Long> model = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      long first = random.nextLong(200);
      long second = random.nextLong(200) - 100;
      assertEquals(
          model.containsKey(List.of(first, second)),
          table.find(first, second) >= 0,
          "seed " + seed);
      int row = table.findOrAdd(first, second);
      table.set(row, 0, table.get(row, 0) + 1);
      table.set(row, 1, i);
      model.merge(List.of(first, second), 1L, Long::sum);
    }
    assertEquals(model.size(), table.size(), "seed " + seed);
    for (int row = 0; row < table.size(); row++) {
      List<Long> key = List.of(table.first(row), table.second(row));
      assertEquals(model.get(key), table.get(row, 0), "seed " + seed + ", key " + key);
      assertEquals(row, table.find(table.first(row), table.second(row)), "seed " + seed);
    }
  }
}
