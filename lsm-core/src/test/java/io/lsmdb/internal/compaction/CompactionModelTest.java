package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.compaction.pick.LevelOptions;
import io.lsmdb.internal.compaction.pick.Pickers;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Random writes, snapshots, flushes and compactions on real tables, against a model. */
class CompactionModelTest {
  private static final int MAX_COMPACTIONS_IN_A_ROW = 200;

  @Test
  void everyViewReadsTheSameWhateverIsCompacted() {
    Seed.check(10, this::run);
  }

  private void run(long seed) {
    Random random = new Random(seed);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      long maxAge = random.nextInt(3) == 0 ? 1000 : Long.MAX_VALUE;
      LevelOptions options = new LevelOptions(4, 6, 4096, 3, 2048, 1, maxAge);
      TestStore store = new TestStore(new MemFileSystem(), options);
      int keys = 20 + random.nextInt(400);
      for (int round = 0; round < 30; round++) {
        chooseExecutor(store, random, pool);
        if (random.nextInt(10) == 0 || round == 0) {
          store.picker = Pickers.of(style(random));
        }
        store.now += random.nextInt(400);
        write(store, random, keys);
        store.flush();
        if (random.nextInt(4) == 0 && !store.snapshots.isEmpty()) {
          store.snapshots.remove(
              random.nextBoolean() ? store.snapshots.first() : store.snapshots.last());
        }
        if (random.nextInt(8) == 0) {
          String from = random.nextBoolean() ? null : key(random.nextInt(keys));
          store.compactRange(from, random.nextBoolean() ? null : key(random.nextInt(keys)));
        }
        int compactions = 0;
        while (random.nextInt(5) > 0 && store.compactOnce()) {
          compactions++;
        }
        assertTrue(compactions < MAX_COMPACTIONS_IN_A_ROW);
        store.check("seed " + seed + ", round " + round, 30, round);
      }
      settle(store);
      store.snapshots.clear();
      store.compactRange(null, null);
      store.check("seed " + seed + ", at the end");
      assertOneSortedLevelWithoutTombstones(store);
    } finally {
      pool.shutdownNow();
    }
  }

  private static CompactionStyle style(Random random) {
    return random.nextInt(3) == 0
        ? CompactionStyle.leveled()
        : CompactionStyle.universal()
            .sizeRatio(random.nextInt(3) * 30)
            .minMergeWidth(2 + random.nextInt(3))
            .maxMergeWidth(random.nextBoolean() ? 4 : Integer.MAX_VALUE)
            .maxSizeAmplification(25 << random.nextInt(5));
  }

  private static void chooseExecutor(TestStore store, Random random, ExecutorService pool) {
    switch (random.nextInt(4)) {
      case 0 -> store.executor = pool;
      case 1 -> store.executor = Runnable::run;
      case 2 -> store.executor = task -> {}; // never gets round to it
      default ->
          store.executor =
              task -> {
                throw new RejectedExecutionException();
              };
    }
  }

  private static void write(TestStore store, Random random, int keys) {
    boolean sequential = random.nextInt(4) == 0;
    int start = random.nextInt(keys);
    for (int i = random.nextInt(150); i >= 0; i--) {
      String key = key(sequential ? (start + i) % keys : random.nextInt(keys));
      if (random.nextInt(3) == 0) {
        store.delete(key);
      } else {
        store.put(key, "v" + random.nextInt(1000) + "x".repeat(random.nextInt(60)));
      }
      if (random.nextInt(100) == 0) {
        store.snapshot();
      }
    }
  }

  /** Without writes there is an end to compacting. */
  private static void settle(TestStore store) {
    int compactions = 0;
    while (store.compactOnce()) {
      assertTrue(++compactions < MAX_COMPACTIONS_IN_A_ROW, "compacts for ever");
    }
  }

  private static void assertOneSortedLevelWithoutTombstones(TestStore store) {
    int levels = 0;
    for (int level = 0; level < Version.LEVELS; level++) {
      levels += store.version.files(level).isEmpty() ? 0 : 1;
      for (FileMetadata file : store.version.files(level)) {
        assertEquals(0, file.counts().tombstones());
      }
    }
    assertTrue(levels <= 1);
  }

  private static String key(int i) {
    return String.format("key%05d", i);
  }
}
