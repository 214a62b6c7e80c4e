package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.StorageException;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.LevelOptions;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CompactionJobTest {
  private static final int TARGET = 2048;

  private final FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());

  @Test
  void outputsAreCutAtTheTargetSizeAndShareNoUserKey() {
    TestStore store = overlappingStore(fs);
    CompactionJob.Result result = store.runAndApply(pick(store));
    assertTrue(result.outputs().size() > 3);
    byte[] last = null;
    for (FileMetadata file : result.outputs()) {
      assertTrue(file.size() < 2 * TARGET, file.toString());
      assertTrue(last == null || Arrays.compareUnsigned(last, file.smallest().userKey()) < 0);
      last = file.largest().userKey();
    }
    store.check("after");
    JobStatistics statistics = result.statistics();
    assertEquals(
        statistics.entries().in(),
        statistics.entries().out()
            + statistics.entries().hidden()
            + statistics.entries().tombstones());
    assertEquals(store.version.levelSize(6), statistics.bytesWritten());
    assertEquals(store.entries(), statistics.entries().out());
  }

  @Test
  void r30_versionsOfOneKeyStayInOneFile() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    for (int flush = 0; flush < 4; flush++) {
      store.put("a", "first");
      for (int i = 0; i < 30; i++) {
        store.put("k", "version " + i + " of flush " + flush + "x".repeat(100));
        store.snapshot();
      }
      store.put("z", "last");
      store.flush();
    }
    CompactionJob.Result result = store.runAndApply(pick(store));
    assertEquals(2, result.outputs().size(), "a and k, then z");
    assertTrue(result.outputs().get(0).size() > 4 * TARGET);
    store.check("after");
  }

  @Test
  void r31_deletedKeysStayDeletedAfterCompactingARange() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    store.put("a", "1");
    store.put("m", "1");
    store.put("z", "1");
    store.flush();
    store.compactRange(null, null);
    store.put("m", "2");
    store.put("q", "2");
    store.flush();
    store.delete("a");
    store.delete("m");
    store.flush();
    store.delete("q");
    store.put("x", "3");
    store.flush();
    store.compactRange("a", "b");
    store.check("range of a alone");
    store.compactRange("q", "r");
    store.check("range of q");
    store.compactRange(null, null);
    store.check("everything");
    assertEquals(2, store.entries(), "x and z");
  }

  @Test
  void r32_snapshotVisibleVersionsSurviveAtTheBottom() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    store.put("k", "seen");
    long snapshot = store.snapshot();
    store.delete("k");
    store.flush();
    for (int i = 0; i < 2; i++) {
      store.compactRange(null, null);
      assertEquals("=seen", store.read("k", snapshot));
      store.check("while the snapshot lives");
    }
    store.snapshots.clear();
    store.put("k2", "v");
    store.flush();
    store.compactRange(null, null);
    assertEquals(1, store.entries());
  }

  @Test
  void r35_overLimitOutputIsKept() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    for (int i = 0; i < 4; i++) {
      store.put("big" + i, "x".repeat(20 * TARGET));
      store.put("same", "y".repeat(20 * TARGET));
      store.flush();
    }
    CompactionJob.Result result = store.runAndApply(pick(store));
    assertEquals(5, result.outputs().size());
    assertEquals(5, store.entries());
    store.check("after");
  }

  @Test
  void nothingLeftMeansNoFile() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    for (int i = 0; i < 3; i++) {
      store.put("k" + i, "v");
    }
    store.flush();
    for (int i = 0; i < 3; i++) {
      store.delete("k" + i);
      store.flush();
    }
    CompactionJob.Result result = store.runAndApply(pick(store));
    assertEquals(List.of(), result.outputs());
    assertEquals(3, result.statistics().entries().tombstones());
    assertEquals(List.of(), fs.list(TestStore.DIRECTORY));
  }

  @Test
  void anEmptyFlushMakesNoTable() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    store.flush();
    assertEquals(0, store.version.fileCount());
    assertEquals(List.of(), fs.list(TestStore.DIRECTORY));
  }

  @Test
  void trivialMoveTouchesNoFile() {
    LevelOptions options = new LevelOptions(1, 1, 2L * TARGET, 3, TARGET, 0, Long.MAX_VALUE);
    TestStore store = new TestStore(fs, options);
    for (int i = 0; i < 50; i++) {
      store.put("k" + i, "x".repeat(20));
    }
    store.flush();
    int before = fs.operations();
    CompactionJob.Result result = store.runAndApply(pick(store));
    assertEquals(before, fs.operations());
    assertEquals(JobStatistics.NONE, result.statistics());
    assertEquals(1, store.version.files(6).size());
    store.check("after");
  }

  @Test
  void droppedFilesAreNotReadAndLeaveNothing() {
    TestStore store = overlappingStore(fs);
    List<FileMetadata> files = store.version.files(0);
    List<FileMetadata> oldest = files.subList(1, files.size());
    int before = fs.operations();
    Compaction drop = Compaction.drop(1, Compaction.Reason.MANUAL, 0, oldest);
    CompactionJob.Result result = store.run(drop);
    assertEquals(before, fs.operations());
    assertEquals(JobStatistics.NONE, result.statistics());
    assertEquals(List.of(), result.outputs());
    FileMetadata newest = files.get(0);
    store.runAndApply(drop);
    assertEquals(List.of(newest), store.version.files(0));
    assertEquals(1, store.liveNames().size());
  }

  @Test
  void r3_outputsAreDurableBeforeTheEditIsReturnedAndTheirNamesByOneSync() {
    MemFileSystem inner = new MemFileSystem();
    FaultyFileSystem traced = new FaultyFileSystem(inner);
    TestStore store = overlappingStore(traced);
    int before = traced.operations();
    CompactionJob.Result result = store.run(pick(store));
    List<String> done = traced.trace().subList(before, traced.operations());
    assertTrue(done.stream().noneMatch(op -> op.startsWith("force directory")), done.toString());
    inner.forceDirectory(TestStore.DIRECTORY); // as whoever records the outputs does once for all
    MemFileSystem image = inner.crashImage(CrashMode.DROP_ALL, 1);
    for (FileMetadata file : result.outputs()) {
      String name = FileNames.table(file.number(), file.session());
      assertEquals(file.size(), image.size(TestStore.DIRECTORY.resolve(name)));
    }
  }

  @Test
  void largeCompactionsAreDividedAndGiveTheSameData() {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      TestStore store = overlappingStore(fs);
      store.compactRange(null, null);
      for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 100; k++) {
          store.put(String.format("key%05d", 7 * k), "new " + i + "x".repeat(100));
        }
        store.flush();
      }
      AtomicInteger helpers = new AtomicInteger();
      store.executor =
          task -> {
            helpers.incrementAndGet();
            pool.execute(task);
          };
      Compaction compaction = pick(store);
      assertTrue(compaction.inputBytes() > 16L * TARGET);
      assertEquals(3, Subcompactions.boundaries(compaction, 4).size());
      store.runAndApply(compaction);
      assertEquals(3, helpers.get());
      store.check("after");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void smallCompactionsAreNotDivided() {
    TestStore store = new TestStore(fs, TestStore.options(1 << 20));
    for (int i = 0; i < 4; i++) {
      store.put("a" + i, "v");
      store.put("z" + i, "v");
      store.flush();
    }
    assertEquals(List.of(), Subcompactions.boundaries(pick(store), 4));
  }

  @Test
  void cancellationLeavesNoOutputs() {
    for (int asked = 0; asked < 2; asked++) {
      TestStore store = overlappingStore(new FaultyFileSystem(new MemFileSystem()));
      AtomicInteger left = new AtomicInteger(asked);
      store.cancelled = () -> left.getAndDecrement() <= 0;
      Compaction compaction = pick(store);
      assertThrows(JobCancelledException.class, () -> store.run(compaction), "asked " + asked);
      store.check("cancelled after " + asked);
      store.cancelled = () -> false;
      store.runAndApply(compaction);
      store.check("tried again");
    }
  }

  @Test
  void cancelledFlushLeavesNoTable() {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    store.put("k", "v");
    store.cancelled = () -> true;
    assertThrows(JobCancelledException.class, store::flush);
    assertEquals(List.of(), fs.list(TestStore.DIRECTORY));
  }

  @Test
  void failureOfAnyWriteLeavesTheInputsAndNothingElse() {
    for (Fault fault : List.of(Fault.IO_ERROR_ONCE, Fault.DISK_FULL_ONCE, Fault.SHORT_WRITE)) {
      assertTrue(failEach(Operation.MUTATING, fault) > 10);
    }
  }

  @Test
  void failureOfAnyReadLeavesTheInputsAndNothingElse() {
    assertTrue(failEach(Operation.READING, Fault.IO_ERROR_ONCE) > 10);
  }

  private static int failEach(Set<Operation> operations, Fault fault) {
    int nth = 0;
    while (true) {
      nth++;
      FaultyFileSystem faulty = new FaultyFileSystem(new MemFileSystem());
      TestStore store = overlappingStore(faulty);
      Compaction compaction = pick(store);
      Set<String> before = new TreeSet<>(faulty.list(TestStore.DIRECTORY));
      faulty.failAt(nth, fault, operations, name -> true);
      try {
        store.run(compaction);
        assertEquals(0, faulty.injectedFaults());
        return nth - 1;
      } catch (StorageException e) {
        assertEquals(0, e.getSuppressed().length);
      }
      faulty.clearFaults();
      assertEquals(before, new TreeSet<>(faulty.list(TestStore.DIRECTORY)), fault + " " + nth);
      assertTrue(before.containsAll(faulty.openFiles()), "outputs are closed");
      store.check(fault + " " + nth);
      store.runAndApply(compaction);
      store.check(fault + " " + nth + ", tried again");
    }
  }

  @Test
  void firstFailureIsThrownWithLaterOnesSuppressed() {
    TestStore store = overlappingStore(fs);
    Compaction compaction = pick(store);
    fs.failAt(3, Fault.DISK_FULL_FOREVER);
    StorageException e = assertThrows(StorageException.class, () -> store.run(compaction));
    assertEquals(StorageException.Reason.DISK_FULL, e.reason());
    assertEquals(1, e.getSuppressed().length, "the output could not be deleted either");
    fs.clearFaults();
    assertTrue(fs.list(TestStore.DIRECTORY).containsAll(store.liveNames()));
  }

  @Test
  void interruptIsKeptAndDoesNotStopTheJob() {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      TestStore store = overlappingStore(fs);
      store.executor = pool;
      Thread.currentThread().interrupt();
      store.runAndApply(pick(store));
      assertTrue(Thread.interrupted());
      store.check("after");
    } finally {
      assertFalse(Thread.interrupted());
      pool.shutdownNow();
    }
  }

  private static Compaction pick(TestStore store) {
    return store.picker.pick(store.pickerInput()).orElseThrow();
  }

  /** Four files of level 0 that overlap, with puts, overwrites and deletes. */
  private static TestStore overlappingStore(FaultyFileSystem fs) {
    TestStore store = new TestStore(fs, TestStore.options(TARGET));
    for (int flush = 0; flush < 4; flush++) {
      for (int i = 0; i < 150; i++) {
        String key = String.format("key%05d", (i * 7 + flush * 3) % 700);
        if (i % 10 == flush) {
          store.delete(key);
        } else {
          store.put(key, "value " + flush + "." + i + "x".repeat(20));
        }
      }
      store.flush();
    }
    assertEquals(4, store.version.files(0).size());
    assertEquals(0, store.version.levelSize(Version.LEVELS - 1));
    return store;
  }
}
