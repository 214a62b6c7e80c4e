package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random operations on whole stores, compared with a model. */
class ModelTest {
  private final Map<String, Integer> performed = new HashMap<>();

  private void runInMemory(long seed, int operations) {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    try (ModelRun run = new ModelRun(seed, options -> TestStores.open(fs, options))) {
      run.run(operations);
      run.performed().forEach((what, times) -> performed.merge(what, times, Integer::sum));
    }
    assertEquals(List.of(), fs.openFiles(), "handles that a closed store has left open");
  }

  @Test
  void behavesLikeTheModelInMemory() {
    Seed.check(8, seed -> runInMemory(seed, 5_000));
    if (System.getProperty(Seed.PROPERTY) == null) {
      for (String kind :
          List.of(
              "put",
              "put with time to live",
              "putIfAbsent",
              "putIfAbsent of an absent key",
              "compute",
              "compute that throws",
              "touch",
              "touch of an absent key",
              "touch without a time",
              "merge",
              "delete",
              "single delete",
              "range delete",
              "deleteFilesInRange",
              "batch",
              "indexed batch",
              "read of an indexed batch",
              "rollback",
              "refused when counting",
              "get",
              "get of an absent key",
              "multiGet",
              "containsKey",
              "mayContain",
              "mayContain in vain",
              "stream",
              "approximateSize",
              "entryCount",
              "iterate",
              "move",
              "refresh",
              "filtered",
              "snapshot",
              "flush",
              "flush of one",
              "compact",
              "cancelled compaction",
              "createColumnFamily",
              "dropColumnFamily",
              "open")) {
        assertTrue(performed.containsKey(kind), kind + " was never tried");
      }
    }
  }

  @Test
  void behavesLikeTheModelOnDisk(@TempDir Path directory) {
    Seed.check(
        2,
        seed -> {
          Path store = directory.resolve("store-" + seed);
          try (ModelRun run = new ModelRun(seed, options -> Db.open(store, options))) {
            run.run(3_000);
          }
        });
  }

  @Test
  @Tag("soak")
  void behavesLikeTheModelForLong() {
    Seed.check(400, seed -> runInMemory(seed, 40_000));
  }
}
