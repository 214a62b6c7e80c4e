package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CorruptionException;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.DbStats.FamilyStats;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestEnvironments;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The replay of a log that is larger than the memtables may be, and what a close leaves of it. */
class ReplayTest {
  private static final String OTHER = CrashHistory.LOOSE;
  private static final int BATCHES = 400;
  private static final int VALUE_BYTES = 500;
  private static final long WRITE_BUFFER = 64 << 10;

  /** Writes batches to two families that nothing flushes, and dies. */
  private static SmallStore diedWithLog(boolean atomicFlush) {
    SmallStore store = new SmallStore();
    store.options = CrashScript.options(atomicFlush);
    store.open();
    ColumnFamily other = store.db.createColumnFamily(OTHER);
    for (int i = 1; i <= BATCHES; i++) {
      WriteBatch batch = new WriteBatch();
      for (ColumnFamily family : new ColumnFamily[] {store.db.defaultColumnFamily(), other}) {
        batch.put(family, CrashScript.bytes("last"), CrashScript.bytes(Integer.toString(i)));
        batch.put(family, key(i), value(i));
      }
      store.db.write(batch);
    }
    return store;
  }

  private static byte[] key(int number) {
    return CrashScript.bytes("k" + number);
  }

  private static byte[] value(int number) {
    byte[] value = new byte[VALUE_BYTES];
    Arrays.fill(value, (byte) number);
    return value;
  }

  /** Checks that both families hold the same first batches, and returns how many. */
  private static int checkPrefix(Db db) {
    ColumnFamily[] families = {
      db.defaultColumnFamily(), db.columnFamily(OTHER).orElseThrow(),
    };
    int last = 0;
    for (ColumnFamily family : families) {
      byte[] found = family.get(CrashScript.bytes("last"));
      int number = found == null ? 0 : Integer.parseInt(new String(found, StandardCharsets.UTF_8));
      if (family == families[0]) {
        last = number;
      }
      assertEquals(last, number);
      for (int i = 1; i <= BATCHES; i++) {
        assertArrayEquals(i <= last ? value(i) : null, family.get(key(i)));
      }
    }
    return last;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void memtablesAreFlushedWhileTheLogIsReplayed(boolean atomicFlush) {
    SmallStore store = diedWithLog(atomicFlush);
    store.crash(CrashMode.KEEP_ALL);
    for (FamilyStats stats : store.db.stats().families()) {
      assertTrue(stats.memtableBytes() < 2 * WRITE_BUFFER, "memtables " + stats.memtableBytes());
      assertFalse(stats.levels().isEmpty());
    }
    assertEquals(BATCHES, checkPrefix(store.db));
    assertTrue(store.db.stats().logSize() < 4 * WRITE_BUFFER, "log not retired");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCrashAnywhereInAReplayThatFlushesLosesNothing(boolean atomicFlush) {
    SmallStore store = diedWithLog(atomicFlush);
    MemFileSystem disk = store.disk.crashImage(CrashMode.KEEP_ALL, 0);
    FaultyFileSystem watched = new FaultyFileSystem(disk);
    int[] images = new int[1];
    watched.observe(
        (index, operation, path) -> {
          CrashMode mode = CrashMode.values()[index % CrashMode.values().length];
          MemFileSystem image = disk.crashImage(mode, index);
          Db again = open(image, atomicFlush);
          int found = checkPrefix(again);
          if (mode == CrashMode.KEEP_ALL) {
            assertEquals(BATCHES, found);
          }
          images[0]++;
        });
    open(watched, atomicFlush);
    assertTrue(images[0] > 100, "images " + images[0]);
    watched.observe((index, operation, path) -> {});
    assertEquals(BATCHES, checkPrefix(open(disk.crashImage(CrashMode.DROP_ALL, 0), atomicFlush)));
  }

  private static Db open(MemFileSystem disk, boolean atomicFlush) {
    return open(new FaultyFileSystem(disk), atomicFlush);
  }

  private static Db open(FaultyFileSystem fs, boolean atomicFlush) {
    return DbImpl.open(
        CrashScript.DIRECTORY,
        CrashScript.options(atomicFlush),
        TestEnvironments.of(fs, 1, new SteppedExecutors(1)),
        CrashScript.TUNING);
  }

  @Test
  void aFullDiskKeepsNoStoreClosedWhoseMemtablesFit() {
    SmallStore store = diedWithLog(false);
    store.disk = store.disk.crashImage(CrashMode.KEEP_ALL, 0);
    store.fs = new FaultyFileSystem(store.disk);
    store.fs.failAt(
        1, Fault.DISK_FULL_FOREVER, Set.of(Operation.CREATE), name -> name.endsWith(".sst"));
    store.open();
    assertEquals(BATCHES, checkPrefix(store.db));
    assertTrue(store.fs.injectedFaults() > 0);
    store.fs.clearFaults();
    store.flush();
    assertEquals(BATCHES, checkPrefix(store.db));
  }

  /** The verdict on the whole log comes before the first flush of a part of it. */
  @Test
  void aDamagedLogIsRefusedBeforeAnythingOfItIsFlushed() {
    SmallStore store = diedWithLog(false);
    store.db.put(key(1), value(1), WriteOptions.SYNC);
    MemFileSystem disk = store.disk.crashImage(CrashMode.KEEP_ALL, 0);
    String victim =
        disk.list(CrashScript.DIRECTORY).stream()
            .filter(name -> name.endsWith(".log"))
            .sorted()
            .skip(3)
            .findFirst()
            .orElseThrow();
    try (var file = disk.map(CrashScript.DIRECTORY.resolve(victim), 2048)) {
      file.put(1024, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8);
    }
    FaultyFileSystem watched = new FaultyFileSystem(disk);
    assertThrows(CorruptionException.class, () -> open(watched, false));
    assertTrue(watched.trace().stream().noneMatch(line -> line.endsWith(".sst")));
  }

  // ---- Closing.

  private static final DbOptions USUAL =
      DbOptions.builder()
          .defaultFamilyOptions(
              ColumnFamilyOptions.builder().mergeOperator(LongOperator.SUM).build())
          .build();

  private static SmallStore opened() {
    SmallStore store = new SmallStore();
    store.options = USUAL;
    store.open();
    return store;
  }

  /** A store with one key, overwritten until the log is long. */
  private static SmallStore withLongLog() {
    SmallStore store = opened();
    byte[] value = new byte[8 << 10];
    while (store.db.stats().logSize() <= StoreCloser.MAX_LOG_BYTES) {
      for (int i = 0; i < 100; i++) {
        store.db.put(key(0), value);
      }
    }
    store.db.put(key(0), value(1));
    return store;
  }

  @Test
  void aLongLogIsFlushedByAClose() {
    SmallStore store = withLongLog();
    store.reopen();
    assertArrayEquals(value(1), store.db.get(key(0)));
    FamilyStats stats = store.db.stats().families().get(0);
    assertEquals(1, stats.levels().get(0).entries());
    assertTrue(store.db.stats().logSize() < 64 << 10, "log " + store.db.stats().logSize());
  }

  @Test
  void aCloseThatCannotFlushLeavesTheLog() {
    SmallStore store = withLongLog();
    store.fs.failAt(
        1, Fault.DISK_FULL_ONCE, Set.of(Operation.CREATE), name -> name.endsWith(".sst"));
    store.reopen();
    assertEquals(1, store.fs.injectedFaults());
    assertArrayEquals(value(1), store.db.get(key(0)));
  }

  @Test
  void aShortLogIsLeftByAClose() {
    SmallStore store = opened();
    for (int i = 0; i < 20_000; i++) {
      store.db.merge(key(0), LongOperator.encode(1));
    }
    store.close();
    assertTrue(store.files(".sst").isEmpty());
    store.open();
    assertEquals(20_000, LongOperator.decode(store.db.get(key(0))));
    // The replay reuses the memory of replaced versions, as the writes themselves did.
    long bytes = store.db.stats().families().get(0).memtableBytes();
    assertTrue(bytes < 64 << 10, "memtable " + bytes);
  }
}
