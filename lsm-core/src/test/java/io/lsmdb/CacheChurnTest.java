package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Readers of all kinds over a cache that holds a fraction of the data, so that the memory of blocks
 * is used again and again under them. Every value tells its key, and repeats one byte.
 */
class CacheChurnTest {
  private static final int KEYS = 6000;
  private static final int CACHE_BYTES = 256 << 10;

  private final AtomicBoolean stop = new AtomicBoolean();

  /** One round of a thread. */
  private interface Step {
    void run(Random random);
  }

  @Test
  void readersNeverSeeTheMemoryOfAnotherBlock() {
    Seed.check(2, this::run);
  }

  private void run(long seed) throws Exception {
    stop.set(false);
    BlockCache cache = Db.newBlockCache(CACHE_BYTES);
    DbOptions options = TestStores.tinyOptions().blockCache(cache).build();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try (Db db = TestStores.open(new MemFileSystem(), options)) {
      for (int number = 0; number < KEYS; number++) {
        db.put(TestStores.key(number), value(number, new Random(number)));
      }
      db.flush();
      List<Future<?>> readers = new ArrayList<>();
      List<Step> steps =
          List.of(
              random -> get(db, random),
              random -> readInPlace(db, random),
              random -> multiGet(db, random),
              random -> scan(db, random, true),
              random -> scan(db, random, false));
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        Random random = new Random(seed + i);
        readers.add(threads.submit(() -> repeat(step, random)));
      }
      write(db, new Random(seed));
      stop.set(true);
      for (Future<?> reader : readers) {
        reader.get();
      }
      assertTrue(cache.misses() > 20 * CACHE_BYTES / 512, "the cache was turned over many times");
      assertTrue(cache.usage() <= CACHE_BYTES);
    } finally {
      stop.set(true);
      threads.shutdownNow();
    }
    assertEquals(0, cache.usage());
  }

  private void repeat(Step step, Random random) {
    do {
      step.run(random);
    } while (!stop.get());
  }

  private static void write(Db db, Random random) {
    for (int round = 0; round < 25; round++) {
      for (int i = 0; i < 200; i++) {
        int number = random.nextInt(KEYS);
        db.put(TestStores.key(number), value(number, random));
      }
      if (round % 5 == 0) {
        db.compact(null, null);
      } else {
        db.flush();
      }
      turnOver(db, random); // though no other thread may get to run
    }
  }

  private static void get(Db db, Random random) {
    int number = random.nextInt(KEYS);
    check(number, ByteBuffer.wrap(db.get(TestStores.key(number))));
  }

  private static void readInPlace(Db db, Random random) {
    int number = random.nextInt(KEYS);
    assertNotNull(
        db.get(
            TestStores.key(number),
            value -> {
              check(number, value.duplicate());
              check(number, value);
              return value;
            }));
  }

  private static void multiGet(Db db, Random random) {
    List<byte[]> keys = new ArrayList<>();
    int first = random.nextInt(KEYS);
    for (int i = 0; i < 20; i++) {
      keys.add(TestStores.key((first + 301 * i) % KEYS));
    }
    List<byte[]> values = db.multiGet(keys);
    for (int i = 0; i < keys.size(); i++) {
      check((first + 301 * i) % KEYS, ByteBuffer.wrap(values.get(i)));
    }
  }

  private static void scan(Db db, Random random, boolean forward) {
    int number = random.nextInt(KEYS);
    ReadOptions options = ReadOptions.builder().fillCache(random.nextInt(4) > 0).build();
    try (DbIterator cursor = db.iterate(options)) {
      cursor.seek(TestStores.key(number));
      for (int i = 0; i < 300 && cursor.isValid(); i++) {
        if (random.nextInt(30) == 0) {
          turnOver(db, random); // what the cursor shows stays
        }
        assertEquals(ByteBuffer.wrap(TestStores.key(number)), cursor.keyBuffer());
        check(number, cursor.valueBuffer());
        if (forward) {
          cursor.next();
          number++;
        } else {
          cursor.prev();
          number--;
        }
      }
    }
  }

  private static void turnOver(Db db, Random random) {
    for (int i = 0; i < 300; i++) {
      get(db, random);
    }
  }

  private static byte[] value(int number, Random random) {
    byte[] value = new byte[5 + random.nextInt(200)];
    Arrays.fill(value, (byte) random.nextInt(100));
    ByteBuffer.wrap(value).putInt(number);
    return value;
  }

  private static void check(int number, ByteBuffer value) {
    assertEquals(number, value.getInt());
    byte filler = value.get();
    while (value.hasRemaining()) {
      assertEquals(filler, value.get());
    }
  }
}
