package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.nio.charset.StandardCharsets;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Tables of many shapes against a sorted map. */
class TableModelTest {
  private static final int[] BLOCK_SIZES = {1, 100, 1000, 8192, 1 << 20};

  private static void check(NavigableMap<InternalKey, byte[]> model, long seed) {
    check(model, seed, 300);
  }

  private static void check(NavigableMap<InternalKey, byte[]> model, long seed, int lookups) {
    for (int blockSize : BLOCK_SIZES) {
      for (int variant = 0; variant < 4; variant++) {
        BlockCodec codec = variant % 2 == 0 ? BlockCodec.LZ4 : BlockCodec.NONE;
        TableFormat format = new TableFormat(blockSize, variant / 2 * 10, codec);
        ShardedBlockCache cache = new ShardedBlockCache(variant == 1 ? 20_000 : 1 << 24);
        try (TableReader table = Tables.open(Tables.build(format, model), cache)) {
          assertEquals(model.size(), table.properties().entries());
          Tables.verify(table, model, new Random(seed), lookups);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("seed " + seed + ", " + format, e);
        }
        assertEquals(0, cache.usage());
      }
    }
  }

  @Test
  void oneEntry() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    model.put(Tables.key(new byte[] {1, 2, 3}, 5, ValueKind.PUT), new byte[] {9});
    check(model, 1);
  }

  @Test
  void emptyKeyAndEmptyValue() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    model.put(Tables.key(new byte[0], 0, ValueKind.DELETE), new byte[0]);
    check(model, 2);
    model.put(Tables.key(new byte[0], InternalKey.MAX_SEQUENCE, ValueKind.PUT), new byte[0]);
    model.put(Tables.key(new byte[] {0}, 3, ValueKind.PUT), new byte[0]);
    check(model, 3);
  }

  @Test
  void keysThatArePrefixesOfEachOther() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int length = 0; length < 300; length++) {
      byte[] zeros = new byte[length];
      model.put(Tables.key(zeros, length % 5, ValueKind.PUT), new byte[] {(byte) length});
      byte[] other = new byte[length + 1];
      other[length] = -1;
      model.put(Tables.key(other, 9, ValueKind.SINGLE_DELETE), new byte[0]);
    }
    check(model, 4);
  }

  @Test
  void thousandsOfVersionsOfOneKeySpanBlocks() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    byte[] hot = "the hot key".getBytes(StandardCharsets.US_ASCII);
    for (int i = 1; i < 3000; i++) {
      model.put(
          Tables.key(hot, 2L * i, i % 10 == 0 ? ValueKind.DELETE : ValueKind.PUT),
          new byte[i % 20]);
    }
    model.put(Tables.key(new byte[] {1}, 77, ValueKind.PUT), new byte[2]);
    model.put(Tables.key(new byte[] {(byte) 200}, 78, ValueKind.PUT), new byte[2]);
    check(model, 5);
  }

  @Test
  void randomKeysWithVersions() {
    for (long seed = 10; seed < 16; seed++) {
      Random random = new Random(seed);
      NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
      int keys = 1 + random.nextInt(700);
      int keyLength = 1 + random.nextInt(20);
      int alphabet = 1 + random.nextInt(255);
      for (int i = 0; i < keys; i++) {
        byte[] k = new byte[random.nextInt(keyLength + 1)];
        for (int j = 0; j < k.length; j++) {
          k[j] = (byte) random.nextInt(alphabet);
        }
        for (int versions = random.nextInt(4); versions >= 0; versions--) {
          long sequence = random.nextInt(3) == 0 ? random.nextInt(10) : random.nextLong() >>> 8;
          model.put(
              Tables.key(k, sequence, 1 + random.nextInt(3)),
              Tables.bytes(random, random.nextInt(200)));
        }
      }
      check(model, seed);
    }
  }

  @Test
  void textualKeysShareABlockPrefix() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < 2000; i++) {
      byte[] k = String.format("user:%08d/field", i * 3).getBytes(StandardCharsets.US_ASCII);
      model.put(Tables.key(k, i, ValueKind.PUT), new byte[i % 40]);
    }
    check(model, 20);
  }

  @Test
  void largeKeysAndValues() {
    Random random = new Random(21);
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    byte[] large = Tables.bytes(random, InternalKey.MAX_KEY_LENGTH);
    model.put(Tables.key(large, 1, ValueKind.PUT), Tables.bytes(random, 300_000));
    model.put(Tables.key(large, 3, ValueKind.PUT), new byte[300_000]);
    byte[] next = large.clone();
    next[next.length - 1]++;
    model.put(Tables.key(next, 3, ValueKind.PUT), Tables.bytes(random, 5_000));
    for (int i = 0; i < 20; i++) {
      model.put(Tables.key(new byte[] {(byte) (i * 9)}, i, ValueKind.PUT), new byte[70_000]);
    }
    check(model, 21, 15);
  }

  @Test
  void blockOfMoreEntriesThanSmallSlotsCanName() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    Random random = new Random(22);
    for (int i = 0; i < 40_000; i++) {
      model.put(Tables.key(Tables.bytes(random, 9), i, ValueKind.PUT), new byte[3]);
    }
    TableFormat format = new TableFormat(4 << 20, 10, BlockCodec.LZ4);
    try (TableReader table =
        Tables.open(Tables.build(format, model), new ShardedBlockCache(1 << 24))) {
      assertEquals(1, table.properties().dataBlocks());
      Tables.verify(table, model, random, 2000);
    }
  }

  @Test
  void builderRefusesDisorderAndUnknownKinds() {
    MemoryFile file = new MemoryFile();
    TableFormat format = new TableFormat(100, 10, BlockCodec.LZ4);
    byte[] b = {5};
    byte[] a = {4};
    long put = InternalKey.trailer(7, ValueKind.PUT);
    try (TableBuilder builder =
        new TableBuilder(file, "t.sst", format, Tables.identity(), Tables.TIME)) {
      assertThrows(IllegalStateException.class, builder::finish);
      builder.add(put, b, 0, 1, b, 0, 1);
      assertThrows(IllegalStateException.class, () -> builder.add(put, b, 0, 1, b, 0, 1));
      long newer = InternalKey.trailer(8, ValueKind.PUT);
      assertThrows(IllegalStateException.class, () -> builder.add(newer, b, 0, 1, b, 0, 1));
      assertThrows(IllegalStateException.class, () -> builder.add(put, a, 0, 1, b, 0, 1));
      long unknown = InternalKey.trailer(1, ValueKind.VALUE_REFERENCE);
      assertThrows(IllegalArgumentException.class, () -> builder.add(unknown, b, 0, 1, b, 0, 1));
      builder.finish();
      assertThrows(IllegalStateException.class, builder::finish);
    }
  }

  @Test
  void propertiesTellWhatWasAdded() {
    NavigableMap<InternalKey, byte[]> model = Tables.smallModel(100);
    TableFormat format = new TableFormat(200, 10, BlockCodec.LZ4);
    MemoryFile file = Tables.build(format, model);
    try (TableReader table = Tables.open(file, new ShardedBlockCache(1 << 20))) {
      TableProperties p = table.properties();
      long deletions =
          model.keySet().stream().filter(k -> InternalKey.kind(k.trailer()) != 1).count();
      assertEquals(100, p.entries());
      assertEquals(deletions, p.deletions());
      assertEquals(0, p.smallestSequence());
      assertEquals(99, p.largestSequence());
      assertEquals(model.firstKey(), p.smallest());
      assertEquals(model.lastKey(), p.largest());
      assertEquals(model.values().stream().mapToLong(v -> v.length).sum(), p.rawValueBytes());
      assertEquals(
          model.keySet().stream().mapToLong(k -> k.userKey().length).sum(), p.rawKeyBytes());
      assertEquals(Tables.TIME, p.creationTimeMillis());
      assertEquals(7, p.databaseIdHigh());
      assertEquals(8, p.databaseIdLow());
      assertEquals(9, p.session());
      assertEquals(10, p.fileNumber());
      assertEquals(Tables.CONTENT_ID, table.contentId());
      assertEquals(file.length, table.fileSize());
    }
  }

  @Test
  void estimatesComeCloseToTheFile() {
    for (BlockCodec codec : BlockCodec.values()) {
      MemoryFile file = new MemoryFile();
      TableFormat format = new TableFormat(4096, 10, codec);
      try (TableBuilder builder =
          new TableBuilder(file, "t.sst", format, Tables.identity(), Tables.TIME)) {
        Random random = new Random(1);
        byte[] k = new byte[8];
        for (int i = 0; i < 20_000; i++) {
          Bytes.putInt(k, 0, Integer.reverseBytes(i));
          builder.add(InternalKey.trailer(i, 1), k, 0, 8, Tables.bytes(random, 40), 0, 40);
        }
        long estimate = builder.estimatedFileSize();
        assertEquals(20_000, builder.entryCount());
        assertEquals(1.0, (double) estimate / builder.finish().fileSize(), 0.05);
      }
      try (TableReader table =
          Tables.open(MemoryFile.of(file.content()), new ShardedBlockCache(1 << 20))) {
        long last = 0;
        for (int i = 0; i < 20_000; i += 100) {
          byte[] k = new byte[8];
          Bytes.putInt(k, 0, Integer.reverseBytes(i));
          long offset = table.approximateOffset(k, 0, 8, -1L);
          assertEquals(i / 20_000.0, (double) offset / table.fileSize(), 0.05);
          assertTrue(offset >= last);
          last = offset;
        }
      }
    }
  }
}
