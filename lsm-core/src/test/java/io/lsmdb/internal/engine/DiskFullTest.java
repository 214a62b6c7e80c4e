package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.NioFileSystem;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.TestEnvironments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk: reads go on, nothing is lost, writes resume by themselves once there is space. */
class DiskFullTest {
  private static final int MAX_TRIES = 2_000;

  /** Numbers of the keys that were acknowledged: 0 up to here. */
  private int written;

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] value(int number) {
    byte[] value = new byte[1000];
    new Random(number).nextBytes(value);
    return value;
  }

  private void put(Db db) {
    WriteOptions options = written % 50 == 0 ? WriteOptions.SYNC : WriteOptions.BUFFERED;
    db.put(key(written), value(written), options);
    written++;
  }

  private StorageException fill(Db db) {
    while (true) {
      try {
        put(db);
      } catch (StorageException e) {
        return e;
      }
    }
  }

  private void resume(Db db) throws InterruptedException {
    for (int i = 0; ; i++) {
      try {
        put(db);
        return;
      } catch (StorageException e) {
        assertEquals(Reason.DISK_FULL, e.reason());
        assertTrue(i < MAX_TRIES, "writes do not resume: " + e);
        Thread.sleep(5);
      }
    }
  }

  private void checkAll(Db db) {
    for (int i = 0; i < written; i++) {
      assertEquals(ByteBuffer.wrap(value(i)), ByteBuffer.wrap(db.get(key(i))), "key " + i);
    }
  }

  private Db open(FileSystem fs, Path directory) {
    return DbImpl.open(
        directory,
        DbOptions.builder()
            .defaultFamilyOptions(CrashScript.options(false).defaultFamilyOptions())
            .build(),
        TestEnvironments.threaded(fs, 1),
        new EngineTuning(16 << 10, 64 << 10, 4 << 10, 20_000_000));
  }

  @Test
  void r28_writesResumeByThemselvesWhenSpaceReturns() throws InterruptedException {
    for (int capacity = 300_000; capacity < 900_000; capacity += 150_000) {
      written = 0;
      MemFileSystem disk = new MemFileSystem();
      FaultyFileSystem fs = new FaultyFileSystem(disk);
      disk.setCapacity(capacity);
      try (Db db = open(fs, CrashScript.DIRECTORY)) {
        for (int round = 1; round <= 3; round++) {
          StorageException full = fill(db);
          assertEquals(Reason.DISK_FULL, full.reason(), full.toString());
          checkAll(db);
          disk.setCapacity(capacity + round * 1_500_000L);
          resume(db);
        }
        disk.setCapacity(20_000_000);
        resume(db);
        db.flush();
        checkAll(db);
      }
      assertEquals(0, fs.openHandles());
      try (Db db = open(fs, CrashScript.DIRECTORY)) {
        checkAll(db);
      }
    }
  }

  @Test
  void r29_aStoreThatFilledItsDiskOpensAgain() throws InterruptedException {
    for (int capacity = 300_000; capacity < 900_000; capacity += 110_000) {
      written = 0;
      MemFileSystem disk = new MemFileSystem();
      disk.setCapacity(capacity);
      Db db = open(disk, CrashScript.DIRECTORY);
      fill(db);
      MemFileSystem killed = disk.crashImage(CrashMode.KEEP_ALL, 1);
      killed.setCapacity(capacity + 2_000_000L);
      try (Db again = open(killed, CrashScript.DIRECTORY)) {
        checkAll(again);
        resume(again);
        checkAll(again);
      }
      disk.setCapacity(20_000_000);
      resume(db);
      db.close();
    }
  }

  @Test
  void anEmptyMemtableThatAFailedWriteLeftDoesNotKeepTheFlushesBusy() {
    SmallStore store = new SmallStore();
    store.options =
        DbOptions.builder()
            .maxLogSize(1 << 20)
            .defaultFamilyOptions(ColumnFamilyOptions.builder().writeBufferSize(256 << 10).build())
            .build();
    store.open();
    var idle = store.db.createColumnFamily("idle");
    store.put("k", "v");
    store.fs.failAt(1, Fault.DISK_FULL_ONCE, Set.of(Operation.CREATE), name -> true);
    StorageException full =
        assertThrows(
            StorageException.class,
            () -> idle.put(new byte[] {1}, new byte[100_000], WriteOptions.BUFFERED));
    assertEquals(Reason.DISK_FULL, full.reason());
    for (int i = 0; i < 150; i++) {
      store.put("k" + i, "v".repeat(10_000));
      store.executors.runPending(1_000);
    }
    int operations = store.fs.operations();
    store.executors.runPending(1_000);
    assertEquals(operations, store.fs.operations(), "background work without end");
    assertTrue(store.db.stats().logSize() < 2 << 20, "the log does not shrink");
    store.reopen();
    assertNotNull(store.get("k149"));
  }

  @Test
  void aFlushIsNotFailedByAnAttemptThatWasUnderWayBeforeIt() throws Exception {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch tryAgain = new CountDownLatch(1);
    fs.failAt(1, Fault.DISK_FULL_ONCE, Set.of(Operation.CREATE), name -> name.endsWith(".sst"));
    fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.CREATE && path.toString().endsWith(".sst")) {
            CountDownLatch gate = begun.getCount() > 0 ? goOn : tryAgain;
            begun.countDown();
            awaitUninterrupted(gate);
          }
        });
    EngineTuning neverRetries =
        new EngineTuning(16 << 10, 64 << 10, 4 << 10, TimeUnit.HOURS.toNanos(1));
    try (Db db =
        DbImpl.open(
            CrashScript.DIRECTORY,
            DbOptions.builder().build(),
            TestEnvironments.threaded(fs, 1),
            neverRetries)) {
      put(db);
      new Thread(flushing(db), "first").start(); // fails or not: its attempt may have begun before
      begun.await();
      FutureTask<Void> second = flushing(db);
      Thread waiting = new Thread(second, "second");
      waiting.start();
      while (waiting.getState() != Thread.State.TIMED_WAITING) {
        Thread.sleep(1);
      }
      goOn.countDown();
      try {
        assertThrows(TimeoutException.class, () -> second.get(100, TimeUnit.MILLISECONDS));
      } finally {
        tryAgain.countDown(); // closing waits for it
      }
      waiting.join();
      second.get();
      assertEquals(1, db.stats().families().get(0).levels().get(0).files());
      checkAll(db);
    }
  }

  private static FutureTask<Void> flushing(Db db) {
    return new FutureTask<>(db::flush, null);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A full disk on a file system of the kernel, where one can be mounted. */
  @Test
  void r28_r29_aRealFullDisk(@TempDir Path parent) throws IOException, InterruptedException {
    Path mount = Files.createDirectory(parent.resolve("small"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount.toString()),
        "not run: no tmpfs can be mounted");
    try {
      Path ballast = Files.write(mount.resolve("ballast"), new byte[600_000]);
      try (Db db = open(new NioFileSystem(), mount.resolve("store"))) {
        StorageException full = fill(db);
        assertEquals(Reason.DISK_FULL, full.reason(), full.toString());
        checkAll(db);
        Files.delete(ballast);
        resume(db);
        checkAll(db);
      } catch (StorageException full) {
        assertEquals(Reason.DISK_FULL, full.reason(), "closing meets the full disk at most");
      }
      checkCopy(mount.resolve("store"), parent.resolve("copy"));
    } finally {
      run("umount", "-l", mount.toString());
    }
  }

  private void checkCopy(Path store, Path copy) throws IOException {
    Files.createDirectory(copy);
    try (var files = Files.list(store)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    try (Db db = open(new NioFileSystem(), copy)) {
      checkAll(db);
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
