package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.lsmdb.Durability;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.compare.BenchEngine.Cursor;
import io.lsmdb.bench.compare.BenchEngine.Settings;
import io.lsmdb.bench.compare.BenchEngine.Snapshot;
import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Workloads.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every engine that can be loaded here does what the comparison asks of it. */
final class EnginesTest {
  private static final Settings SETTINGS = settings(Merging.NONE);
  private static final int COUNT = 300;

  private static final Map<String, String> OBSTACLES = new ConcurrentHashMap<>();

  @TempDir private Path directory;

  private final Records records = new Records(KeyOrder.SEQUENTIAL, 100);

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void keepsWhatItIsGiven(EngineName name) throws Exception {
    try (BenchEngine engine = openIfItLoads(name)) {
      fill(engine);
      engine.flush();
      engine.compact();
      check(engine);
      overwriteBesideSnapshot(engine);
      assertTrue(!engine.facts().isEmpty());
    }
    try (BenchEngine engine = name.opener().open(directory, SETTINGS)) {
      if (name.keepsWritesOnKill()) {
        assertEquals(100, engine.get(records.key(1), records.value));
      }
    }
  }

  private BenchEngine openIfItLoads(EngineName name) throws Exception {
    assertTrue(name.isOn(getClass().getClassLoader()), name + " is on the class path of tests");
    return openIfItLoads(name, SETTINGS);
  }

  private BenchEngine openIfItLoads(EngineName name, Settings settings) throws Exception {
    // RocksDB waits for ten seconds when it is tried again.
    String obstacle = OBSTACLES.get(name.artifact());
    if (obstacle == null) {
      try {
        return name.opener().open(directory, settings);
      } catch (Exception | LinkageError e) {
        if (name == EngineName.LSMDB) {
          throw e;
        }
        obstacle = e.toString();
        OBSTACLES.put(name.artifact(), obstacle);
      }
    }
    return abort(name + " cannot be loaded here: " + obstacle);
  }

  private static Settings settings(Merging merging) {
    return new Settings(
        8 << 20, 1 << 20, Durability.BUFFERED, 1L << 30, merging, BackgroundEvents.NONE);
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void countsAndAppends(EngineName name) throws Exception {
    try (BenchEngine engine = openIfItLoads(name, settings(Merging.COUNTERS))) {
      assertEquals(0, engine.counter(records.key(1)));
      for (int i = 0; i < 300; i++) {
        engine.count(records.key(i % 3));
      }
      engine.flush();
      engine.count(records.key(1));
      assertEquals(101, engine.counter(records.key(1)));
    }
    Directories.delete(directory);
    Files.createDirectory(directory);
    byte[] element = new byte[Merging.ELEMENT_BYTES];
    try (BenchEngine engine = openIfItLoads(name, settings(Merging.LISTS))) {
      assertEquals(0, engine.elements(records.key(1), element));
      for (int i = 0; i < 60; i++) {
        element[7] = (byte) i;
        engine.append(records.key(i % 3), element);
      }
      engine.flush();
      engine.append(records.key(1), element);
      assertEquals(21, engine.elements(records.key(1), new byte[10_000]));
    }
  }

  private void fill(BenchEngine engine) throws Exception {
    for (int i = 0; i < COUNT - 3; i++) {
      engine.put(records.key(i), records.valueOf(i, 0));
    }
    byte[][] keys = new byte[2][];
    byte[][] values = new byte[2][];
    for (int i = 0; i < 2; i++) {
      keys[i] = records.key(COUNT - 3 + i).clone();
      values[i] = records.valueOf(COUNT - 3 + i, 0).clone();
    }
    engine.putBatch(keys, values);
    engine.putSync(records.key(COUNT - 1), records.valueOf(COUNT - 1, 0));
    engine.put(records.key(COUNT), records.valueOf(COUNT, 0));
    engine.delete(records.key(COUNT));
  }

  private void check(BenchEngine engine) throws Exception {
    for (int i = 0; i < COUNT; i++) {
      assertEquals(0, records.check(i, engine.get(records.key(i), records.value)));
    }
    assertEquals(-1, engine.get(records.key(COUNT), records.value));
    assertEquals(-1, engine.get(records.absentKey(5), records.value));
    try (Cursor cursor = engine.cursor()) {
      long expected = 0;
      for (boolean valid = cursor.seekToFirst(); valid; valid = cursor.next()) {
        assertEquals(expected++, Workloads.read(cursor, records));
      }
      assertEquals(COUNT, expected);
      assertTrue(cursor.seek(records.key(17)));
      assertEquals(17, Workloads.read(cursor, records));
      assertTrue(cursor.seek(records.absentKey(COUNT - 1)) == false);
    }
    try (Cursor cursor = engine.cursor()) {
      long expected = COUNT;
      for (boolean valid = cursor.seekToLast(); valid; valid = cursor.prev()) {
        assertEquals(--expected, Workloads.read(cursor, records));
      }
      assertEquals(0, expected);
    } catch (UnsupportedOperationException e) {
      assertFalse(e.getMessage().isEmpty());
    }
  }

  private void overwriteBesideSnapshot(BenchEngine engine) throws Exception {
    try (Snapshot snapshot = engine.snapshot()) {
      engine.put(records.key(1), records.valueOf(1, 1));
      assertEquals(0, records.check(1, snapshot.get(records.key(1), records.value)));
    }
    assertEquals(1, records.check(1, engine.get(records.key(1), records.value)));
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void servesSeveralThreadsWhoseCursorsAnotherOneHasOpened(EngineName name) throws Exception {
    try (BenchEngine engine = openIfItLoads(name)) {
      fill(engine);
      List<Step> steps = new ArrayList<>();
      List<Cursor> cursors = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Records own = new Records(KeyOrder.SEQUENTIAL, 100);
        Cursor cursor = engine.cursor();
        cursors.add(cursor);
        Choice choice = Choice.uniform(COUNT, thread);
        steps.add(
            Step.times(
                1_000,
                () -> {
                  long number = choice.next();
                  own.check(number, engine.get(own.key(number), own.value));
                  assertTrue(cursor.seek(own.key(number)));
                  assertEquals(number, Workloads.read(cursor, own));
                  try (Snapshot snapshot = engine.snapshot()) {
                    engine.put(own.key(number), own.valueOf(number, 1));
                    own.check(number, snapshot.get(own.key, own.value));
                  }
                  return 1;
                }));
      }
      assertEquals(4_000, new Measurement(Long.MAX_VALUE).run(steps).get(Figure.OPERATIONS));
      for (Cursor cursor : cursors) {
        cursor.close();
      }
    }
  }

  @Test
  void enginesAreFoundByTheirNames() {
    for (EngineName name : EngineName.values()) {
      assertEquals(name, EngineName.of(name.toString()));
    }
  }

  @ParameterizedTest
  @EnumSource(EngineName.class)
  void anEngineWithoutItsJarIsNotOnTheClassPath(EngineName name) {
    assertFalse(name.isOn(ClassLoader.getPlatformClassLoader()));
  }
}
