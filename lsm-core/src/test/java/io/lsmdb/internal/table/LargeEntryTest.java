package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.testing.Seed;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Large entries, which are written without a copy, amid small ones. */
class LargeEntryTest {
  private static final int BLOCK_BYTES = 512;
  private static final int NEVER = Integer.MAX_VALUE;

  private static NavigableMap<InternalKey, byte[]> entries(Random random) {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    int keys = 1 + random.nextInt(40);
    for (int i = 0; i < keys; i++) {
      byte[] key = new byte[random.nextInt(12)];
      random.nextBytes(key);
      for (int version = random.nextInt(3); version >= 0; version--) {
        byte[] value = new byte[random.nextInt(3) == 0 ? random.nextInt(300_000) : 20];
        Arrays.fill(value, (byte) random.nextInt());
        model.put(Tables.key(key, 1 + random.nextInt(1000), ValueKind.PUT), value);
      }
    }
    return model;
  }

  private static byte[] build(
      BlockCodec compression, NavigableMap<InternalKey, byte[]> model, int largeEntryBytes) {
    TableFormat format = new TableFormat(BLOCK_BYTES, 10, compression);
    MemoryFile file = new MemoryFile();
    try (TableBuilder builder =
        new TableBuilder(file, "t.sst", format, Tables.identity(), Tables.TIME, largeEntryBytes)) {
      for (Map.Entry<InternalKey, byte[]> e : model.entrySet()) {
        byte[] key = e.getKey().userKey();
        byte[] padded = new byte[e.getValue().length + 3]; // a value in the midst of an array
        System.arraycopy(e.getValue(), 0, padded, 2, e.getValue().length);
        builder.add(e.getKey().trailer(), key, 0, key.length, padded, 2, e.getValue().length);
        Arrays.fill(padded, (byte) 77); // which is used for something else afterwards
      }
      TableSummary summary = builder.finish();
      assertEquals(model.firstKey(), summary.smallest());
      assertEquals(model.lastKey(), summary.largest());
    }
    return file.content();
  }

  @Test
  void theyAreLaidOutAsUncompressedEntriesAlwaysAre() {
    Seed.check(
        50,
        seed -> {
          NavigableMap<InternalKey, byte[]> model = entries(new Random(seed));
          assertArrayEquals(
              build(BlockCodec.NONE, model, NEVER), build(BlockCodec.NONE, model, BLOCK_BYTES));
        });
  }

  @Test
  void theyAreReadBesideCompressedBlocks() {
    Seed.check(
        20,
        seed -> {
          Random random = new Random(seed);
          NavigableMap<InternalKey, byte[]> model = entries(random);
          MemoryFile file = MemoryFile.of(build(BlockCodec.LZ4, model, BLOCK_BYTES));
          try (TableReader table = Tables.open(file, new ShardedBlockCache(1 << 20))) {
            Tables.verify(table, model, random, 50);
          }
        });
  }
}
