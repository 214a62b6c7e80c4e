package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threads that read, write and maintain one store together, over data that checks itself.
 *
 * <p>Each writer owns a slot. One batch puts the same round number into the slot of every family,
 * beside filler; so all families agree in any consistent view, and no reader ever sees a slot go
 * back.
 */
class ConcurrencyTest {
  private static final int WRITERS = 3;
  private static final int FAMILIES = 3;

  @TempDir Path directory;

  /** A store at work. */
  private static final class Work {
    final Db db;
    final List<ColumnFamily> families = new ArrayList<>();
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final AtomicInteger closedCalls = new AtomicInteger();
    final List<Thread> threads = new ArrayList<>();

    Work(Db db) {
      this.db = db;
      this.families.add(db.defaultColumnFamily());
      for (int i = 1; i < FAMILIES; i++) {
        families.add(db.columnFamily("family" + i).orElseThrow());
      }
    }

    /** Repeats a call until the work stops, or the store is closed. */
    void start(String name, Step step) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int round = 0; !stop.get(); round++) {
                    step.run(round);
                  }
                } catch (DbClosedException e) {
                  closedCalls.incrementAndGet();
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                  stop.set(true);
                }
              },
              name);
      threads.add(thread);
      thread.start();
    }

    void join() throws Exception {
      for (Thread thread : threads) {
        thread.join();
      }
      if (failure.get() != null) {
        throw new AssertionError("a thread failed: " + failure.get(), failure.get());
      }
    }
  }

  /** One round of a thread. */
  private interface Step {
    void run(int round) throws Exception;
  }

  private static byte[] slot(int writer) {
    return bytes("slot" + writer);
  }

  private static byte[] number(long value, int padding) {
    return ByteBuffer.allocate(8 + padding).putLong(value).array();
  }

  private static long number(byte[] value) {
    return value == null ? -1 : ByteBuffer.wrap(value).getLong();
  }

  private static void write(Work work, int writer, int round, Random random) {
    WriteBatch batch = new WriteBatch();
    for (ColumnFamily family : work.families) {
      batch.put(family, slot(writer), number(round, random.nextInt(50)));
      batch.put(family, key(random.nextInt(2_000)), TestStores.value(round, random.nextInt(400)));
      batch.delete(family, key(random.nextInt(2_000)));
    }
    WriteOptions options =
        switch (random.nextInt(20)) {
          case 0 -> WriteOptions.SYNC;
          case 1, 2, 3 -> WriteOptions.NO_WAL;
          default -> WriteOptions.BUFFERED;
        };
    work.db.write(batch, options);
    assertEquals(round, number(work.families.get(0).get(slot(writer))), "own write");
  }

  /** Reads all slots of all families at one moment: they must agree. */
  private static long[] readSnapshot(Work work) {
    long[] seen = new long[WRITERS];
    try (Snapshot snapshot = work.db.snapshot()) {
      for (int writer = 0; writer < WRITERS; writer++) {
        seen[writer] = number(snapshot.of(work.families.get(0)).get(slot(writer)));
        for (ColumnFamily family : work.families) {
          assertEquals(seen[writer], number(snapshot.of(family).get(slot(writer))), family.name());
        }
      }
      for (ColumnFamily family : work.families) {
        try (DbIterator cursor = snapshot.of(family).iterate(ReadOptions.prefix(bytes("slot")))) {
          cursor.seekToLast();
          for (int writer = WRITERS - 1; writer >= 0; writer--) {
            if (seen[writer] >= 0) {
              assertArrayEquals(slot(writer), cursor.key());
              assertEquals(seen[writer], number(cursor.value()), family.name());
              cursor.prev();
            }
          }
        }
      }
    }
    return seen;
  }

  private static void readers(Work work, long seed) {
    long[] lastGet = new long[WRITERS];
    Arrays.fill(lastGet, -1);
    work.start(
        "get",
        round -> {
          int writer = round % WRITERS;
          ColumnFamily family = work.families.get(round / WRITERS % FAMILIES);
          long now = number(family.get(slot(writer)));
          assertTrue(now >= lastGet[writer], "a read went back");
          lastGet[writer] = now;
        });
    long[] lastSnapshot = new long[WRITERS];
    Arrays.fill(lastSnapshot, -1);
    work.start(
        "snapshot",
        round -> {
          long[] now = readSnapshot(work);
          for (int writer = 0; writer < WRITERS; writer++) {
            assertTrue(now[writer] >= lastSnapshot[writer], "a snapshot went back");
            lastSnapshot[writer] = now[writer];
          }
        });
    Random random = new Random(seed);
    work.start("iterate", round -> iterate(work, random));
    work.start(
        "multiGet",
        round -> {
          List<byte[]> keys = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            keys.add(slot(i % WRITERS));
          }
          List<byte[]> values = work.families.get(1).multiGet(keys);
          for (int i = WRITERS; i < keys.size(); i++) {
            assertArrayEquals(values.get(i % WRITERS), values.get(i), "one moment");
          }
        });
  }

  /** Goes through a family both ways: the keys ascend, and the way back shows the same. */
  private static void iterate(Work work, Random random) {
    ColumnFamily family = work.families.get(random.nextInt(FAMILIES));
    try (DbIterator cursor = family.iterate()) {
      for (int again = 0; again < 2; again++) {
        List<byte[]> keys = new ArrayList<>();
        int most = random.nextInt(500);
        for (cursor.seek(key(random.nextInt(2_000)));
            cursor.isValid() && keys.size() < most;
            cursor.next()) {
          byte[] key = cursor.key();
          if (!keys.isEmpty()) {
            byte[] before = keys.get(keys.size() - 1);
            assertTrue(Arrays.compareUnsigned(before, key) < 0, "order");
          }
          keys.add(key);
        }
        if (!cursor.isValid()) {
          cursor.seekToLast();
        } else if (!keys.isEmpty()) {
          cursor.prev();
        }
        for (int i = keys.size() - 1; i >= 0; i--) {
          assertArrayEquals(keys.get(i), cursor.key(), "way back");
          cursor.prev();
        }
        cursor.refresh();
      }
    }
  }

  private static void writers(Work work, long seed, int rounds) {
    AtomicInteger running = new AtomicInteger(WRITERS);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      Random random = new Random(seed + i);
      work.start(
          "writer " + i,
          round -> {
            if (round <= rounds) {
              write(work, writer, round, random);
            } else if (running.decrementAndGet() == 0) {
              work.stop.set(true);
            } else {
              throw new DbClosedException("this writer is done");
            }
          });
    }
  }

  private static void maintenance(Work work, long seed) {
    Random random = new Random(seed);
    work.start(
        "maintenance",
        round -> {
          switch (random.nextInt(6)) {
            case 0 -> work.db.flush();
            case 1 -> work.families.get(random.nextInt(FAMILIES)).compact(null, null);
            case 2 -> work.families.get(1).compactAsync(key(10), key(900)).cancel(true);
            case 3 -> {
              ColumnFamily passing = work.db.createColumnFamily("passing");
              passing.put(key(round), key(round));
              work.db.dropColumnFamily(passing);
            }
            case 4 -> assertEquals(FAMILIES, work.db.stats().families().size());
            default -> Thread.sleep(2);
          }
        });
  }

  private static Db openWithFamilies(Function<DbOptions, Db> opener, long seed) {
    Db db = opener.apply(TestStores.randomOptions(new Random(seed)));
    for (int i = 1; i < FAMILIES; i++) {
      db.createColumnFamily("family" + i);
    }
    return db;
  }

  private void runTogether(Function<DbOptions, Db> opener, long seed, int rounds) throws Exception {
    try (Db db = openWithFamilies(opener, seed)) {
      Work work = new Work(db);
      writers(work, seed, rounds);
      readers(work, seed);
      maintenance(work, seed);
      work.join();
      checkEnd(work, rounds);
    }
    try (Db db = opener.apply(TestStores.randomOptions(new Random(seed + 1)))) {
      checkEnd(new Work(db), rounds);
    }
  }

  private static void checkEnd(Work work, int rounds) {
    for (long last : readSnapshot(work)) {
      assertEquals(rounds, last);
    }
  }

  @Test
  void everythingTogetherInMemory() {
    Seed.check(
        3,
        seed -> {
          MemFileSystem fs = new MemFileSystem();
          runTogether(options -> TestStores.open(fs, options), seed, 700);
        });
  }

  @Test
  void everythingTogetherOnDisk() {
    Seed.check(
        1,
        seed -> {
          Path store = directory.resolve("store-" + seed);
          runTogether(options -> Db.open(store, options), seed, 500);
        });
  }

  @Test
  @Tag("soak")
  void everythingTogetherForLong() {
    Seed.check(
        50,
        seed -> {
          MemFileSystem fs = new MemFileSystem();
          runTogether(options -> TestStores.open(fs, options), seed, 20_000);
        });
  }

  // ---- Closing under load

  private void closeUnderLoad(Function<DbOptions, Db> opener, long seed) throws Exception {
    Random random = new Random(seed);
    Db db = openWithFamilies(opener, seed);
    Work work = new Work(db);
    long[] acknowledged = new long[WRITERS];
    Arrays.fill(acknowledged, -1);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      Random own = new Random(seed + i);
      work.start(
          "writer " + i,
          round -> {
            write(work, writer, round, own);
            acknowledged[writer] = round;
          });
    }
    readers(work, seed);
    maintenance(work, seed);
    work.start("stats", round -> assertNotNull(db.stats()));
    Thread.sleep(random.nextInt(100));
    db.close();
    work.join();
    assertTrue(work.closedCalls.get() > WRITERS, "every thread ends with DbClosedException");
    try (Db again = opener.apply(TestStores.randomOptions(random))) {
      long[] found = readSnapshot(new Work(again));
      for (int writer = 0; writer < WRITERS; writer++) {
        // A write that was cut short between the commit and its own check may be there as well.
        assertTrue(found[writer] >= acknowledged[writer], "lost an acknowledged write");
        assertTrue(found[writer] <= acknowledged[writer] + 1, "found a write that never was");
      }
    }
  }

  @Test
  void closingUnderLoadInMemory() {
    Seed.check(
        12,
        seed -> {
          MemFileSystem fs = new MemFileSystem();
          closeUnderLoad(options -> TestStores.open(fs, options), seed);
        });
  }

  @Test
  void closingUnderLoadOnDisk() {
    Seed.check(
        6,
        seed -> {
          Path store = directory.resolve("store-" + seed);
          closeUnderLoad(options -> Db.open(store, options), seed);
        });
  }

  // ---- Interrupts

  /** FIELD 48: an interrupt must close no file under anybody, and must not get lost. */
  @Test
  void r48_interruptsDoNoHarm() {
    Seed.check(
        2,
        seed -> {
          Path store = directory.resolve("store-" + seed);
          try (Db db = openWithFamilies(options -> Db.open(store, options), seed)) {
            Work work = new Work(db);
            writers(work, seed, 300);
            readers(work, seed);
            Random random = new Random(seed);
            work.start(
                "maintenance",
                round -> {
                  if (round % 4 == 0) {
                    work.families.get(random.nextInt(FAMILIES)).compact(null, null);
                  } else {
                    db.flush();
                  }
                });
            while (!work.stop.get()) {
              work.threads.get(random.nextInt(work.threads.size())).interrupt();
              Thread.sleep(0, 200_000);
            }
            work.join();
            checkEnd(work, 300);
          }
        });
  }

  @Test
  void r48_theInterruptStatusIsKeptByEveryCall() throws Exception {
    try (Db db = Db.open(directory, TestStores.tinyOptions().blockCacheSize(0).build())) {
      List<Step> calls = callsOf(db);
      for (int i = 0; i < calls.size(); i++) {
        Thread.currentThread().interrupt();
        calls.get(i).run(i);
        assertTrue(Thread.interrupted(), "call " + i + " lost the interrupt status");
      }
      assertNotNull(db.get(key(1)));
    }
    Thread.currentThread().interrupt();
    Db.open(directory).close();
    assertTrue(Thread.interrupted(), "open and close");
  }

  private static List<Step> callsOf(Db db) {
    ColumnFamily family = db.defaultColumnFamily();
    return List.of(
        round -> {
          for (int i = 0; i < 2_000; i++) {
            db.put(key(i), TestStores.value(i, 100));
          }
        },
        round -> db.put(key(1), key(1), WriteOptions.SYNC),
        round -> db.flush(),
        round -> db.get(key(1_000)),
        round -> family.compact(null, null),
        round -> db.get(key(1_000)),
        round -> assertEquals(2, db.multiGet(List.of(key(3), key(4))).size()),
        round -> db.delete(key(7)),
        round -> db.write(new WriteBatch().put(key(8), key(8)), WriteOptions.SYNC),
        round -> db.dropColumnFamily(db.createColumnFamily("family")),
        round -> {
          try (DbIterator cursor = db.iterate()) {
            assertEquals(1_999, cursor.stream().count());
          }
        },
        round -> db.stats(),
        round -> db.snapshot().close());
  }
}
