package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ReaderEpochs;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.testing.Seed;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A cache that fills the arrays of evicted blocks again, as soon as nobody can be reading them. */
class RecycledFramesTest {
  private static final int KEYS = 6000;

  /** Lookups that have ended when they return: those of one thread. */
  private static final ReaderEpochs ONE_THREAD =
      new ReaderEpochs() {
        @Override
        public int epoch() {
          return 0;
        }

        @Override
        public boolean hasPassed(int epoch) {
          return true;
        }
      };

  @Test
  void lookupsAndCursorsSeeWhatTheFileHolds() {
    Seed.check(
        6,
        seed -> {
          Random random = new Random(seed);
          NavigableMap<InternalKey, byte[]> model = model(random);
          BlockCodec codec = BlockCodec.values()[(int) (seed & 1)];
          TableFormat format = new TableFormat(256 << random.nextInt(3), 10, codec);
          MemoryFile file = Tables.build(format, model);
          ShardedBlockCache cache = new ShardedBlockCache(128 << 10);
          try (TableReader table = open(file, cache)) {
            Tables.verify(table, model, random, 500);
          }
          // What the first table gives back is used by the second.
          try (TableReader table = open(file, cache)) {
            Tables.verify(table, model, random, 500);
          }
        });
  }

  @Test
  void missesTakeNoNewMemory() {
    NavigableMap<InternalKey, byte[]> model = model(new Random(5));
    MemoryFile file = Tables.build(new TableFormat(512, 10, BlockCodec.LZ4), model);
    ShardedBlockCache cache = new ShardedBlockCache(256 << 10);
    Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    Random random = new Random(6);
    InternalKey[] keys = model.keySet().toArray(new InternalKey[0]);
    LookupResult out = new LookupResult();
    try (TableReader table = open(file, cache)) {
      for (int i = 0; i < 20_000; i++) {
        byte[] key = keys[random.nextInt(KEYS)].userKey();
        assertTrue(table.get(key, 0, key.length, -1L, out));
        arrays.add(out.valueArray);
        assertTrue(cache.usage() <= 256 << 10);
      }
      assertTrue(cache.misses() > 10_000, "the table is several times the cache");
      assertTrue(arrays.size() < 1000, arrays.size() + " arrays");
    }
  }

  @Test
  void cursorThatStandsKeepsItsBlock() {
    NavigableMap<InternalKey, byte[]> model = model(new Random(7));
    MemoryFile file = Tables.build(new TableFormat(512, 10, BlockCodec.LZ4), model);
    try (TableReader table = open(file, new ShardedBlockCache(128 << 10));
        InternalIterator standing = new TableIterator(table, true);
        InternalIterator running = new TableIterator(table, true)) {
      standing.seekToFirst();
      for (int pass = 0; pass < 3; pass++) {
        int n = 0;
        for (running.seekToFirst(); running.isValid(); running.next()) {
          n++;
        }
        assertEquals(model.size(), n);
        assertEquals(model.firstKey().userKey().length, standing.keyLength());
        assertArrayEquals(model.firstEntry().getValue(), Tables.copyValue(standing));
      }
    }
  }

  private static TableReader open(MemoryFile file, ShardedBlockCache cache) {
    OpenContext context =
        new OpenContext(TableIdentity.ANY_CONTENT_ID, -1, cache, cache.newOwner(ONE_THREAD));
    return TableReader.open(MemoryFile.of(file.content()), "t.sst", context);
  }

  private static NavigableMap<InternalKey, byte[]> model(Random random) {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < KEYS; i++) {
      byte[] value = new byte[random.nextInt(50) == 0 ? random.nextInt(2000) : random.nextInt(160)];
      random.nextBytes(value);
      byte[] key = {(byte) (i >>> 8), (byte) i, 'k'};
      model.put(Tables.key(key, 1 + random.nextInt(1000), ValueKind.PUT), value);
    }
    return model;
  }
}
