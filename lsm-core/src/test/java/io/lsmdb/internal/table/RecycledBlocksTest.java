package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cursors whose blocks overwrite each other show what all others show. */
class RecycledBlocksTest {
  private static final int BLOCK_BYTES = 512;

  @ParameterizedTest
  @EnumSource(BlockCodec.class)
  void blocksOfAllSizesReadAsTheyWereWritten(BlockCodec compression) {
    NavigableMap<InternalKey, byte[]> model = model();
    TableFormat format = new TableFormat(BLOCK_BYTES, 10, compression);
    try (TableReader table =
            Tables.open(Tables.build(format, model), new ShardedBlockCache(1 << 20));
        Recycling cursor = new Recycling(table)) {
      for (int pass = 0; pass < 2; pass++) {
        cursor.seekToFirst();
        for (Map.Entry<InternalKey, byte[]> entry : model.entrySet()) {
          assertTrue(cursor.isValid());
          assertEquals(entry.getKey(), new InternalKey(Tables.copyKey(cursor), cursor.trailer()));
          assertArrayEquals(entry.getValue(), Tables.copyValue(cursor));
          cursor.next();
        }
        assertFalse(cursor.isValid());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BlockCodec.class)
  void onlyRecyclingCursorsUseOneArray(BlockCodec compression) {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < 200; i++) {
      model.put(Tables.key(new byte[] {(byte) i}, 1, ValueKind.PUT), new byte[50]);
    }
    TableFormat format = new TableFormat(BLOCK_BYTES, 10, compression);
    try (TableReader table =
            Tables.open(Tables.build(format, model), new ShardedBlockCache(1 << 20));
        Recycling recycling = new Recycling(table);
        TableIterator plain = new TableIterator(table, false)) {
      recycling.seekToFirst();
      plain.seekToFirst();
      byte[] recycled = recycling.valueArray();
      byte[] first = plain.valueArray();
      for (int i = 0; i < 100; i++) {
        recycling.next();
        plain.next();
      }
      assertSame(recycled, recycling.valueArray());
      assertNotSame(first, plain.valueArray());
    }
  }

  /** Values from none to more than a block, so that arrays are too short at times. */
  private static NavigableMap<InternalKey, byte[]> model() {
    Random random = new Random(1);
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < 1000; i++) {
      byte[] value = new byte[random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(80)];
      if (random.nextBoolean()) {
        random.nextBytes(value);
      }
      byte[] key = {'k', 'e', 'y', 's', (byte) (i >>> 8), (byte) i};
      model.put(Tables.key(key, random.nextInt(1000), ValueKind.PUT), value);
    }
    return model;
  }

  /** As a compaction reads one table. */
  private static final class Recycling extends TableIterator {
    Recycling(TableReader table) {
      recycleBlocks();
      open(table, false);
    }
  }
}
