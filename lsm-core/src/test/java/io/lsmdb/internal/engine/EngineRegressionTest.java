package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbException;
import io.lsmdb.DbIterator;
import io.lsmdb.DbLockedException;
import io.lsmdb.DbOptions;
import io.lsmdb.Snapshot;
import io.lsmdb.StorageException;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.BatchAccess;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.Seed;
import io.lsmdb.testing.TestEnvironments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Bugs that other stores have had, each named by its number in the list of them. */
class EngineRegressionTest {
  private static int next(List<String> trace, int from, String start) {
    for (int i = from; i < trace.size(); i++) {
      if (trace.get(i).startsWith(start)) {
        return i;
      }
    }
    throw new AssertionError("no " + start + " from " + from + " on in " + trace);
  }

  @Test
  void r01_r02_r04_manifestAndCurrentAreDurableBeforeAndAfterTheRename() {
    List<String> trace = SmallStore.create().fs.trace();
    int manifest = next(trace, next(trace, 0, "append MANIFEST-"), "force MANIFEST-");
    int content = next(trace, next(trace, manifest, "create 00"), "force 00");
    int rename = next(trace, 0, "rename 00");
    assertTrue(manifest < rename, trace.toString());
    assertTrue(content < rename, trace.toString());
    assertEquals("force directory store", trace.get(rename + 1));
  }

  @Test
  void r03_aTableIsDurableBeforeTheManifestNamesIt() {
    SmallStore store = SmallStore.create();
    store.put("k", "v");
    store.executors.runPending();
    int before = store.fs.operations();
    store.flush();
    List<String> trace = store.fs.trace();
    String table = store.files(".sst").get(0);
    int forced = next(trace, next(trace, before, "create " + table), "force " + table);
    int directory = next(trace, forced, "force directory");
    int manifest = next(trace, before, "append MANIFEST-");
    assertTrue(directory < manifest, trace.subList(before, trace.size()).toString());
  }

  @Test
  void r05_aSyncedWriteIsNeverWithoutThoseBeforeIt() {
    SmallStore store = SmallStore.create();
    for (int i = 0; i < 100; i++) {
      store.put("k" + i, "v" + "-".repeat(300));
    }
    store.put("last", "v", WriteOptions.SYNC);
    assertTrue(store.files(".log").size() > 1);
    store.crash(CrashMode.DROP_ALL);
    for (int i = 0; i < 100; i++) {
      assertEquals("v" + "-".repeat(300), store.get("k" + i));
    }
    assertEquals("v", store.get("last"));
  }

  @Test
  void r06_aSyncedWriteHasADurableDirectoryEntry() {
    for (int size : new int[] {1, 3_000, 100_000}) {
      SmallStore store = SmallStore.create();
      store.put("k", "v".repeat(size), WriteOptions.SYNC);
      store.crash(CrashMode.DROP_ALL);
      assertEquals("v".repeat(size), store.get("k"));
    }
  }

  @Test
  void r07_oldFilesGoOnlyWhenCurrentIsDurable() {
    SmallStore store = SmallStore.create();
    store.put("k", "v");
    store.close();
    store.open();
    store.executors.runPending();
    List<String> trace = store.fs.trace();
    int deleted = next(trace, 0, "delete MANIFEST-");
    int rename = -1;
    for (int i = 0; i < deleted; i++) {
      rename = trace.get(i).startsWith("rename ") && !isSegment(trace, i) ? i : rename;
    }
    assertTrue(next(trace, rename, "force directory") < deleted, trace.toString());
  }

  private static boolean isSegment(List<String> trace, int rename) {
    String name = trace.get(rename).substring("rename ".length());
    return trace.contains("put " + name.replace(".tmp", ".log"))
        || trace.contains("append " + name.replace(".tmp", ".log"));
  }

  @Test
  void r08_tablesOfADroppedFamilyGoOnlyWhenTheDropIsDurable() {
    SmallStore store = SmallStore.create();
    ColumnFamily family = store.db.createColumnFamily("f");
    family.put(new byte[] {1}, new byte[] {2});
    store.flush();
    String table = store.files(".sst").get(0);
    int before = store.fs.operations();
    store.executors.during(() -> store.db.dropColumnFamily(family));
    store.executors.runPending();
    List<String> trace = store.fs.trace();
    int deleted = next(trace, before, "delete " + table);
    assertTrue(next(trace, before, "force MANIFEST-") < deleted);
    store.crash(CrashMode.DROP_ALL);
    assertEquals(List.of("default"), names(store.db));
  }

  private static List<String> names(Db db) {
    return db.columnFamilies().stream().map(ColumnFamily::name).toList();
  }

  @Test
  void r09_everyCrashWhileOpeningLeavesTheSameStore() {
    Seed.check(
        3,
        seed -> {
          for (CrashMode mode : CrashMode.values()) {
            CrashScript script = new CrashScript(new MemFileSystem(), seed, false);
            MemFileSystem disk = new MemFileSystem();
            script.crashed(disk);
            script.open();
            for (int i = 0; i < 40; i++) {
              script.step();
            }
            checkOpening(disk.crashImage(mode, seed), seed);
          }
        });
  }

  private static void checkOpening(MemFileSystem image, long seed) {
    CrashHistory.Found expected = read(image.crashImage(CrashMode.KEEP_ALL, 0));
    FaultyFileSystem watched = new FaultyFileSystem(image);
    watched.observe(
        (index, operation, path) -> {
          for (CrashMode mode : CrashMode.values()) {
            CrashHistory.Found found = read(image.crashImage(mode, seed + index));
            if (mode == CrashMode.KEEP_ALL) {
              assertEquals(expected, found, mode + " before " + index + " " + operation);
            }
          }
        });
    SmallStore store = new SmallStore();
    store.fs = watched;
    store.open();
    assertEquals(expected, CrashHistory.read(store.db));
    assertEquals(expected, read(image.crashImage(CrashMode.DROP_ALL, 0)));
  }

  private static CrashHistory.Found read(MemFileSystem disk) {
    SmallStore store = new SmallStore();
    store.fs = new FaultyFileSystem(disk);
    store.open();
    CrashHistory.Found found = CrashHistory.read(store.db);
    store.close();
    return found;
  }

  @Test
  void r10_leftoversOfAFailedRenameDoNoHarmAndGo() {
    SmallStore store = SmallStore.create();
    store.put("k", "v", WriteOptions.SYNC);
    store.close();
    store.fs.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.RENAME), name -> true);
    assertThrows(StorageException.class, store::open);
    store.open();
    store.executors.runPending();
    assertEquals("v", store.get("k"));
    assertEquals(List.of(), store.files(".tmp"));
  }

  @Test
  void r16_followersOfAFailedGroupGetItsFailure() throws Exception {
    MemFileSystem disk = new MemFileSystem();
    FaultyFileSystem fs = new FaultyFileSystem(disk);
    Db db = DbImpl.open(CrashScript.DIRECTORY, DbOptions.builder().build(), threaded(fs));
    db.put(new byte[] {0}, new byte[] {0}, WriteOptions.SYNC);
    CountDownLatch leading = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.WRITE_DURABLY && leading.getCount() > 0) {
            leading.countDown();
            await(go);
          }
        });
    fs.failAt(2, Fault.IO_ERROR_ONCE, Set.of(Operation.WRITE_DURABLY), name -> true);
    AtomicInteger acknowledged = new AtomicInteger();
    List<DbException> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    threads.add(writer(db, 1, acknowledged, failures));
    leading.await();
    for (int i = 2; i <= 5; i++) {
      threads.add(writer(db, i, acknowledged, failures));
    }
    for (Thread follower : threads.subList(1, threads.size())) {
      while (follower.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(1, acknowledged.get(), failures.toString());
    assertEquals(4, failures.size());
    for (DbException failure : failures) {
      assertTrue(((BackgroundErrorException) failure).inDoubt(), failure.toString());
    }
    assertArrayEquals(new byte[] {1}, db.get(new byte[] {1}));
    assertNull(db.get(new byte[] {2}));
    assertThrows(DbException.class, () -> db.put(new byte[] {9}, new byte[] {9}));
    db.close();
    assertEquals(0, fs.openHandles());
  }

  private static Environment threaded(FaultyFileSystem fs) {
    return TestEnvironments.threaded(fs, 1);
  }

  private static Thread writer(
      Db db, int key, AtomicInteger acknowledged, List<DbException> failures) {
    byte[] bytes = {(byte) key};
    Thread thread =
        new Thread(
            () -> {
              try {
                db.put(bytes, bytes, WriteOptions.SYNC);
                acknowledged.incrementAndGet();
              } catch (DbException e) {
                synchronized (failures) {
                  failures.add(e);
                }
              }
            });
    thread.start();
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void r17_r20_sequencesAreNeverUsedTwice() {
    SmallStore store = SmallStore.create();
    store.put("k", "1", WriteOptions.SYNC);
    for (int i = 0; i < 20; i++) {
      store.put("k", "unlogged" + i, WriteOptions.NO_WAL);
    }
    store.flush();
    store.crash(CrashMode.DROP_ALL);
    store.put("k", "2", WriteOptions.SYNC);
    assertEquals("2", store.get("k"));
    store.crash(CrashMode.DROP_ALL);
    assertEquals("2", store.get("k"));
    store.compact();
    assertEquals("2", store.get("k"));
    store.put("k", "3");
    store.reopen();
    store.compact();
    store.reopen();
    assertEquals("3", store.get("k"));
  }

  @Test
  void r18_r19_aFailedForceIsNotTriedAgainAndProvesNothingLater() {
    for (int nth = 1; nth <= 2; nth++) {
      SmallStore store = SmallStore.create();
      store.disk.setReservesByZeroFill(false);
      store.reopen();
      store.put("a", "1", WriteOptions.SYNC);
      store.put("b", "2");
      Set<Operation> forces = Set.of(Operation.FORCE);
      store.fs.failAt(nth, Fault.IO_ERROR_ONCE, forces, name -> true);
      if (nth == 2) {
        store.put("c", "3", WriteOptions.SYNC);
      }
      BackgroundErrorException failure =
          assertThrows(
              BackgroundErrorException.class, () -> store.put("d", "4", WriteOptions.SYNC));
      assertTrue(failure.inDoubt());
      int operations = store.fs.operations();
      for (int i = 0; i < 3; i++) {
        assertThrows(BackgroundErrorException.class, () -> store.put("e", "5", WriteOptions.SYNC));
      }
      assertEquals(operations, store.fs.operations());
      assertNull(store.get("d"));
      store.close();
      // The system still shows what the force has lost; what comes now must not rest on it.
      store.open();
      store.put("f", "6", WriteOptions.SYNC);
      store.crash(CrashMode.DROP_ALL);
      assertEquals("1", store.get("a"));
      assertEquals("2", store.get("b"));
      assertEquals("6", store.get("f"));
    }
  }

  @Test
  void r22_r23_tableNamesAreNeverUsedTwice() {
    SmallStore store = SmallStore.create();
    store.options = withCache(Db.newBlockCache(1 << 20));
    store.reopen();
    Set<String> names = new HashSet<>();
    MemFileSystem fork = store.disk.crashImage(CrashMode.KEEP_ALL, 0);
    for (int branch = 0; branch < 3; branch++) {
      store.disk = fork;
      store.crash(CrashMode.KEEP_ALL);
      for (int i = 0; i < 10; i++) {
        store.put("k" + i, "branch" + branch + "-".repeat(500));
      }
      store.flush();
      store.compact();
      for (int i = 0; i < 10; i++) {
        assertEquals("branch" + branch + "-".repeat(500), store.get("k" + i));
      }
      for (String line : store.fs.trace()) {
        assertTrue(!isTableCreation(line) || names.add(line), line);
      }
    }
    assertTrue(names.size() >= 3);
  }

  private static boolean isTableCreation(String line) {
    return line.startsWith("create ") && line.endsWith(".sst");
  }

  private static DbOptions withCache(io.lsmdb.BlockCache cache) {
    return DbOptions.builder()
        .blockCache(cache)
        .defaultFamilyOptions(CrashScript.options(false).defaultFamilyOptions())
        .build();
  }

  @Test
  void r26_aFailedManifestLeavesTheGoodOne() {
    SmallStore store = SmallStore.create();
    store.put("k", "v", WriteOptions.SYNC);
    store.flush();
    store.fs.failAt(
        1, Fault.DISK_FULL_ONCE, Set.of(Operation.APPEND), EngineRegressionTest::isManifest);
    assertThrows(StorageException.class, () -> store.db.createColumnFamily("f"));
    store.fs.failAt(
        1, Fault.DISK_FULL_ONCE, Set.of(Operation.CREATE), EngineRegressionTest::isManifest);
    assertThrows(StorageException.class, () -> store.db.createColumnFamily("f"));
    for (CrashMode mode : CrashMode.values()) {
      SmallStore image = new SmallStore();
      image.fs = new FaultyFileSystem(store.disk.crashImage(mode, 1));
      image.open();
      assertEquals("v", image.get("k"));
    }
    store.db.createColumnFamily("f");
    store.crash(CrashMode.DROP_ALL);
    assertEquals("v", store.get("k"));
    assertEquals(Set.of("default", "f"), Set.copyOf(names(store.db)));
  }

  private static boolean isManifest(String name) {
    return name.startsWith("MANIFEST-");
  }

  @Test
  void r31_compactionOnRequestDoesNotResurrectWhatWasDeleted() {
    SmallStore store = SmallStore.create();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 50; i++) {
        store.put("k" + i, "v".repeat(200));
      }
      store.flush();
      store.compact();
      for (int i = 0; i < 50; i++) {
        store.delete("k" + i);
      }
      store.flush();
      store.executors.during(
          () -> store.db.compact(CrashScript.bytes("k10"), CrashScript.bytes("k20")));
      store.reopen();
      for (int i = 0; i < 50; i++) {
        assertNull(store.get("k" + i));
      }
    }
  }

  @Test
  void r32_aSnapshotKeepsItsVersionsThroughCompactionToTheBottom() {
    SmallStore store = SmallStore.create();
    store.put("k", "old");
    store.put("gone", "old");
    try (Snapshot snapshot = store.db.snapshot()) {
      for (int i = 0; i < 3; i++) {
        store.put("k", "new" + i);
        store.delete("gone");
        store.compact();
        assertArrayEquals(CrashScript.bytes("old"), snapshot.get(CrashScript.bytes("k")));
        assertArrayEquals(CrashScript.bytes("old"), snapshot.get(CrashScript.bytes("gone")));
      }
    }
    store.compact();
    assertEquals("new2", store.get("k"));
    assertNull(store.get("gone"));
  }

  @Test
  void r38_aCursorOverADroppedFamilyGoesOn() {
    SmallStore store = SmallStore.create();
    ColumnFamily family = store.db.createColumnFamily("f");
    for (int i = 0; i < 200; i++) {
      family.put(CrashScript.bytes(String.format("%03d", i)), new byte[100]);
    }
    store.flush();
    family.put(CrashScript.bytes("999"), new byte[100]);
    try (DbIterator it = family.iterate()) {
      it.seekToFirst();
      store.executors.during(() -> store.db.dropColumnFamily(family));
      store.executors.runPending();
      int count = 0;
      for (; it.isValid(); it.next()) {
        count++;
      }
      assertEquals(201, count);
    }
    store.executors.runPending();
    store.close();
    assertEquals(List.of(), store.fs.openFiles());
  }

  @Test
  void r39_anEmptyFamilyNameIsRefused() {
    SmallStore store = SmallStore.create();
    assertThrows(IllegalArgumentException.class, () -> store.db.createColumnFamily(""));
    store.reopen();
    assertEquals(List.of("default"), names(store.db));
  }

  @Test
  void r42_aRefusedOpeningLeavesTheFirstOneAlone() {
    SmallStore store = SmallStore.create();
    Db first = store.db;
    assertThrows(DbLockedException.class, store::open);
    assertThrows(DbLockedException.class, store::open);
    first.put(new byte[] {1}, new byte[] {1}, WriteOptions.SYNC);
    assertArrayEquals(new byte[] {1}, first.get(new byte[] {1}));
  }

  @Test
  void r43_sizesBeyondTheLimitsAreRefusedByName() {
    SmallStore store = SmallStore.create();
    byte[] largest = new byte[64 << 10];
    store.db.put(largest, new byte[1]);
    assertArrayEquals(new byte[1], store.db.get(largest));
    String keyBound =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.db.put(new byte[(64 << 10) + 1], new byte[1]))
            .getMessage();
    assertTrue(keyBound.matches(".*(65,?536|64 KiB).*"), keyBound);
    String valueBound =
        assertThrows(
                IllegalArgumentException.class,
                () -> store.db.put(new byte[1], new byte[(256 << 20) + 1]))
            .getMessage();
    assertTrue(valueBound.matches(".*(268,?435,?456|256 MiB).*"), valueBound);
    store.put("k", "v");
    assertEquals("v", store.get("k"));
  }

  @Test
  void r49_anErrorInABackgroundThreadStopsWritesAndIsReported() {
    for (String suffix : List.of(".sst", "MANIFEST")) {
      SmallStore store = SmallStore.create();
      store.put("k", "v", WriteOptions.SYNC);
      Error error = new AssertionError("injected"); // a lack of memory is tried again
      store.fs.observe(
          (index, operation, path) -> {
            if (operation == Operation.APPEND && path.toString().contains(suffix)) {
              throw error;
            }
          });
      BackgroundErrorException failure = assertThrows(BackgroundErrorException.class, store::flush);
      assertEquals(error, failure.getCause());
      store.fs.observe((index, operation, path) -> {});
      assertThrows(BackgroundErrorException.class, () -> store.put("k", "w"));
      assertEquals("v", store.get("k"));
      store.close();
      assertEquals(List.of(), store.fs.openFiles());
      store.open();
      assertEquals("v", store.get("k"));
      store.put("k", "w");
      store.reopen();
      assertEquals("w", store.get("k"));
    }
  }

  @Test
  void r49_anErrorInTheLogStopsWritesAndReachesTheWriter() {
    SmallStore store = SmallStore.create();
    store.put("k", "v", WriteOptions.SYNC);
    OutOfMemoryError error = new OutOfMemoryError("injected");
    store.fs.observe(
        (index, operation, path) -> {
          throw error;
        });
    BackgroundErrorException failure =
        assertThrows(BackgroundErrorException.class, () -> store.put("k", "w"));
    assertEquals(error, failure.getCause());
    store.fs.observe((index, operation, path) -> {});
    assertThrows(BackgroundErrorException.class, () -> store.put("k", "w"));
    assertEquals("v", store.get("k"));
    store.close();
    store.open();
    assertTrue(Set.of("v", "w").contains(store.get("k")));
  }

  /** The batch is damaged between the log and the memtable, as no memory would leave it. */
  @Test
  void r49_aFailureBetweenLogAndMemtableStopsWritesAndShowsNothing() {
    SmallStore store = SmallStore.create();
    store.put("k", "v", WriteOptions.SYNC);
    WriteBatch batch = new WriteBatch();
    batch.put(CrashScript.bytes("k"), CrashScript.bytes("w"));
    batch.put(CrashScript.bytes("l"), CrashScript.bytes("w"));
    AtomicReference<byte[]> bytes = new AtomicReference<>(BatchAccess.encoder(batch).bytes());
    int size = BatchAccess.encoder(batch).size();
    boolean[] logged = new boolean[1];
    store.fs.observe(
        (index, operation, path) -> {
          // The header follows its payload.
          if (logged[0]) {
            Arrays.fill(bytes.get(), size / 2, size, (byte) 0xFF);
          }
          logged[0] = true;
        });
    BackgroundErrorException failure =
        assertThrows(
            BackgroundErrorException.class, () -> store.db.write(batch, WriteOptions.BUFFERED));
    assertTrue(failure.inDoubt());
    store.fs.observe((index, operation, path) -> {});
    assertEquals("v", store.get("k"));
    assertNull(store.get("l"));
    assertFalse(store.db.iterate().isValid());
    assertThrows(BackgroundErrorException.class, () -> store.put("k", "w"));
    store.close();
    store.open();
    assertEquals("w", store.get("k"));
    assertEquals("w", store.get("l"));
  }

  @Test
  void mergingSmallFilesThatCompressWellComesToAnEnd() {
    SmallStore store = new SmallStore();
    store.options =
        DbOptions.builder()
            .defaultFamilyOptions(
                ColumnFamilyOptions.builder().targetFileSize(4 << 10).blockSize(16 << 10).build())
            .build();
    store.open();
    String value = "v".repeat(3_000);
    for (int i = 0; i < 24; i++) {
      store.put("key" + (100 + i), value);
    }
    store.compact();
    store.executors.runPending();
    assertEquals(value, store.get("key100"));
    assertTrue(store.files(".sst").size() < 24, "files are merged");
    store.close();
  }

  @Test
  void aClockThatFailsWhileACursorIsOpenedLeavesNoTablePinned() {
    AtomicBoolean fails = new AtomicBoolean();
    SmallStore store = new SmallStore();
    store.options =
        DbOptions.builder()
            .timeSource(
                () -> {
                  if (fails.get()) {
                    throw new IllegalStateException("no time");
                  }
                  return 0;
                })
            .build();
    store.open();
    store.put("a", "old");
    store.flush();
    List<String> read = store.files(".sst");
    fails.set(true);
    assertThrows(IllegalStateException.class, () -> store.db.iterate());
    fails.set(false);
    store.put("a", "new");
    store.flush();
    store.compact();
    store.executors.runPending();
    assertEquals(1, store.files(".sst").size());
    assertNotEquals(read, store.files(".sst"));
    store.close();
  }
}
