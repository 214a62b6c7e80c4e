package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Changes of families while the sync of the manifest takes its time. */
class FamilyChangeTest {
  private static final byte[] KEY = CrashScript.bytes("key");

  /** Only ends a test that fails. */
  private static final long LONG_ENOUGH_MILLIS = 20_000;

  private final SmallStore store = SmallStore.create();
  private final ColumnFamily family = store.db.createColumnFamily("family");
  private final CountDownLatch syncing = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /** A change of families, which writes to the manifest. */
  enum Change {
    CREATE,
    DROP,
    DELETE_FILES
  }

  private void run(Change change) {
    switch (change) {
      case CREATE -> store.db.createColumnFamily("new");
      case DROP -> store.db.dropColumnFamily(family);
      case DELETE_FILES -> family.deleteFilesInRange(null, null);
    }
  }

  private Thread begin(Change change) throws InterruptedException {
    family.put(KEY, KEY);
    store.executors.during(() -> family.compact(null, null));
    store.fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.FORCE && path.toString().contains("MANIFEST")) {
            syncing.countDown();
            await(goOn);
          }
        });
    Thread thread = new Thread(() -> run(change));
    thread.start();
    assertTrue(syncing.await(LONG_ENOUGH_MILLIS, TimeUnit.MILLISECONDS), "no sync");
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void writersDoNotWaitForTheSyncOfTheManifest(Change change) throws InterruptedException {
    Thread changing = begin(change);
    Thread writer = new Thread(() -> store.put("other", "value", WriteOptions.SYNC));
    writer.start();
    writer.join(LONG_ENOUGH_MILLIS);
    assertFalse(writer.isAlive(), "the writer waits");
    assertEquals("value", store.get("other"));
    goOn.countDown();
    changing.join();
    store.executors.runPending();
    store.crash(CrashMode.DROP_ALL);
    assertEquals("value", store.get("other"));
    checkDone(change);
    store.close();
  }

  @Test
  void aFamilyThatIsBeingDroppedTakesNoMoreWrites() throws InterruptedException {
    Thread dropping = begin(Change.DROP);
    assertThrows(DbClosedException.class, () -> family.put(KEY, KEY));
    assertThrows(
        DbClosedException.class,
        () -> store.db.write(new WriteBatch().put(KEY, KEY).put(family, KEY, KEY)));
    assertNotNull(family.get(KEY), "reads go on until it is gone");
    goOn.countDown();
    dropping.join();
    assertThrows(DbClosedException.class, () -> family.get(KEY));
    store.close();
  }

  /** A flush without the family would leave its part of the writes behind, if the drop fails. */
  @Test
  void anAtomicFlushWaitsForTheEndOfADrop() throws InterruptedException {
    store.close();
    store.options = CrashScript.options(true);
    store.open();
    ColumnFamily other = store.db.columnFamily("family").orElseThrow();
    store.db.write(new WriteBatch().put(KEY, KEY).put(other, KEY, KEY), WriteOptions.NO_WAL);
    CompletableFuture<Void> sealed = other.compactAsync(null, null); // does not wait
    List<MemFileSystem> images = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch flushed = new CountDownLatch(1); // or found that it has to wait
    Thread flush =
        new Thread(
            () -> {
              store.executors.runPending();
              flushed.countDown();
            });
    store.fs.failAt(
        1, Fault.DISK_FULL_ONCE, EnumSet.of(Operation.APPEND), name -> name.startsWith("MANIFEST"));
    store.fs.observe(
        (index, operation, path) -> {
          images.add(store.disk.crashImage(CrashMode.KEEP_ALL, index));
          if (operation == Operation.FORCE && path.toString().endsWith(".sst")) {
            flushed.countDown();
          } else if (flush.getState() == Thread.State.NEW) {
            flush.start();
            await(flushed);
          }
        });
    assertThrows(StorageException.class, () -> store.db.dropColumnFamily(other));
    flush.join();
    store.executors.runPending();
    assertTrue(sealed.isDone());
    for (MemFileSystem image : images) {
      store.disk = image;
      store.crash(CrashMode.KEEP_ALL);
      byte[] found = store.db.columnFamily("family").orElseThrow().get(KEY);
      assertArrayEquals(store.db.get(KEY), found, "a part of the batch");
    }
    assertNotNull(store.db.get(KEY), "never flushed");
  }

  @Test
  void aFamilyWhoseDropFailedTakesWritesAgain() {
    store.fs.failAt(
        1, Fault.DISK_FULL_ONCE, EnumSet.of(Operation.APPEND), name -> name.startsWith("MANIFEST"));
    assertThrows(StorageException.class, () -> store.db.dropColumnFamily(family));
    family.put(KEY, KEY);
    store.db.dropColumnFamily(family);
    assertThrows(DbClosedException.class, () -> family.put(KEY, KEY));
    store.close();
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void closingWaitsForAChangeThatHasBegun(Change change) throws InterruptedException {
    Thread changing = begin(change);
    Thread closing = new Thread(store::close);
    closing.start();
    while (closing.getState() != Thread.State.TIMED_WAITING
        && closing.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    goOn.countDown();
    changing.join();
    closing.join();
    store.open();
    checkDone(change);
    store.close();
  }

  private void checkDone(Change change) {
    assertEquals(change != Change.DROP, store.db.columnFamily("family").isPresent());
    assertEquals(change == Change.CREATE, store.db.columnFamily("new").isPresent());
  }
}
