package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.EventListener.StallCause;
import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.MemFileSystem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Writes that have to wait, because flushes or compactions are held back. */
@SuppressWarnings("try") // resources that are only closed
class StallTest {
  private static final byte[] KEY = bytes("key");
  private static final WriteOptions AT_ONCE =
      WriteOptions.builder().stallTimeout(Duration.ZERO).build();
  private static final WriteOptions SOON =
      WriteOptions.builder().stallTimeout(Duration.ofMillis(3)).build();

  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<StallCause> told = new CopyOnWriteArrayList<>();

  /** Opens a store whose threads of one kind do nothing before the latch opens. */
  private Db open(String heldBack, ColumnFamilyOptions family) {
    Environment env = TestStores.environment(new MemFileSystem());
    Environment.ExecutorFactory executors =
        (name, threads) ->
            name.equals(heldBack) ? new HeldBack(threads) : env.executors().create(name, threads);
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(family)
            .listener(
                new EventListener() {
                  @Override
                  public void onStall(StallCause cause, String name, long nanos) {
                    assertEquals("default", name);
                    told.add(cause);
                  }
                })
            .build();
    return DbImpl.open(
        TestStores.DIRECTORY,
        options,
        new Environment(
            env.fileSystem(), env.clockMillis(), env.nanoTime(), env.random(), executors));
  }

  private final class HeldBack extends ThreadPoolExecutor {
    HeldBack(int threads) {
      super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
      try {
        goOn.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets background work go on before the store is closed, which would wait for it. */
  private interface LetGo extends AutoCloseable {
    @Override
    void close();
  }

  private static void addLevel0Files(Db db, int files) {
    for (int i = 0; i < files; i++) {
      db.put(key(i), key(i));
      db.flush();
    }
  }

  /** Writes in a thread of its own, which waits; lets background work go on; sees the write end. */
  private void assertResumes(Db db) throws InterruptedException {
    Thread writer = new Thread(() -> db.put(KEY, bytes("late")));
    writer.start();
    while (writer.getState() != Thread.State.TIMED_WAITING
        && writer.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    assertNull(db.get(KEY), "reads do not wait");
    goOn.countDown();
    writer.join();
    assertArrayEquals(bytes("late"), db.get(KEY));
    db.put(KEY, KEY);
  }

  @Test
  void tooManyLevel0FilesStopWrites() throws Exception {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder()
            .level0FileNumCompactionTrigger(2)
            .level0SlowdownWritesTrigger(3)
            .level0StopWritesTrigger(3)
            .build();
    try (Db db = open("compaction", family);
        LetGo letGo = goOn::countDown) {
      addLevel0Files(db, 3);
      StallTimeoutException refused =
          assertThrows(StallTimeoutException.class, () -> db.put(KEY, KEY, AT_ONCE));
      assertTrue(
          refused.getMessage().contains("default has 3 files in level 0, the limit is 3"),
          refused.getMessage());
      assertThrows(StallTimeoutException.class, () -> db.delete(key(0), SOON));
      assertThrows(
          StallTimeoutException.class, () -> db.write(new WriteBatch().put(KEY, KEY), SOON));
      assertNull(db.get(KEY));
      assertArrayEquals(key(0), db.get(key(0)));
      assertEquals(3, db.stats().stalls().get(StallCause.LEVEL0_FILES).count());
      assertEquals(
          List.of(StallCause.LEVEL0_FILES, StallCause.LEVEL0_FILES, StallCause.LEVEL0_FILES), told);
      assertResumes(db);
      assertEquals(4, db.stats().stalls().get(StallCause.LEVEL0_FILES).count());
    }
  }

  @Test
  void manyLevel0FilesSlowWritesDown() {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder()
            .level0FileNumCompactionTrigger(2)
            .level0SlowdownWritesTrigger(2)
            .level0StopWritesTrigger(6)
            .build();
    try (Db db = open("compaction", family);
        LetGo letGo = goOn::countDown) {
      addLevel0Files(db, 3);
      byte[] large = value(1, 200_000); // 3 ms at the highest rate
      assertThrows(StallTimeoutException.class, () -> db.put(KEY, large, AT_ONCE));
      assertNull(db.get(KEY));
      long before = db.stats().stalls().get(StallCause.LEVEL0_FILES).nanos();
      db.put(KEY, large);
      assertArrayEquals(large, db.get(KEY));
      assertEquals(2, db.stats().stalls().get(StallCause.LEVEL0_FILES).count());
      assertTrue(db.stats().stalls().get(StallCause.LEVEL0_FILES).nanos() > before);
      goOn.countDown();
      db.compact();
      db.put(KEY, large, AT_ONCE);
    }
  }

  @Test
  void fullMemtablesStopWrites() throws Exception {
    ColumnFamilyOptions family = TestStores.tinyFamily().maxWriteBufferNumber(2).build();
    try (Db db = open("flush", family);
        LetGo letGo = goOn::countDown) {
      StallTimeoutException refused =
          assertThrows(
              StallTimeoutException.class,
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  db.put(key(i), value(i, 1_000), AT_ONCE);
                }
              });
      assertTrue(refused.getMessage().contains("memtables"), refused.getMessage());
      assertThrows(StallTimeoutException.class, () -> db.put(KEY, KEY, SOON));
      assertEquals(2, db.stats().stalls().get(StallCause.MEMTABLES).count());
      assertEquals(List.of(StallCause.MEMTABLES, StallCause.MEMTABLES), told);
      assertResumes(db);
    }
  }

  @Test
  void outstandingCompactionStopsWrites() throws Exception {
    ColumnFamilyOptions family =
        TestStores.tinyFamily()
            .level0FileNumCompactionTrigger(2)
            .softPendingCompactionBytes(1)
            .hardPendingCompactionBytes(10_000)
            .build();
    try (Db db = open("compaction", family);
        LetGo letGo = goOn::countDown) {
      for (int i = 0; i < 2; i++) {
        db.put(key(i), value(i, 30_000));
        db.flush();
      }
      assertThrows(StallTimeoutException.class, () -> db.put(KEY, KEY, AT_ONCE));
      assertTrue(db.stats().families().get(0).pendingCompactionBytes() > 10_000);
      assertTrue(db.stats().stalls().get(StallCause.PENDING_COMPACTION).count() > 0);
      assertResumes(db);
    }
  }

  @Test
  void closingEndsTheWaitOfAStalledWrite() throws Exception {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder()
            .level0FileNumCompactionTrigger(1)
            .level0SlowdownWritesTrigger(2)
            .level0StopWritesTrigger(2)
            .build();
    Db db = open("compaction", family);
    addLevel0Files(db, 2);
    Throwable[] outcome = new Throwable[1];
    Thread writer =
        new Thread(
            () -> {
              try {
                db.put(KEY, KEY);
              } catch (RuntimeException e) {
                outcome[0] = e;
              }
            });
    writer.start();
    while (writer.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(1);
    }
    Thread closer = new Thread(db::close);
    closer.start();
    writer.join(); // before any compaction
    goOn.countDown();
    closer.join();
    assertEquals(DbClosedException.class, outcome[0].getClass());
  }
}
