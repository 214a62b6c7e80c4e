package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memtables whose allocations fail: an insertion without memory changes nothing. */
class MemTableShortageTest {
  /** Fails some of its allocations, each once. */
  private static final class ShortPool extends ChunkPool {
    private final Random random;
    boolean isShort;
    int failures;

    ShortPool(long seed) {
      super(1 << 20);
      random = new Random(seed);
    }

    private void allocate() {
      if (isShort && random.nextBoolean()) {
        failures++;
        throw new OutOfMemoryError("injected");
      }
    }

    @Override
    byte[] newBytes(int length) {
      allocate();
      return super.newBytes(length);
    }

    @Override
    long[] newWords(int length) {
      allocate();
      return super.newWords(length);
    }
  }

  private static byte[] key(Random random, int keys) {
    return Integer.toString(random.nextInt(keys)).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8);
  }

  private static void add(MemTable table, long sequence, byte[] key, byte[] value) {
    long trailer = InternalKey.trailer(sequence, ValueKind.PUT);
    table.add(trailer, key, 0, key.length, value, 0, value.length);
  }

  private static void check(MemTable table, TreeMap<String, Integer> model) {
    assertEquals(model.size(), table.keyCount());
    LookupResult found = new LookupResult();
    long newest = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);
    try (InternalIterator cursor = table.iterator()) {
      cursor.seekToFirst();
      for (String name : model.keySet()) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        assertTrue(table.get(key, 0, key.length, newest, found));
        assertEquals(model.get(name), found.valueLength);
        assertEquals(name, text(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength()));
        assertEquals(model.get(name), cursor.valueLength());
        do {
          cursor.next();
        } while (cursor.isValid()
            && name.equals(text(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength())));
      }
      assertFalse(cursor.isValid());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInsertionIsRepeatedUntilThereIsMemory(boolean orderAtOnce) {
    ShortPool pool = new ShortPool(1);
    MemTable table = new MemTable(pool, orderAtOnce, MemTablePins.UNKNOWN);
    TreeMap<String, Integer> model = new TreeMap<>();
    Random random = new Random(2);
    for (long sequence = 1; sequence <= 30_000; sequence++) {
      byte[] key = key(random, 20_000);
      byte[] value = new byte[random.nextInt(100) == 0 ? random.nextInt(200_000) : 30];
      boolean added = false;
      while (!added) {
        pool.isShort = true;
        try {
          add(table, sequence, key, value);
          added = true;
        } catch (OutOfMemoryError e) {
          pool.isShort = false;
          if (random.nextInt(20) == 0) {
            check(table, model);
          }
        }
      }
      model.put(text(key, 0, key.length), value.length);
    }
    pool.isShort = false;
    check(table, model);
    table.release();
    assertEquals(0, pool.lentBytes());
    assertTrue(pool.failures > 80, "failures " + pool.failures);
  }

  @ParameterizedTest
  @ValueSource(ints = {50, 5_000, 300_000})
  void reservedKeysAndValuesNeedNoMoreMemory(int maxValue) {
    for (int seed = 0; seed < 20; seed++) {
      ShortPool pool = new ShortPool(seed);
      MemTable table = new MemTable(pool, false, MemTablePins.UNKNOWN);
      Random random = new Random(seed);
      byte[][] values = new byte[200][];
      for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < values.length; i++) {
          values[i] = new byte[random.nextInt(maxValue)];
          table.reserve(4, values[i].length);
        }
        if (round > 1) {
          pool.isShort = true; // the index has grown in the first round
        }
        for (int i = 0; i < values.length; i++) {
          byte[] key = Integer.toString(1000 + i).getBytes(StandardCharsets.UTF_8);
          add(table, round * 1000L + i, key, values[i]);
        }
        pool.isShort = false;
        table.endReservation();
      }
      assertEquals(0, pool.failures);
      long used = pool.lentBytes();
      table.endReservation();
      assertEquals(used, pool.lentBytes());
      table.release();
      assertEquals(0, pool.lentBytes());
    }
  }
}
