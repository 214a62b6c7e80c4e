package io.lsmdb.internal.engine.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PinnedSequencesTest {
  @Test
  void behaveLikeASortedMapOfCounts() {
    Seed.check(
        100,
        seed -> {
          Random random = new Random(seed);
          PinnedSequences pinned = new PinnedSequences();
          TreeMap<Long, Integer> model = new TreeMap<>();
          long last = 0;
          int adding = random.nextInt(10);
          for (int i = 0; i < 2_000; i++) {
            if (i % 200 == 0) {
              adding = random.nextInt(10);
            }
            if (model.isEmpty() || random.nextInt(10) < adding) {
              last += random.nextInt(3);
              pinned.add(last);
              model.merge(last, 1, Integer::sum);
            } else {
              List<Long> keys = new ArrayList<>(model.keySet());
              long removed = keys.get(random.nextInt(keys.size()));
              boolean gone =
                  model.computeIfPresent(removed, (k, n) -> n == 1 ? null : n - 1) == null;
              assertEquals(gone, pinned.remove(removed));
            }
            assertEquals(model.isEmpty(), pinned.isEmpty());
            if (!model.isEmpty()) {
              assertEquals(model.firstKey(), pinned.oldest());
              assertEquals(model.lastKey(), pinned.newest());
            }
            assertArrayEquals(
                model.keySet().stream().mapToLong(Long::longValue).toArray(), pinned.toArray());
          }
        });
  }

  @Test
  void whatIsOutOfOrderOrNotThereIsRefused() {
    PinnedSequences pinned = new PinnedSequences();
    assertThrows(IllegalStateException.class, () -> pinned.remove(1));
    pinned.add(5);
    pinned.add(7);
    assertThrows(IllegalStateException.class, () -> pinned.add(6));
    assertTrue(pinned.remove(5));
    assertThrows(IllegalStateException.class, () -> pinned.remove(5));
    assertTrue(pinned.remove(7));
    assertTrue(pinned.isEmpty());
    pinned.add(6);
    assertEquals(6, pinned.oldest());
  }
}
