package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Failures of other engines that must not happen here. */
class TableRegressionTest {
  private static final TableFormat FORMAT = new TableFormat(300, 10, BlockCodec.LZ4);

  /** The same number for another file must not find the first file's cached blocks. */
  @Test
  void r23_reusedFileNumberNeverMeetsStaleCacheEntries() {
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    byte[] k = {1};
    LookupResult out = new LookupResult();
    for (byte content = 0; content < 2; content++) {
      NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
      model.put(Tables.key(k, 1, ValueKind.PUT), new byte[] {content});
      TableReader table = Tables.open(Tables.build(FORMAT, model), cache);
      assertTrue(table.get(k, 0, 1, -1L, out));
      assertEquals(content, out.valueArray[out.valueOffset]);
      table.close();
    }
  }

  @Test
  void r34_readErrorAtTheFirstBlockSurfaces() {
    NavigableMap<InternalKey, byte[]> model = Tables.smallModel(200);
    MemoryFile file = Tables.build(FORMAT, model);
    byte[] first = model.firstKey().userKey();
    for (boolean fillCache : new boolean[] {true, false}) {
      MemoryFile failing = MemoryFile.of(file.content());
      failing.failReadsFrom = 0;
      failing.failReadsTo = 10;
      try (TableReader table = Tables.open(failing, new ShardedBlockCache(1 << 20));
          InternalIterator it = new TableIterator(table, fillCache)) {
        assertThrows(StorageException.class, it::seekToFirst);
        assertFalse(it.isValid());
        assertThrows(StorageException.class, () -> it.seek(first, 0, first.length, -1L));
        assertFalse(it.isValid());
        LookupResult out = new LookupResult();
        assertThrows(StorageException.class, () -> table.get(first, 0, first.length, -1L, out));
        failing.failReadsFrom = Long.MAX_VALUE;
        it.seekToFirst();
        assertEquals(model.firstKey(), new InternalKey(Tables.copyKey(it), it.trailer()));
      }
    }
  }

  @Test
  void r34_readErrorInTheMiddleStopsAScanInsteadOfSkipping() {
    NavigableMap<InternalKey, byte[]> model = Tables.smallModel(400);
    MemoryFile file = Tables.build(FORMAT, model);
    try (TableReader table = Tables.open(file, new ShardedBlockCache(1 << 20));
        InternalIterator it = new TableIterator(table, true)) {
      IndexBlock index = table.index();
      file.failReadsFrom = index.offset(3);
      file.failReadsTo = index.offset(4);
      it.seekToFirst();
      assertThrows(
          StorageException.class,
          () -> {
            while (it.isValid()) {
              it.next();
            }
          });
      assertFalse(it.isValid());
    }
  }

  @Test
  void r36_directionSwitchesAtBlockBoundaries() {
    NavigableMap<InternalKey, byte[]> model = Tables.smallModel(100);
    InternalKey[] keys = model.keySet().toArray(new InternalKey[0]);
    TableFormat oneEntryBlocks = new TableFormat(1, 0, BlockCodec.NONE);
    try (TableReader table =
            Tables.open(Tables.build(oneEntryBlocks, model), new ShardedBlockCache(1 << 20));
        InternalIterator it = new TableIterator(table, true)) {
      for (int i = 1; i < keys.length - 1; i++) {
        byte[] k = keys[i].userKey();
        it.seek(k, 0, k.length, keys[i].trailer());
        it.prev();
        assertEquals(keys[i - 1], new InternalKey(Tables.copyKey(it), it.trailer()));
        it.next();
        it.next();
        assertEquals(keys[i + 1], new InternalKey(Tables.copyKey(it), it.trailer()));
        it.prev();
        assertEquals(keys[i], new InternalKey(Tables.copyKey(it), it.trailer()));
      }
    }
  }

  @Test
  void r44_offsetsBeyondFourGiB() {
    SparseFile file = new SparseFile();
    byte[] large = new byte[64 << 20];
    int count = 68;
    TableFormat format = new TableFormat(8192, 10, BlockCodec.NONE);
    TableSummary summary;
    try (TableBuilder builder =
        new TableBuilder(file, "t.sst", format, Tables.identity(), Tables.TIME)) {
      for (int i = 0; i < count; i++) {
        byte[] k = {(byte) i};
        large[0] = (byte) (i + 1);
        builder.add(InternalKey.trailer(i, ValueKind.PUT), k, 0, 1, large, 0, large.length);
      }
      summary = builder.finish();
    }
    assertTrue(summary.fileSize() > 1L << 32);
    try (TableReader table =
        TableReader.open(file, "t.sst", OpenContext.unchecked(new ShardedBlockCache(1 << 20)))) {
      LookupResult out = new LookupResult();
      for (int i = 0; i < count; i += count - 1) {
        assertTrue(table.get(new byte[] {(byte) i}, 0, 1, -1L, out));
        assertEquals(large.length, out.valueLength);
        assertEquals(i + 1, out.valueArray[out.valueOffset]);
      }
    }
  }

  @Test
  void r45_lengthsThatWrapAreRefused() {
    byte[] good = Tables.build(FORMAT, Tables.smallModel(60)).content();
    int footer = good.length - Footer.BYTES;
    for (int at = 16; at <= 44; at += 4) {
      for (int wrap : new int[] {Integer.MIN_VALUE, -1, -100, Integer.MAX_VALUE}) {
        byte[] bad = good.clone();
        Bytes.putInt(bad, footer + at, wrap);
        long magic = Bytes.getLong(bad, good.length - 8);
        Bytes.putInt(bad, footer + 64, new Crc32c().compute(magic, footer, bad, footer, 64));
        assertThrows(
            CorruptionException.class,
            () -> Tables.open(MemoryFile.of(bad), new ShardedBlockCache(0)).close());
      }
    }
  }

  @Test
  void r46_declaredSizesAreCheckedBeforeAllocation() {
    byte[] content = Tables.bytes(new Random(3), 40);
    for (BlockCodec codec : BlockCodec.values()) {
      for (int size : new int[] {-1, Integer.MAX_VALUE, 1 << 28, 41, 39, 255 * 40 + 65}) {
        byte[] block = Arrays.copyOf(content, 40 + BlockTrailer.TRAILER_BYTES);
        BlockTrailer.frame(block, 40, BlockTrailer.DATA, codec, size);
        BlockTrailer.seal(block, 40, 5, 6);
        BlockTrailer.Place place =
            new BlockTrailer.Place(
                "t.sst", 5, 6, block.length, BlockTrailer.DATA, BlockTrailer.MAX_DATA_BYTES);
        assertThrows(
            CorruptionException.class,
            () -> {
              int checked = BlockTrailer.check(place, block, 0);
              BlockTrailer.decode(place, block, 0, new byte[checked], checked);
            });
      }
    }
  }
}
