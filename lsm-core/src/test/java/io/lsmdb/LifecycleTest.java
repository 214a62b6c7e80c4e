package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening, closing, and what must not do harm. */
class LifecycleTest {
  private static final byte[] KEY = bytes("key");

  @TempDir Path directory;

  // ---- Opening

  @Test
  void aStoreIsOpenedOnce() {
    try (Db db = Db.open(directory)) {
      assertThrows(DbLockedException.class, () -> Db.open(directory));
      assertThrows(
          DbLockedException.class, () -> Db.open(directory.resolve("..").resolve(directory)));
      db.put(KEY, KEY);
    }
    try (Db again = Db.open(directory)) {
      assertArrayEquals(KEY, again.get(KEY));
    }
  }

  @Test
  void aStoreThatAnotherProcessHasOpenIsLocked() throws Exception {
    try (ChildJvm child = ChildJvm.start(StoreHolder.class, directory.toString())) {
      assertEquals("open", child.readLine());
      assertThrows(DbLockedException.class, () -> Db.open(directory));
    }
    try (Db db = Db.open(directory)) { // the process has died
      assertArrayEquals(KEY, db.get(KEY));
    }
  }

  /** Opens a store, and holds it until it is killed. */
  static final class StoreHolder {
    private StoreHolder() {}

    /** Runs in a process of its own. */
    public static void main(String[] args) throws IOException {
      try (Db db = Db.open(Path.of(args[0]))) {
        db.put(KEY, KEY);
        System.out.println("open");
        System.out.flush();
        while (System.in.read() >= 0) {
          // until the parent kills this process
        }
      }
    }
  }

  @Test
  void aDirectoryMustBeADirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThrows(StorageException.class, () -> Db.open(file));
    assertThrows(StorageException.class, () -> Db.open(file.resolve("below")));
  }

  @Test
  void aDirectoryMustBeWritable() throws IOException {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
    assumeTrue(!Files.isWritable(closed), "a superuser may write everywhere");
    StorageException refused =
        assertThrows(StorageException.class, () -> Db.open(closed.resolve("store")));
    assertTrue(refused.getMessage().contains("closed"), refused.getMessage());
  }

  @Test
  void aMissingStoreIsNotCreatedAgainstOnesWill() {
    DbOptions existing = DbOptions.builder().createIfMissing(false).build();
    Path missing = directory.resolve("missing");
    StorageException refused =
        assertThrows(StorageException.class, () -> Db.open(missing, existing));
    assertEquals(StorageException.Reason.NOT_FOUND, refused.reason());
    assertTrue(Files.notExists(missing));
    assertThrows(DbException.class, () -> Db.open(directory, existing)); // empty

    Db.open(directory).close();
    Db.open(directory, existing).close();
  }

  @Test
  void aDirectoryIsCreatedWithItsParents() {
    Path deep = directory.resolve("a").resolve("b").resolve("c");
    Db.open(deep).close();
    assertTrue(Files.isDirectory(deep));
  }

  @Test
  void filesAreThereForTheOwnerAlone() throws IOException {
    Path store = directory.resolve("store");
    try (Db db = Db.open(store)) {
      db.put(KEY, KEY);
      db.flush();
      assertEquals(
          PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(store));
      try (var files = Files.list(store)) {
        for (Path file : files.toList()) {
          assertEquals(
              PosixFilePermissions.fromString("rw-------"),
              Files.getPosixFilePermissions(file),
              file.toString());
        }
      }
    }
  }

  // ---- After close

  @Test
  void everyMethodOfAClosedHandleThrows() throws Exception {
    MemFileSystem fs = new MemFileSystem();
    Db db = TestStores.open(fs);
    db.put(KEY, KEY);
    ColumnFamily family = db.defaultColumnFamily();
    Snapshot closedSnapshot = db.snapshot();
    closedSnapshot.close();
    DbIterator closedCursor = db.iterate();
    closedCursor.seekToFirst();
    closedCursor.close();
    assertAllThrow(Snapshot.class, closedSnapshot, family);
    assertAllThrow(DbIterator.class, closedCursor, family);

    Snapshot snapshot = db.snapshot();
    DbIterator cursor = db.iterate();
    cursor.seekToFirst();
    db.close();
    assertAllThrow(Db.class, db, family);
    assertAllThrow(Snapshot.class, snapshot, family);
    assertAllThrow(DbIterator.class, cursor, family);
    cursor.close();
    snapshot.close();
  }

  /** Calls every method but close with legal arguments. */
  private static void assertAllThrow(Class<?> type, Object handle, ColumnFamily family)
      throws IllegalAccessException {
    int called = 0;
    for (Method method : type.getMethods()) {
      if (Modifier.isStatic(method.getModifiers()) || method.getName().equals("close")) {
        continue;
      }
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = argument(method.getParameterTypes()[i], family, method);
      }
      try {
        method.invoke(handle, arguments);
        throw new AssertionError(method + " did not throw");
      } catch (InvocationTargetException e) {
        if (!(e.getCause() instanceof DbClosedException)) {
          throw new AssertionError(method + " threw something else", e.getCause());
        }
      }
      called++;
    }
    assertTrue(called > 9, type + ": " + called);
  }

  private static Object argument(Class<?> type, ColumnFamily family, Method method) {
    if (type == byte[].class) {
      return KEY;
    } else if (type == ByteBuffer.class) {
      return ByteBuffer.allocate(8);
    } else if (type == ColumnFamily.class) {
      return family;
    } else if (type == List.class) {
      return method.getName().equals("flush") ? List.of(family) : List.of(KEY);
    } else if (type == String.class) {
      return "name";
    } else if (type == ReadOptions.class) {
      return ReadOptions.DEFAULT;
    } else if (type == WriteOptions.class) {
      return WriteOptions.BUFFERED;
    } else if (type == WriteBatch.class) {
      return new WriteBatch().put(KEY, KEY);
    } else if (type == IndexedWriteBatch.class) {
      return new IndexedWriteBatch().put(family, KEY, KEY);
    } else if (type == ColumnFamilyOptions.class) {
      return ColumnFamilyOptions.builder().build();
    } else if (type == ValueReader.class) {
      return (ValueReader<Integer>) ByteBuffer::remaining;
    } else if (type == UnaryOperator.class) {
      return UnaryOperator.<byte[]>identity();
    }
    throw new AssertionError("no argument of type " + type + " for " + method);
  }

  @Test
  void anEmptyBatchDoesNotReachAClosedStoreEither() {
    Db db = TestStores.open(new MemFileSystem());
    db.close();
    assertThrows(DbClosedException.class, () -> db.write(new WriteBatch()));
  }

  @Test
  void closingTwiceIsFine() {
    Db db = TestStores.open(new MemFileSystem());
    Snapshot snapshot = db.snapshot();
    DbIterator cursor = db.iterate();
    cursor.close();
    cursor.close();
    snapshot.close();
    snapshot.close();
    db.close();
    db.close();
    cursor.close();
    snapshot.close();
  }

  @Test
  void severalThreadsMayClose() throws Exception {
    for (int round = 0; round < 20; round++) {
      MemFileSystem fs = new MemFileSystem();
      Db db = TestStores.open(fs);
      db.put(KEY, KEY, WriteOptions.NO_WAL);
      CountDownLatch start = new CountDownLatch(1);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      List<Future<?>> closings = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        closings.add(
            threads.submit(
                () -> {
                  start.await();
                  db.close();
                  assertThrows(DbClosedException.class, () -> db.get(KEY));
                  return null;
                }));
      }
      start.countDown();
      for (Future<?> closing : closings) {
        closing.get();
      }
      threads.shutdown();
      try (Db again = TestStores.open(fs)) {
        assertArrayEquals(KEY, again.get(KEY));
      }
    }
  }

  @Test
  void closingLeavesNothingOpen() {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    Db db = TestStores.open(fs);
    for (int i = 0; i < 3_000; i++) {
      db.put(key(i), TestStores.value(i, 100));
    }
    DbIterator cursor = db.iterate();
    cursor.seekToFirst();
    db.compact();
    db.close();
    cursor.close(); // too late, yet no harm
    assertEquals(List.of(), fs.openFiles());
  }

  @Test
  void aFailedOpeningLeavesNothingOpen() {
    MemFileSystem files = new MemFileSystem();
    try (Db db = TestStores.open(files)) {
      db.put(KEY, KEY);
    }
    for (int nth = 1; ; nth++) {
      FaultyFileSystem fs = new FaultyFileSystem(files);
      fs.failAt(nth, Fault.IO_ERROR_FOREVER, Operation.READING, name -> true);
      try {
        TestStores.open(fs).close();
        if (fs.injectedFaults() == 0) {
          break;
        }
      } catch (DbException e) {
        assertEquals(List.of(), fs.openFiles());
      }
    }
    try (Db db = TestStores.open(files)) {
      assertArrayEquals(KEY, db.get(KEY));
    }
  }

  // ---- Failing reads

  @Test
  void aFailedReadSticksInItsCursorAlone() {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    DbOptions uncached = TestStores.tinyOptions().blockCacheSize(0).build();
    try (Db db = TestStores.open(fs, uncached)) {
      for (int i = 0; i < 2_000; i++) {
        db.put(key(i), TestStores.value(i, 100));
      }
      db.compact();
      try (DbIterator cursor = db.iterate();
          DbIterator other = db.iterate()) {
        cursor.seekToFirst();
        fs.failAt(1, Fault.IO_ERROR_FOREVER, Set.of(Operation.READ), name -> true);
        StorageException failed =
            assertThrows(
                StorageException.class,
                () -> {
                  while (cursor.isValid()) {
                    cursor.next();
                  }
                });
        assertThrows(StorageException.class, () -> db.get(key(1_999)));
        fs.clearFaults();
        assertEquals(failed, assertThrows(StorageException.class, cursor::next));
        assertEquals(failed, assertThrows(StorageException.class, cursor::seekToFirst));
        assertEquals(failed, assertThrows(StorageException.class, () -> cursor.seek(key(5))));

        assertArrayEquals(TestStores.value(1_999, 100), db.get(key(1_999)));
        other.seekToFirst();
        assertArrayEquals(key(0), other.key());
        db.put(key(0), KEY);

        cursor.refresh();
        cursor.seekToFirst();
        assertArrayEquals(key(0), cursor.key());
      }
    }
  }

  // ---- Listeners

  @Test
  void aListenerThatThrowsDoesNoHarm() {
    RuntimeException failure = new IllegalStateException("from the listener");
    failure.setStackTrace(new StackTraceElement[0]); // it is logged many times
    EventListener throwing =
        new EventListener() {
          @Override
          public void onFlush(String family, long entries, long bytes) {
            throw failure;
          }

          @Override
          public void onCompaction(
              String family, int fromLevel, int toLevel, long bytesRead, long bytesWritten) {
            throw failure;
          }
        };
    MemFileSystem fs = new MemFileSystem();
    try (Db db = TestStores.open(fs, TestStores.tinyOptions().listener(throwing).build())) {
      for (int i = 0; i < 3_000; i++) {
        db.put(key(i), TestStores.value(i, 100));
      }
      db.compact();
      assertArrayEquals(TestStores.value(7, 100), db.get(key(7)));
    }
  }

  @Test
  void aListenerMayReadAndWrite() {
    Db[] db = new Db[1];
    byte[] flushes = bytes("flushes");
    EventListener counting =
        new EventListener() {
          @Override
          public void onFlush(String family, long entries, long bytes) {
            if (db[0] != null) {
              byte[] before = db[0].get(flushes);
              db[0].put(flushes, new byte[before == null ? 1 : before.length + 1]);
            }
          }
        };
    DbOptions options = TestStores.tinyOptions().listener(counting).build();
    try (Db store = TestStores.open(new MemFileSystem(), options)) {
      db[0] = store;
      for (int i = 0; i < 5_000; i++) {
        store.put(key(i), TestStores.value(i, 100));
      }
      store.flush();
      store.compact();
      assertTrue(store.get(flushes).length > 2);
    }
  }

  @Test
  void aListenerNeverWaitsForTheThreadThatCallsIt() {
    Db[] db = new Db[1];
    List<String> refused = Collections.synchronizedList(new ArrayList<>());
    EventListener eager =
        new EventListener() {
          private int calls;

          @Override
          public void onFlush(String family, long entries, long bytes) {
            if (db[0] == null || calls++ > 20) {
              return;
            }
            for (int i = 0; i < 10; i++) { // more than all memtables hold
              db[0].put(key(i), new byte[60_000]);
            }
            ColumnFamily other = db[0].columnFamily("other").orElseThrow();
            List<Runnable> waiting =
                List.of(
                    db[0]::flush,
                    db[0]::compact,
                    db[0]::close,
                    () -> db[0].dropColumnFamily(other));
            for (Runnable call : waiting) {
              try {
                call.run();
              } catch (IllegalStateException e) {
                refused.add(e.getMessage());
              }
            }
          }
        };
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(TestStores.tinyFamily().maxWriteBufferNumber(2).build())
            .listener(eager)
            .build();
    try (Db store = TestStores.open(new MemFileSystem(), options)) {
      store.createColumnFamily("other");
      db[0] = store;
      for (int i = 0; i < 3_000; i++) {
        store.put(key(i), TestStores.value(i, 100));
      }
      store.flush();
    } // waits for the listener
    assertTrue(refused.size() >= 4 && refused.size() % 4 == 0, refused.toString());
  }

  @Test
  void aListenerThatHearsOfAFailureIsToldSoWhenItWrites() {
    FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
    Db[] db = new Db[1];
    RuntimeException[] told = new RuntimeException[1];
    EventListener writing =
        new EventListener() {
          @Override
          public void onBackgroundError(DbException failure) {
            try {
              db[0].put(KEY, KEY);
            } catch (RuntimeException e) {
              told[0] = e;
            }
          }
        };
    try (Db store = TestStores.open(fs, TestStores.tinyOptions().listener(writing).build())) {
      db[0] = store;
      store.put(KEY, bytes("before"));
      fs.failAt(
          1,
          Fault.IO_ERROR_ONCE,
          Set.of(Operation.FORCE, Operation.WRITE_DURABLY, Operation.FORCE_MAPPED),
          name -> name.endsWith(".log"));
      BackgroundErrorException failed =
          assertThrows(
              BackgroundErrorException.class,
              () -> store.put(KEY, bytes("in doubt"), WriteOptions.SYNC));
      assertTrue(failed.inDoubt());
      assertInstanceOf(BackgroundErrorException.class, told[0]);
      assertArrayEquals(bytes("before"), store.get(KEY));
      assertThrows(BackgroundErrorException.class, store::flush);
      assertThrows(BackgroundErrorException.class, store::compact);
      assertThrows(BackgroundErrorException.class, () -> store.createColumnFamily("family"));
      assertNull(store.get(bytes("absent")));
    }
  }
}
