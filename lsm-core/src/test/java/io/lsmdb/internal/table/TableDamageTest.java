package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.testing.HostileRegion;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Damaged, foreign and hostile table files. */
class TableDamageTest {
  private static final TableFormat FORMAT = new TableFormat(300, 10, BlockCodec.LZ4);
  private static final TableFormat PREFIXES =
      new TableFormat(300, new FilterFormat(10, 4, false, true), BlockCodec.LZ4);
  private static final NavigableMap<InternalKey, byte[]> MODEL = Tables.smallModel(60);
  private static final long MAX_STEPS = 100_000;

  /** Reads everything; true if it was all as in the model. */
  private static boolean readAll(byte[] file) {
    boolean same = true;
    ShardedBlockCache cache = new ShardedBlockCache(1 << 20);
    try (TableReader table = Tables.open(MemoryFile.of(file), cache)) {
      assertNotNull(table.properties());
      for (Map.Entry<InternalKey, byte[]> e : MODEL.entrySet()) {
        byte[] k = e.getKey().userKey();
        LookupResult out = new LookupResult();
        same &=
            table.get(k, 0, k.length, e.getKey().trailer(), out)
                && out.trailer == e.getKey().trailer()
                && Arrays.equals(e.getValue(), Tables.value(out));
        same &= table.mayContainPrefix(k, 0, k.length);
      }
      for (boolean fillCache : new boolean[] {true, false}) {
        try (InternalIterator it = new TableIterator(table, fillCache)) {
          same &= scan(it);
        }
      }
    }
    return same;
  }

  private static boolean scan(InternalIterator it) {
    boolean same = true;
    long steps = 0;
    checkOrder(it);
    it.seekToFirst();
    for (Map.Entry<InternalKey, byte[]> e : MODEL.entrySet()) {
      if (!it.isValid()) {
        return false;
      }
      same &=
          e.getKey().equals(new InternalKey(Tables.copyKey(it), it.trailer()))
              && Arrays.equals(e.getValue(), Tables.copyValue(it));
      it.next();
    }
    while (it.isValid() && steps < MAX_STEPS) {
      same = false;
      it.next();
      steps++;
    }
    assertTrue(steps < MAX_STEPS, "an endless scan");
    it.seekToLast();
    for (steps = 0; it.isValid() && steps < MAX_STEPS; steps++) {
      it.prev();
    }
    assertTrue(steps < MAX_STEPS, "an endless scan");
    for (Map.Entry<InternalKey, byte[]> e : MODEL.entrySet()) {
      byte[] k = e.getKey().userKey();
      it.seek(k, 0, k.length, e.getKey().trailer());
      it.seekBefore(k, 0, k.length, e.getKey().trailer());
    }
    return same;
  }

  /**
   * Whatever the file holds, a cursor moves strictly in one direction, also from where it seeks.
   */
  private static void checkOrder(InternalIterator it) {
    for (InternalKey start : MODEL.keySet()) {
      byte[] k = start.userKey();
      it.seek(k, 0, k.length, start.trailer());
      InternalKey last = start;
      for (int i = 0; it.isValid() && i < 3; i++, it.next()) {
        InternalKey key = new InternalKey(Tables.copyKey(it), it.trailer());
        assertTrue(key.compareTo(last) >= (i == 0 ? 0 : 1), "out of order forward");
        last = key;
      }
      it.seekBefore(k, 0, k.length, start.trailer());
      last = start;
      for (int i = 0; it.isValid() && i < 3; i++, it.prev()) {
        InternalKey key = new InternalKey(Tables.copyKey(it), it.trailer());
        assertTrue(key.compareTo(last) < 0, "out of order backward");
        last = key;
      }
    }
  }

  @Test
  void everyFlippedBitIsNoticedOrHarmless() {
    everyFlippedBitIsNoticed(Tables.build(FORMAT, MODEL).content());
    everyFlippedBitIsNoticed(Tables.build(PREFIXES, MODEL).content());
  }

  private static void everyFlippedBitIsNoticed(byte[] good) {
    assertTrue(readAll(good));
    for (int at = 0; at < good.length; at++) {
      for (int mask : new int[] {1, 0x80, 0xFF, 1 << (at % 8)}) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) mask;
        try {
          assertTrue(readAll(bad), "wrong data after flipping " + mask + " at " + at);
          fail("every byte stands under a checksum, but not that at " + at);
        } catch (CorruptionException expected) {
          assertEquals("t.sst", expected.file());
        }
      }
    }
  }

  @Test
  void everyTruncationIsNoticed() {
    byte[] good = Tables.build(FORMAT, MODEL).content();
    for (int length = 0; length < good.length; length++) {
      byte[] bad = Arrays.copyOf(good, length);
      assertThrows(CorruptionException.class, () -> readAll(bad));
    }
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertThrows(CorruptionException.class, () -> readAll(longer));
    byte[] shifted = new byte[good.length + 16];
    System.arraycopy(good, 0, shifted, 16, good.length);
    assertThrows(CorruptionException.class, () -> readAll(shifted));
  }

  @Test
  void foreignFilesAreRefused() {
    Random random = new Random(1);
    assertThrows(CorruptionException.class, () -> readAll(new byte[0]));
    assertThrows(CorruptionException.class, () -> readAll(new byte[4096]));
    assertThrows(CorruptionException.class, () -> readAll(Tables.bytes(random, 4096)));
  }

  /** The CRC-repaired number at an offset of the footer is refused for the right reason. */
  @Test
  void unknownVersionsAndFeaturesAreRefusedByName() {
    assertRefused(60, 2, "version 2");
    assertRefused(52, 2, "features");
    assertRefused(52, Integer.MIN_VALUE, "features");
    assertRefused(40, 20, "features");
    assertRefused(56, 1, "key order");
    byte[] compatible = withFooterNumber(48, -1);
    assertTrue(readAll(compatible), "compatible features may be ignored");
  }

  @Test
  void filtersOfPrefixesThatContradictTheFooterAreRefused() {
    byte[] withoutLength = withFooterNumber(52, 1);
    CorruptionException e = assertThrows(CorruptionException.class, () -> readAll(withoutLength));
    assertTrue(e.getMessage().contains("prefix length"), e.getMessage());
    TableFormat noFilter = new TableFormat(300, 0, BlockCodec.LZ4);
    byte[] withoutFilter = withFooterNumber(noFilter, 52, 1);
    e = assertThrows(CorruptionException.class, () -> readAll(withoutFilter));
    assertTrue(e.getMessage().contains("contradictory"), e.getMessage());
  }

  @Test
  void impossiblePrefixLengthsAreRefused() {
    assertTrue(readAll(withPrefixLength(0x80, 0x80, 0x04)), "65,536 is the longest");
    byte[] tooLong = withPrefixLength(0x81, 0x80, 0x04);
    assertThrows(CorruptionException.class, () -> readAll(tooLong));
    byte[] none = withPrefixLength(0x80, 0x80, 0x00);
    assertThrows(CorruptionException.class, () -> readAll(none));
  }

  /** A table with the three bytes of a varint as its prefix length. */
  private static byte[] withPrefixLength(int... varint) {
    TableFormat format =
        new TableFormat(300, new FilterFormat(10, 65_536, true, true), BlockCodec.NONE);
    byte[] file = Tables.build(format, MODEL).content();
    byte[] end = Arrays.copyOfRange(file, file.length - Footer.BYTES, file.length);
    Footer footer = Footer.decode(end, file.length, "t.sst");
    int position = (int) footer.propertiesPosition();
    int at = position + footer.propertiesLength() - BlockTrailer.TRAILER_BYTES - varint.length;
    assertEquals(21, file[at - 2], "the tag");
    for (int i = 0; i < varint.length; i++) {
      file[at + i] = (byte) varint[i];
    }
    reseal(file, position, footer.propertiesLength());
    return file;
  }

  private static byte[] withFooterNumber(int at, int number) {
    return withFooterNumber(FORMAT, at, number);
  }

  private static byte[] withFooterNumber(TableFormat format, int at, int number) {
    byte[] file = Tables.build(format, MODEL).content();
    int footer = file.length - Footer.BYTES;
    long magic = Bytes.getLong(file, file.length - 8);
    Bytes.putInt(file, footer + at, number);
    Bytes.putInt(file, footer + 64, new Crc32c().compute(magic, footer, file, footer, 64));
    return file;
  }

  private static void assertRefused(int at, int number, String reason) {
    byte[] bad = withFooterNumber(at, number);
    CorruptionException e = assertThrows(CorruptionException.class, () -> readAll(bad));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals(bad.length - Footer.BYTES, e.offset());
  }

  @Test
  void unknownKindsCodecsAndTypesAreRefused() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    model.put(Tables.key(new byte[] {1}, 5, 1), new byte[] {2});
    byte[] good = Tables.build(new TableFormat(64, 0, BlockCodec.NONE), model).content();
    int length = 5 + 2 + DataBlock.TAIL_BYTES;
    int stored = length + BlockTrailer.TRAILER_BYTES;
    for (int[] change : new int[][] {{2, 0}, {2, 8}, {2, 255}, {length, 3}, {length + 1, 2}}) {
      byte[] bad = good.clone();
      bad[change[0]] = (byte) change[1];
      reseal(bad, 0, stored);
      assertFirstReadFails(bad);
    }
  }

  /** Neither a compaction nor a reader passes on the disorder of a file with right checksums. */
  @Test
  void disorderIsNoticedByWhoeverReadsIt() {
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < 10; i++) {
      model.put(Tables.key(new byte[] {(byte) (10 + i)}, 5, 1), new byte[] {2});
    }
    byte[] good = Tables.build(new TableFormat(1000, 0, BlockCodec.NONE), model).content();
    HostileRegion block = TableRegions.of(good).get(0);
    for (int entry = 0; entry < 9; entry++) {
      byte[] bad = good.clone();
      bad[entry * 5 + 3] = 100; // the key; no prefix, no sequence bytes
      block.repair().accept(bad);
      for (boolean fillCache : new boolean[] {true, false}) {
        try (TableReader table = Tables.open(MemoryFile.of(bad), new ShardedBlockCache(0));
            InternalIterator it = new TableIterator(table, fillCache)) {
          CorruptionException e = assertThrows(CorruptionException.class, it::seekToFirst);
          assertTrue(e.getMessage().contains("out of order"), e.getMessage());
        }
      }
    }
  }

  @Test
  void expectationsOfTheManifestAreChecked() {
    MemoryFile file = Tables.build(FORMAT, MODEL);
    ShardedBlockCache cache = new ShardedBlockCache(0);
    ShardedBlockCache.Owner owner = cache.newOwner(null);
    TableReader.open(
            MemoryFile.of(file.content()),
            "t.sst",
            new OpenContext(Tables.CONTENT_ID, file.length, cache, owner))
        .close();
    for (OpenContext wrong :
        List.of(
            new OpenContext(Tables.CONTENT_ID + 1, file.length, cache, owner),
            new OpenContext(Tables.CONTENT_ID, file.length + 1, cache, owner))) {
      MemoryFile again = MemoryFile.of(file.content());
      assertThrows(CorruptionException.class, () -> TableReader.open(again, "t.sst", wrong));
      assertTrue(again.closed, "a file that failed to open must be closed");
    }
  }

  @Test
  void blocksFromAnotherPlaceOrTableFail() {
    // Raw blocks of equal entries have equal lengths, so that they could trade places.
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      model.put(Tables.key(new byte[] {(byte) i}, 1, 1), new byte[50]);
    }
    TableFormat format = new TableFormat(1, 0, BlockCodec.NONE);
    byte[] good = Tables.build(format, model).content();
    int length = (1 + 1 + 1 + 1 + 50) + 2 + DataBlock.TAIL_BYTES + BlockTrailer.TRAILER_BYTES;
    byte[] swapped = good.clone();
    System.arraycopy(good, 0, swapped, length, length);
    System.arraycopy(good, length, swapped, 0, length);
    assertFirstReadFails(swapped);
    TableIdentity other = new TableIdentity(7, 8, 9, 10, Tables.CONTENT_ID + 1);
    byte[] mixed = good.clone();
    System.arraycopy(Tables.build(format, model, other).content(), 0, mixed, 0, length);
    assertFirstReadFails(mixed);
  }

  private static void assertFirstReadFails(byte[] file) {
    try (TableReader table = Tables.open(MemoryFile.of(file), new ShardedBlockCache(1 << 20));
        InternalIterator it = new TableIterator(table, true)) {
      CorruptionException e = assertThrows(CorruptionException.class, it::seekToFirst);
      assertEquals(0, e.offset());
      assertEquals(false, it.isValid());
      LookupResult out = new LookupResult();
      assertThrows(CorruptionException.class, () -> table.get(new byte[] {0}, 0, 1, -1L, out));
    }
  }

  /** Changes bytes under valid checksums: only typed errors, bounded memory, no endless loops. */
  @Test
  void hostileFilesWithRepairedChecksumsFailCleanly() {
    byte[] lz4 = Tables.build(FORMAT, MODEL).content();
    byte[] raw = Tables.build(new TableFormat(300, 10, BlockCodec.NONE), MODEL).content();
    int refused = 0;
    for (long seed = 0; seed < 6000; seed++) {
      Random random = new Random(seed);
      byte[] bad = (random.nextInt(3) == 0 ? lz4 : raw).clone();
      List<HostileRegion> regions = TableRegions.of(bad);
      for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
        regions.get(random.nextInt(regions.size())).mutate(bad, random);
      }
      try {
        readAll(bad);
      } catch (CorruptionException expected) {
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refused > 1000, "only " + refused + " were noticed");
  }

  @Test
  void hostileFootersWithRepairedChecksumsFailCleanly() {
    byte[] good = Tables.build(FORMAT, MODEL).content();
    int footer = good.length - Footer.BYTES;
    for (long seed = 0; seed < 6000; seed++) {
      Random random = new Random(seed);
      byte[] bad = good.clone();
      mutate(bad, footer, footer + 64, random);
      long magic = Bytes.getLong(bad, good.length - 8);
      Bytes.putInt(bad, footer + 64, new Crc32c().compute(magic, footer, bad, footer, 64));
      try {
        assertTrue(readAll(bad) || Arrays.equals(good, bad), "seed " + seed);
      } catch (CorruptionException expected) {
        assertEquals("t.sst", expected.file());
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void mutate(byte[] bytes, int from, int to, Random random) {
    int at = from + random.nextInt(to - from);
    if (random.nextBoolean()) {
      at = Math.max(from, to - 1 - random.nextInt(32));
    }
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] = (byte) random.nextInt();
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
      default -> {
        int number = random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(32);
        Bytes.putInt(bytes, Math.max(from, Math.min(at, to - 4)), number);
      }
    }
  }

  private static void reseal(byte[] file, int position, int length) {
    TableRegions.seal(file, Tables.CONTENT_ID, position, length);
  }
}
