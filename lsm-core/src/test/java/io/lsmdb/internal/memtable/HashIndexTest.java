package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashIndexTest {
  private final ChunkPool pool = new ChunkPool(1 << 20);
  private final Entries entries = new Entries(pool, MemTablePins.UNKNOWN);
  private final HashIndex index = new HashIndex(pool, entries);

  @Test
  void findsEveryEntryWhileTablesGrowAndSplit() {
    Random random = new Random(5);
    int count = 100_000;
    int[] hashes = new int[count];
    for (int i = 0; i < count; i++) {
      hashes[i] = random.nextInt();
      insert(hashes[i], i);
      int other = random.nextInt(i + 1);
      assertTrue(find(hashes[other], other) != 0, "entry " + other + " of " + i);
    }
    for (int i = 0; i < count; i++) {
      assertEquals(i, keyOf(find(hashes[i], i)));
      assertEquals(0, find(hashes[i], i + count));
    }
    assertTrue(index.bytes() >= count * 8L * 4 / 3, "bytes " + index.bytes());
    assertTrue(index.bytes() <= count * 8L * 4, "bytes " + index.bytes());
  }

  @Test
  void hashesThatAllCollideCostTimeAndNotMemory() {
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      insert(0xABCD0000 + i % 4, i);
    }
    for (int i = 0; i < count; i += 97) {
      assertEquals(i, keyOf(find(0xABCD0000 + i % 4, i)));
    }
    assertTrue(index.bytes() <= 1 << 20, "bytes " + index.bytes());
  }

  @Test
  void givesItsTablesBack() {
    long before = pool.lentBytes();
    for (int i = 0; i < 50_000; i++) {
      insert(i * 0x9E3779B9, i);
    }
    assertTrue(pool.lentBytes() > before);
    index.release();
    entries.release();
    assertEquals(before, pool.lentBytes());
  }

  private void insert(int hash, int key) {
    byte[] bytes = bytes(key);
    index.insert(hash, entries.create(key, bytes, 0, 4, Bytes.EMPTY, 0, 0));
  }

  private int find(int hash, int key) {
    return index.find(hash, bytes(key), 0, 4);
  }

  private int keyOf(int entry) {
    int reference = entries.keyOf(entry);
    byte[] array = entries.payload().array(reference);
    int record = PayloadArena.offset(reference);
    return Bytes.getInt(array, VersionRecord.keyStart(array, record));
  }

  private static byte[] bytes(int key) {
    byte[] bytes = new byte[4];
    Bytes.putInt(bytes, 0, key);
    return bytes;
  }
}
