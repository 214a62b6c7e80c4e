package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.TableIterator;
import io.lsmdb.internal.table.TableReader;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableCacheTest {
  private static final int TABLES = 12;

  private final FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
  private final Deque<Runnable> delayed = new ArrayDeque<>();
  private final List<FileMetadata> files = new ArrayList<>();

  @BeforeEach
  void writeTables() {
    fs.createDirectories(Stores.DIRECTORY);
    for (int i = 0; i < TABLES; i++) {
      TreeMap<InternalKey, String> entries = new TreeMap<>();
      entries.put(Tables.put(i, 5), "value " + i);
      files.add(Tables.write(fs, i + 1, entries));
    }
  }

  private static String get(TableReader reader, int n) {
    LookupResult found = new LookupResult();
    byte[] key = Stores.bytes(Tables.key(n));
    long search = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);
    return reader.get(key, 0, key.length, search, found)
        ? Tables.text(found.valueArray, found.valueOffset, found.valueLength)
        : null;
  }

  @Test
  void aTableIsOpenedOnce() {
    TableCache cache = Tables.cache(fs, 4, delayed::add);
    TableReader reader = cache.reader(files.get(0));
    assertSame(reader, cache.reader(files.get(0)));
    TableHandle handle = cache.retained(files.get(0));
    assertSame(reader, handle.reader());
    assertEquals(1, fs.openHandles());
    handle.release();
    cache.close();
    delayed.forEach(Runnable::run);
    assertEquals(0, fs.openHandles());
  }

  @Test
  void anEvictedTableStaysOpenForItsReaders() {
    TableCache cache = Tables.cache(fs, 2, delayed::add);
    TableReader early = cache.reader(files.get(0));
    TableHandle held = cache.retained(files.get(1));
    for (FileMetadata file : files) {
      cache.reader(file);
      assertTrue(cache.openTables() <= 2);
    }
    assertEquals("value 0", get(early, 0));
    delayed.forEach(Runnable::run);
    delayed.clear();
    assertEquals("value 1", get(held.reader(), 1));
    assertEquals(3, fs.openHandles());
    held.release();
    assertEquals(2, fs.openHandles());
    assertNotSame(early, cache.reader(files.get(0)));
    cache.evict(files.get(0));
    cache.evict(files.get(0));
    assertEquals(1, cache.openTables());
    cache.close();
    delayed.forEach(Runnable::run);
    assertEquals(0, fs.openHandles());
    assertThrows(DbClosedException.class, () -> cache.reader(files.get(3)));
    assertEquals(0, fs.openHandles());
  }

  @Test
  void tablesInUseOutliveTablesThatAreNot() {
    TableCache cache = Tables.cache(fs, 3, Runnable::run);
    TableReader hot = cache.reader(files.get(0));
    for (int round = 0; round < 3; round++) {
      for (int i = 1; i < TABLES; i++) {
        assertSame(hot, cache.reader(files.get(0)));
        cache.reader(files.get(i));
      }
    }
  }

  @Test
  void aFailureToOpenLeavesNothingBehind() {
    TableCache cache = Tables.cache(fs, 3, Runnable::run);
    for (Operation operation : List.of(Operation.OPEN, Operation.READ)) {
      fs.failAt(1, Fault.IO_ERROR_ONCE, Set.of(operation), name -> true);
      assertThrows(StorageException.class, () -> cache.reader(files.get(0)));
      fs.clearFaults();
      assertEquals(0, fs.openHandles());
      assertEquals(0, cache.openTables());
    }
    assertEquals("value 0", get(cache.reader(files.get(0)), 0));
  }

  @Test
  void readersStayRightUnderConstantEviction() throws Exception {
    // The gate of the engine, as simple as can be: evicted tables are closed by whoever is alone.
    ReadWriteLock gate = new ReentrantReadWriteLock();
    List<Runnable> waiting = new ArrayList<>();
    TableCache cache =
        Tables.cache(
            fs,
            2,
            action -> {
              synchronized (waiting) {
                waiting.add(action);
              }
            });
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> results = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      SplittableRandom random = new SplittableRandom(t);
      results.add(threads.submit(() -> readAtRandom(cache, gate, waiting, random)));
    }
    threads.shutdown();
    for (Future<?> result : results) {
      result.get();
    }
    cache.close();
    waiting.forEach(Runnable::run);
    assertEquals(0, fs.openHandles());
  }

  private void readAtRandom(
      TableCache cache, ReadWriteLock gate, List<Runnable> waiting, SplittableRandom random) {
    for (int i = 0; i < 2000; i++) {
      int n = random.nextInt(TABLES);
      if (random.nextInt(4) == 0) {
        TableHandle handle = cache.retained(files.get(n));
        try (InternalIterator it = new TableIterator(handle.reader(), true)) {
          it.seekToFirst();
          assertEquals(
              "value " + n, Tables.text(it.valueArray(), it.valueOffset(), it.valueLength()));
        } finally {
          handle.release();
        }
        continue;
      }
      gate.readLock().lock();
      try {
        assertEquals("value " + n, get(cache.reader(files.get(n)), n));
      } finally {
        gate.readLock().unlock();
      }
      if (random.nextInt(8) == 0 && gate.writeLock().tryLock()) {
        try {
          List<Runnable> actions;
          synchronized (waiting) {
            actions = List.copyOf(waiting);
            waiting.clear();
          }
          actions.forEach(Runnable::run);
        } finally {
          gate.writeLock().unlock();
        }
      }
    }
  }
}
