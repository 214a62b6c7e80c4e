package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Counters that are changed over and over: their memory is used again, and no reader notices.
 *
 * <p>The counters 0 to 3 are changed by one batch, so they are equal in any consistent view; others
 * are changed one by one between the batches.
 */
class HotCounterTest {
  private static final int TOGETHER = 4;
  private static final int COUNTERS = 10;
  private static final byte[] ONE = LongOperator.encode(1);

  private final MemFileSystem fs = new MemFileSystem();

  private static DbOptions options(boolean tiny) {
    ColumnFamilyOptions.Builder family =
        tiny ? TestStores.tinyFamily() : ColumnFamilyOptions.builder();
    return DbOptions.builder()
        .defaultFamilyOptions(family.mergeOperator(LongOperator.SUM).build())
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void countingTakesNoMoreMemory(boolean logged) {
    WriteOptions writes = logged ? WriteOptions.BUFFERED : WriteOptions.NO_WAL;
    int rounds = 30_000;
    try (Db db = TestStores.open(fs, options(false))) {
      ColumnFamily family = db.defaultColumnFamily();
      for (int i = 0; i < rounds; i++) {
        for (int counter = 0; counter < COUNTERS; counter++) {
          family.merge(key(counter), ONE, writes);
        }
      }
      DbStats.FamilyStats stats = db.stats().families().get(0);
      assertTrue(stats.memtableBytes() < 256 << 10, "bytes " + stats.memtableBytes());
      assertTrue(stats.levels().isEmpty());
      checkAll(db, rounds);
      db.flush();
      checkAll(db, rounds);
    }
    try (Db db = TestStores.open(fs, options(false))) {
      checkAll(db, rounds);
    }
  }

  @Test
  void whatASnapshotOrACursorSeesStays() {
    try (Db db = TestStores.open(fs, options(false))) {
      count(db, 1000);
      try (DbIterator cursor = db.iterate();
          DbIterator old = cursorOfClosedSnapshot(db)) {
        count(db, 5000);
        checkScan(old, 1000);
        checkScan(cursor, 1000);
      }
      count(db, 5000);
      checkAll(db, 16_000);
    }
  }

  @Test
  void aLookupThatOutlastsAFlushKeepsMemoryNoLonger() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Db db = TestStores.open(fs, options(false))) {
      count(db, 1);
      CountDownLatch inside = new CountDownLatch(1);
      CountDownLatch flushed = new CountDownLatch(1);
      Future<Long> lookup =
          thread.submit(
              () ->
                  db.get(
                      key(0),
                      value -> {
                        inside.countDown();
                        awaitQuietly(flushed);
                        return LongOperator.decode(value);
                      }));
      inside.await();
      db.flush();
      Thread.sleep(30); // so that the thread of the flush has looked for the last time
      flushed.countDown();
      assertEquals(1, lookup.get());
      count(db, 20_000);
      long bytes = db.stats().families().get(0).memtableBytes();
      assertTrue(bytes < 256 << 10, "bytes " + bytes);
      checkAll(db, 20_001);
    } finally {
      thread.shutdownNow();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static DbIterator cursorOfClosedSnapshot(Db db) {
    try (Snapshot snapshot = db.snapshot()) {
      count(db, 5000);
      return snapshot.iterate();
    }
  }

  private static void count(Db db, int times) {
    for (int i = 0; i < times; i++) {
      for (int counter = 0; counter < COUNTERS; counter++) {
        db.merge(key(counter), ONE);
      }
    }
  }

  private static void checkScan(DbIterator cursor, long expected) {
    int found = 0;
    for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
      assertEquals(expected, LongOperator.decode(cursor.value()));
      found++;
    }
    for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
      assertEquals(expected, LongOperator.decode(cursor.value()));
      found--;
    }
    assertEquals(0, found);
  }

  private static void checkAll(Db db, long expected) {
    for (int counter = 0; counter < COUNTERS; counter++) {
      assertEquals(expected, LongOperator.decode(db.get(key(counter))));
    }
  }

  /** With tiny memtables, flushes and compactions run beside. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readersOfEveryKindSeeCountersAgree(boolean tiny) throws Exception {
    int rounds = 300;
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<?>> readers = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    long written = 0;
    try (Db db = TestStores.open(fs, options(tiny))) {
      writeRound(db, written++);
      try {
        for (Reading reading : List.of(new Gets(), new Multi(), new Snapshots(), new Cursors())) {
          readers.add(
              threads.submit(
                  () -> {
                    for (int i = 0; i < rounds && !stop.get(); i++) {
                      reading.round(db);
                    }
                    return null;
                  }));
        }
        while (!readers.stream().allMatch(Future::isDone)) {
          writeRound(db, written++);
        }
        for (Future<?> reader : readers) {
          reader.get();
        }
      } finally {
        stop.set(true);
        threads.shutdownNow();
      }
      checkAll(db, written);
    }
    try (Db db = TestStores.open(fs, options(tiny))) {
      checkAll(db, written);
    }
  }

  private static void writeRound(Db db, long round) {
    WriteBatch batch = new WriteBatch();
    for (int counter = 0; counter < TOGETHER; counter++) {
      batch.merge(key(counter), ONE);
    }
    db.write(batch);
    for (int counter = TOGETHER; counter < COUNTERS; counter++) {
      db.merge(key(counter), ONE);
    }
    if (round % 64 == 0) {
      LockSupport.parkNanos(20_000); // lets readers run on machines with few processors
    }
  }

  private static List<byte[]> together() {
    List<byte[]> keys = new ArrayList<>();
    for (int counter = 0; counter < TOGETHER; counter++) {
      keys.add(key(counter));
    }
    return keys;
  }

  private interface Reading {
    void round(Db db) throws Exception;
  }

  /** Single keys never go back. */
  private static final class Gets implements Reading {
    private final long[] last = new long[COUNTERS];

    @Override
    public void round(Db db) {
      for (int i = 0; i < 200; i++) {
        int counter = i % COUNTERS;
        long now =
            i % 2 == 0
                ? LongOperator.decode(db.get(key(counter)))
                : db.get(key(counter), LongOperator::decode);
        assertTrue(now >= last[counter], now + " after " + last[counter]);
        last[counter] = now;
      }
    }
  }

  /** Keys that are read together agree. */
  private static final class Multi implements Reading {
    @Override
    public void round(Db db) {
      for (int i = 0; i < 50; i++) {
        checkEqual(db.multiGet(together()));
      }
    }
  }

  private static void checkEqual(List<byte[]> values) {
    for (byte[] value : values) {
      assertTrue(Arrays.equals(values.get(0), value), () -> shown(values));
    }
  }

  private static String shown(List<byte[]> values) {
    return values.stream().map(LongOperator::decode).toList().toString();
  }

  /** What a snapshot shows once, it shows again. */
  private static final class Snapshots implements Reading {
    @Override
    public void round(Db db) throws Exception {
      List<byte[]> first;
      try (Snapshot snapshot = db.snapshot()) {
        first = snapshot.multiGet(together());
        checkEqual(first);
        long lone = LongOperator.decode(snapshot.get(key(COUNTERS - 1)));
        Thread.sleep(0, 200_000);
        checkEqual(snapshot.multiGet(together()));
        assertEquals(lone, LongOperator.decode(snapshot.get(key(COUNTERS - 1))));
        assertEquals(LongOperator.decode(first.get(0)), LongOperator.decode(snapshot.get(key(0))));
      }
      Thread.sleep(1); // so that memory is used again between two
    }
  }

  /** What a cursor shows once, it shows again, in both directions. */
  private static final class Cursors implements Reading {
    @Override
    public void round(Db db) throws Exception {
      try (DbIterator cursor = db.iterate()) {
        List<Long> first = forward(cursor);
        assertEquals(COUNTERS, first.size());
        assertEquals(1, first.stream().limit(TOGETHER).distinct().count(), first::toString);
        Thread.sleep(0, 200_000);
        assertEquals(first, forward(cursor));
        List<Long> backward = new ArrayList<>();
        for (cursor.seekToLast(); cursor.isValid(); cursor.prev()) {
          backward.add(0, LongOperator.decode(cursor.value()));
        }
        assertEquals(first, backward);
      }
      Thread.sleep(1);
    }

    private static List<Long> forward(DbIterator cursor) {
      List<Long> found = new ArrayList<>();
      for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
        found.add(LongOperator.decode(cursor.value()));
      }
      return found;
    }
  }
}
