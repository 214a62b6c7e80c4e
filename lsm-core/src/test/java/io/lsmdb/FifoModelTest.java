package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random operations on stores that drop their oldest data by size. What is lost cannot be foretold,
 * but it must be the oldest: each write that is seen to be lost is older than each value that is
 * shown, and is never shown again.
 */
class FifoModelTest {
  private static final int KEYS = 400;

  private int lostInAll;
  private int shownInAll;

  /** The newest write of a key: when it was, and its value, null for a deletion. */
  private record Written(long time, byte[] value) {}

  /** A store with its model. */
  private static final class Run {
    private final MemFileSystem fs = new MemFileSystem();
    private final TreeMap<byte[], Written> model = new TreeMap<>(Arrays::compareUnsigned);
    private final Random random;
    private final long seed;
    private Db db;
    private long time;

    /** The time of the newest write that was seen to be lost. */
    private long newestLost;

    int lost;
    int shown;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      reopen();
    }

    void reopen() {
      close();
      ColumnFamilyOptions.Builder family =
          TestStores.tinyFamily()
              .writeBufferSize(64 << 10)
              .compactionStyle(CompactionStyle.fifo().maxBytes((64 << 10) << random.nextInt(3)));
      if (random.nextBoolean()) {
        family.prefixLength(2);
      }
      DbOptions.Builder options = DbOptions.builder().defaultFamilyOptions(family.build());
      db = TestStores.open(fs, options.mappedLog(random.nextBoolean()).build());
    }

    void close() {
      if (db != null) {
        db.close();
      }
    }

    void step() {
      int choice = random.nextInt(1000);
      if (choice < 600) {
        byte[] key = TestStores.key(random.nextInt(KEYS));
        byte[] value = anyValue();
        db.put(key, value, anyOptions());
        model.put(key, new Written(++time, value));
      } else if (choice < 700) {
        byte[] key = TestStores.key(random.nextInt(KEYS));
        db.delete(key, anyOptions());
        model.put(key, new Written(++time, null));
      } else if (choice < 720) {
        deleteRange();
      } else if (choice < 780) {
        writeBatch();
      } else if (choice < 960) {
        byte[] key = TestStores.key(random.nextInt(KEYS));
        check(key, db.get(key));
      } else if (choice < 985) {
        checkAll();
      } else if (choice < 992) {
        db.flush();
      } else if (choice < 996) {
        db.compact();
      } else if (choice < 998) {
        reopen();
      }
    }

    private byte[] anyValue() {
      return TestStores.value(seed + time, random.nextInt(20) == 0 ? 5_000 : random.nextInt(400));
    }

    private WriteOptions anyOptions() {
      return random.nextInt(3) == 0 ? WriteOptions.NO_WAL : WriteOptions.BUFFERED;
    }

    private void deleteRange() {
      int from = random.nextInt(KEYS);
      byte[] first = TestStores.key(from);
      byte[] end = TestStores.key(from + 1 + random.nextInt(20));
      db.deleteRange(first, end);
      time++;
      model.subMap(first, end).replaceAll((key, old) -> new Written(time, null));
    }

    private void writeBatch() {
      WriteBatch batch = new WriteBatch();
      for (int left = random.nextInt(10); left >= 0; left--) {
        byte[] key = TestStores.key(random.nextInt(KEYS));
        byte[] value = anyValue();
        batch.put(key, value);
        model.put(key, new Written(++time, value));
      }
      db.write(batch);
    }

    private void check(byte[] key, byte[] found) {
      Written newest = model.get(key);
      if (found == null) {
        if (newest != null && newest.value != null) {
          newestLost = Math.max(newestLost, newest.time);
        }
        return;
      }
      assertTrue(newest != null, "a key that was never written");
      assertArrayEquals(newest.value, found, "an older version, or what was deleted");
      assertTrue(newest.time > newestLost, "older than what is lost, or lost before");
    }

    /** One cursor shows what is left at one moment. */
    private void checkAll() {
      TreeMap<byte[], byte[]> found = new TreeMap<>(Arrays::compareUnsigned);
      try (DbIterator cursor = db.iterate()) {
        for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
          found.put(cursor.key(), cursor.value());
        }
      }
      long oldestShown = Long.MAX_VALUE;
      for (Map.Entry<byte[], Written> each : model.entrySet()) {
        byte[] value = found.remove(each.getKey());
        check(each.getKey(), value);
        if (value != null) {
          oldestShown = Math.min(oldestShown, each.getValue().time);
          shown++;
        } else if (each.getValue().value != null) {
          lost++;
        }
      }
      assertTrue(found.isEmpty(), "keys that were never written");
      assertTrue(newestLost < oldestShown, newestLost + " is lost, " + oldestShown + " is not");
    }
  }

  private void run(long seed, int operations) {
    Run run = new Run(seed);
    try {
      for (int i = 0; i < operations; i++) {
        run.step();
      }
      run.checkAll();
      run.reopen();
      run.checkAll();
    } finally {
      run.close();
    }
    lostInAll += run.lost;
    shownInAll += run.shown;
  }

  @Test
  void onlyTheOldestIsLost() {
    Seed.check(10, seed -> run(seed, 5_000));
    if (System.getProperty(Seed.PROPERTY) == null) {
      assertTrue(lostInAll > 1_000, "lost " + lostInAll);
      assertTrue(shownInAll > 1_000, "shown " + shownInAll);
    }
  }

  @Test
  @Tag("soak")
  void onlyTheOldestIsLostForLong() {
    Seed.check(300, seed -> run(seed, 40_000));
  }
}
