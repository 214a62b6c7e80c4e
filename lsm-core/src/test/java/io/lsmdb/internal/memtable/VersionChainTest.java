package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import org.junit.jupiter.api.Test;

class VersionChainTest {
  private static final int VERSIONS = 100_000;
  private static final byte[] KEY = KeyShape.text("counter");

  @Test
  void everySnapshotOfAKeyWithManyVersionsReadsItsOwn() {
    MemTable table = new MemTable(new ChunkPool(0), true, MemTablePins.UNKNOWN);
    byte[] value = new byte[8];
    for (int i = 1; i <= VERSIONS; i++) {
      Bytes.putLong(value, 0, i);
      table.add(InternalKey.trailer(10L * i, ValueKind.PUT), KEY, 0, KEY.length, value, 0, 8);
    }
    LookupResult out = new LookupResult();
    for (long sequence : new long[] {0, 1, 9}) {
      long search = InternalKey.searchTrailer(sequence);
      assertFalse(table.get(KEY, 0, KEY.length, search, out));
    }
    for (int i = 1; i <= VERSIONS; i++) {
      long search = InternalKey.searchTrailer(10L * i + i % 10);
      assertTrue(table.get(KEY, 0, KEY.length, search, out));
      assertEquals(10L * i, InternalKey.sequence(out.trailer));
      assertEquals(i, Bytes.getLong(out.valueArray, out.valueOffset));
    }
    try (InternalIterator it = table.iterator()) {
      it.seekToLast();
      for (int i = 1; i <= VERSIONS; i++, it.prev()) {
        assertEquals(10L * i, InternalKey.sequence(it.trailer()));
      }
      assertFalse(it.isValid());
    }
  }

  @Test
  void aSearchTakesALogarithmicNumberOfMoves() {
    VersionChain chain = new VersionChain(new PayloadArena(new ChunkPool(0)), MemTablePins.UNKNOWN);
    int oldest = chain.first(1, KEY, 0, KEY.length, Bytes.EMPTY, 0, 0);
    int head = oldest;
    for (int trailer = 2; trailer <= VERSIONS; trailer++) {
      head = chain.append(head, oldest, trailer, Bytes.EMPTY, 0, 0, false);
    }
    int most = 0;
    for (int target = 1; target < VERSIONS; target += 37) {
      int moves = 0;
      int goal = chain.oldestAbove(head, oldest, target);
      for (int at = head; at != goal; moves++) {
        int jump = chain.jump(at, oldest);
        at = chain.oldestAbove(jump, oldest, target) != 0 ? jump : chain.previous(at);
      }
      most = Math.max(most, moves);
    }
    assertTrue(most <= 3 * 17, "moves " + most);
  }

  @Test
  void aVersionMustBeNewerThanTheLast() {
    MemTable table = new MemTable(new ChunkPool(0), true, MemTablePins.UNKNOWN);
    long trailer = InternalKey.trailer(7, ValueKind.PUT);
    table.add(trailer, KEY, 0, KEY.length, KEY, 0, 1);
    assertThrows(
        IllegalStateException.class, () -> table.add(trailer, KEY, 0, KEY.length, KEY, 0, 2));
    assertEquals(1, table.keyCount());
    LookupResult out = new LookupResult();
    assertTrue(table.get(KEY, 0, KEY.length, trailer, out));
    assertEquals(1, out.valueLength);
  }

  @Test
  void sequencesWithTheirTopBitSetCompareAsUnsigned() {
    MemTable table = new MemTable(new ChunkPool(0), true, MemTablePins.UNKNOWN);
    long small = InternalKey.trailer(5, ValueKind.PUT);
    long large = InternalKey.trailer(InternalKey.MAX_SEQUENCE, ValueKind.PUT);
    table.add(small, KEY, 0, KEY.length, KEY, 0, 1);
    table.add(large, KEY, 0, KEY.length, KEY, 0, 2);
    LookupResult out = new LookupResult();
    long between = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE - 1);
    assertTrue(table.get(KEY, 0, KEY.length, between, out));
    assertEquals(small, out.trailer);
    assertTrue(table.get(KEY, 0, KEY.length, -1L, out));
    assertEquals(large, out.trailer);
  }
}
