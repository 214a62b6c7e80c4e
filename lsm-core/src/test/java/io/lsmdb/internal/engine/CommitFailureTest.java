package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import io.lsmdb.StorageException;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.TestEnvironments;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Failures of the thread that commits for others, and of the listeners that it calls. */
class CommitFailureTest {
  private final FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
  private final List<Throwable> outcomes = Collections.synchronizedList(new ArrayList<>());

  private Db open(EventListener listener) {
    return DbImpl.open(
        CrashScript.DIRECTORY,
        DbOptions.builder().listener(listener).build(),
        TestEnvironments.threaded(fs, 1));
  }

  private static byte[] bytes(String text) {
    return CrashScript.bytes(text);
  }

  private Thread start(Runnable action) {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
                outcomes.add(null);
              } catch (Throwable e) {
                outcomes.add(e);
              }
            });
    thread.start();
    return thread;
  }

  private static void awaitParked(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Lets a writer lead while others line up behind it, and lead again for them before its own next
   * write; what it does for them throws an error.
   */
  private void errorWhileLeadingFor(Db db, Operation failing, List<Runnable> others)
      throws InterruptedException {
    db.put(bytes("a"), bytes("a"), WriteOptions.SYNC);
    CountDownLatch leading = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    boolean[] passed = new boolean[1];
    fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.WRITE_DURABLY && !passed[0]) {
            passed[0] = true;
            leading.countDown();
            await(go);
          } else if (passed[0] && operation == failing) {
            throw new OutOfMemoryError("injected");
          }
        });
    Thread leader =
        start(
            () -> {
              db.put(bytes("b"), bytes("b"), WriteOptions.SYNC);
              for (int i = 0; i < 3; i++) {
                assertThrows(
                    BackgroundErrorException.class,
                    () -> db.put(bytes("c"), bytes("c"), WriteOptions.NO_WAL));
              }
            });
    leading.await();
    List<Thread> threads = new ArrayList<>();
    for (Runnable other : others) {
      Thread thread = start(other);
      awaitParked(thread);
      threads.add(thread);
    }
    go.countDown();
    leader.join();
    for (Thread thread : threads) {
      thread.join();
    }
    fs.observe((index, operation, path) -> {});
  }

  @Test
  void anErrorInTheLeaderReachesAllForWhomItLeads() throws InterruptedException {
    Db db = open(EventListener.NONE);
    Runnable write = () -> db.put(bytes("d"), bytes("d"), WriteOptions.SYNC);
    errorWhileLeadingFor(db, Operation.WRITE_DURABLY, List.of(write, write, write));
    assertEquals(4, outcomes.size());
    assertEquals(1, Collections.frequency(outcomes, null), outcomes.toString());
    outcomes.removeIf(outcome -> outcome == null);
    outcomes.forEach(outcome -> assertInstanceOf(BackgroundErrorException.class, outcome));
    assertNull(db.get(bytes("d")));
    db.close();
    assertEquals(List.of(), fs.openFiles());
  }

  @Test
  void anErrorWhileAFamilyIsRecordedReachesWhoAskedForItAndStopsWrites()
      throws InterruptedException {
    Db db = open(EventListener.NONE);
    db.put(bytes("a"), bytes("a"), WriteOptions.SYNC);
    fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.APPEND && path.toString().contains("MANIFEST")) {
            throw new OutOfMemoryError("injected");
          }
        });
    start(() -> db.createColumnFamily("new")).join();
    assertInstanceOf(DbException.class, outcomes.get(0));
    assertThrows(
        BackgroundErrorException.class, () -> db.put(bytes("c"), bytes("c"), WriteOptions.NO_WAL));
    fs.observe((index, operation, path) -> {});
    db.close();
    assertEquals(List.of(), fs.openFiles());
  }

  @Test
  void aListenerOfAFailureNeitherHangsNorHarmsTheWriter() {
    AtomicReference<Db> store = new AtomicReference<>();
    List<Class<?>> refused = new ArrayList<>();
    Db db =
        open(
            new EventListener() {
              @Override
              public void onBackgroundError(DbException failure) {
                List<Runnable> calls =
                    List.of(
                        store.get()::close,
                        store.get()::flush,
                        () -> store.get().put(bytes("l"), bytes("l")),
                        () -> store.get().createColumnFamily("l"));
                for (Runnable call : calls) {
                  refused.add(assertThrows(RuntimeException.class, call::run).getClass());
                }
                throw new AssertionError("a listener's error");
              }
            });
    store.set(db);
    db.put(bytes("a"), bytes("a"), WriteOptions.SYNC);
    fs.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.WRITE_DURABLY), name -> true);
    BackgroundErrorException failure =
        assertThrows(
            BackgroundErrorException.class,
            () -> db.put(bytes("b"), bytes("b"), WriteOptions.SYNC));
    assertTrue(failure.inDoubt());
    assertEquals(4, refused.size());
    assertEquals(IllegalStateException.class, refused.get(0));
    assertEquals("a", new String(db.get(bytes("a")), java.nio.charset.StandardCharsets.UTF_8));
    db.close();
    assertEquals(List.of(), fs.openFiles());
  }

  @Test
  void aFailedAtomicFlushLeavesNoTables() {
    SmallStore store = new SmallStore();
    store.options = CrashScript.options(true);
    store.open();
    ColumnFamily other = store.db.createColumnFamily("other");
    store.put("k", "v");
    other.put(bytes("k"), bytes("v"));
    for (int attempt = 0; attempt < 2; attempt++) {
      store.fs.failAt(
          2, Fault.DISK_FULL_FOREVER, Set.of(Operation.CREATE), name -> name.endsWith(".sst"));
      assertThrows(StorageException.class, store::flush);
      store.fs.clearFaults();
    }
    store.flush();
    store.executors.runPending();
    assertEquals(2, store.files(".sst").size(), store.files(".sst").toString());
    store.reopen();
    assertEquals("v", store.get("k"));
  }

  @Test
  void aBatchThatNoMemtableTakesFailsAlone() {
    SmallStore store = SmallStore.create();
    WriteBatch batch = new WriteBatch();
    byte[] key = {};
    for (int i = 0; i < 13_100_000; i++) {
      batch.delete(key);
    }
    assertThrows(
        IllegalArgumentException.class, () -> store.db.write(batch, WriteOptions.BUFFERED));
    store.put("k", "v");
    store.reopen();
    assertEquals("v", store.get("k"));
  }
}
