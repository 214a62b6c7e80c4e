package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemTableMemoryTest {
  private static final long ALL = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private final ChunkPool pool = new ChunkPool(8 << 20);

  @Test
  void anIdleMemtableHoldsAFewKilobytes() {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    assertTrue(table.memoryUsage() < 8 * 1024, "bytes " + table.memoryUsage());
    assertEquals(0, pool.lentBytes());
    put(table, 1, KeyShape.text("k"), KeyShape.text("v"));
    assertTrue(table.memoryUsage() < 8 * 1024, "bytes " + table.memoryUsage());
  }

  @Test
  void usageGrowsWithWhatIsAddedAndCoversThePool() {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    Random random = new Random(3);
    long last = table.memoryUsage();
    for (int i = 1; i <= 60_000; i++) {
      put(table, i, KeyShape.RANDOM.key(i, random), new byte[100]);
      long now = table.memoryUsage();
      assertTrue(now >= last && now > 100L * i, "entry " + i + ": " + now);
      last = now;
    }
    assertTrue(last >= pool.lentBytes());
    assertTrue(last < 60_000 * 116L * 2, "bytes " + last);
  }

  @Test
  void releaseGivesEverythingBackForTheNextMemtable() {
    for (int round = 0; round < 3; round++) {
      MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
      Random random = new Random(round);
      byte[][] keys = new byte[30_000][];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = KeyShape.RANDOM.key(i, random);
        put(table, i + 1, keys[i], Arrays.copyOf(keys[i], 100));
      }
      assertTrue(pool.lentBytes() > 0);
      LookupResult out = new LookupResult();
      for (byte[] key : keys) {
        assertTrue(table.get(key, 0, key.length, ALL, out));
        assertArrayEquals(Arrays.copyOf(key, 100), value(out));
      }
      table.release();
      assertEquals(0, pool.lentBytes());
      assertTrue(pool.pooledBytes() > 0 && pool.pooledBytes() <= 8 << 20);
    }
  }

  @Test
  void thePoolKeepsNoMoreThanItsBound() {
    ChunkPool small = new ChunkPool(ChunkPool.CHUNK_BYTES + 1);
    byte[] first = small.takeChunk();
    byte[] second = small.takeChunk();
    assertNotSame(first, second);
    assertEquals(2L * ChunkPool.CHUNK_BYTES, small.lentBytes());
    small.giveChunk(first);
    small.giveChunk(second);
    assertEquals(0, small.lentBytes());
    assertEquals(ChunkPool.CHUNK_BYTES, small.pooledBytes());
    small.giveSegment(small.takeSegment());
    assertEquals(ChunkPool.CHUNK_BYTES, small.pooledBytes());
  }

  @Test
  void recycledSegmentsAreZeros() {
    long[] segment = pool.takeSegment();
    Arrays.fill(segment, -1L);
    pool.giveSegment(segment);
    assertArrayEquals(new long[ChunkPool.SEGMENT_WORDS], pool.takeSegment());
  }

  @Test
  void largeValuesStandAloneAndWasteNothing() {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    Random random = new Random(9);
    int[] sizes = {0, 100, 200_000, 3, 1 << 20, 600_000, 70_000, (1 << 20) - 1, 24 << 20, 5};
    byte[][] values = new byte[2 * sizes.length][];
    long total = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = new byte[sizes[i % sizes.length]];
      random.nextBytes(values[i]);
      total += values[i].length;
      put(table, i + 1, KeyShape.text("key" + i % sizes.length), values[i]);
    }
    LookupResult out = new LookupResult();
    for (int i = 0; i < values.length; i++) {
      byte[] key = KeyShape.text("key" + i % sizes.length);
      assertTrue(table.get(key, 0, key.length, InternalKey.searchTrailer(i + 1), out));
      assertArrayEquals(values[i], value(out));
    }
    assertTrue(table.memoryUsage() < total + (2 << 20), "bytes " + table.memoryUsage());
    table.release();
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void aFullMemtableRefusesAndStaysReadable() {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN, 4 << 20);
    byte[] value = new byte[50_000];
    int added = 0;
    IllegalStateException refused = null;
    while (refused == null) {
      try {
        put(table, added + 1, KeyShape.text("key" + added), value);
        added++;
      } catch (IllegalStateException e) {
        refused = e;
      }
    }
    assertTrue(refused.getMessage().contains("full"), refused.getMessage());
    assertTrue(added > 20 && table.memoryUsage() <= 4 << 20, "added " + added);
    assertEquals(added, table.keyCount());
    LookupResult out = new LookupResult();
    for (int i = 0; i < added; i++) {
      byte[] key = KeyShape.text("key" + i);
      assertTrue(table.get(key, 0, key.length, ALL, out));
    }
  }

  @Test
  void whatCannotBeStoredIsRefusedAndChangesNothing() {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    put(table, 5, KeyShape.text("a"), Bytes.EMPTY);
    byte[] long64 = new byte[InternalKey.MAX_KEY_LENGTH + 1];
    assertThrows(IllegalArgumentException.class, () -> put(table, 6, long64, Bytes.EMPTY));
    assertThrows(IllegalStateException.class, () -> put(table, 4, new byte[1], Bytes.EMPTY));
    assertEquals(1, table.keyCount());
    assertEquals(5, table.lastSequence());
  }

  private static byte[] value(LookupResult out) {
    return Arrays.copyOfRange(out.valueArray, out.valueOffset, out.valueOffset + out.valueLength);
  }

  private static void put(MemTable table, long sequence, byte[] key, byte[] value) {
    long trailer = InternalKey.trailer(sequence, ValueKind.PUT);
    table.add(trailer, key, 0, key.length, value, 0, value.length);
  }
}
