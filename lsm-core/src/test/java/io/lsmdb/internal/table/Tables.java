package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.SkipContract;
import io.lsmdb.internal.key.InternalKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** Builds tables in memory and compares them with maps. Stateless. */
final class Tables {
  static final long CONTENT_ID = 0x1122334455667788L;
  static final long TIME = 1_700_000_000_000L;

  private Tables() {}

  static TableIdentity identity() {
    return new TableIdentity(7, 8, 9, 10, CONTENT_ID);
  }

  static InternalKey key(byte[] userKey, long sequence, int kind) {
    return new InternalKey(userKey, InternalKey.trailer(sequence, kind));
  }

  static MemoryFile build(TableFormat format, NavigableMap<InternalKey, byte[]> model) {
    return build(format, model, identity());
  }

  static MemoryFile build(
      TableFormat format, NavigableMap<InternalKey, byte[]> model, TableIdentity id) {
    MemoryFile file = new MemoryFile();
    try (TableBuilder builder = new TableBuilder(file, "t.sst", format, id, TIME)) {
      for (Map.Entry<InternalKey, byte[]> e : model.entrySet()) {
        byte[] k = e.getKey().userKey();
        byte[] v = e.getValue();
        builder.add(e.getKey().trailer(), k, 0, k.length, v, 0, v.length);
      }
      TableSummary summary = builder.finish();
      assertTrue(file.forced);
      assertEquals(file.length, summary.fileSize());
      assertEquals(model.firstKey(), summary.smallest());
      assertEquals(model.lastKey(), summary.largest());
    }
    assertTrue(file.closed);
    return MemoryFile.of(file.content());
  }

  static TableReader open(MemoryFile file, ShardedBlockCache cache) {
    return TableReader.open(file, "t.sst", OpenContext.unchecked(cache));
  }

  /** Compares everything a reader can say with the model. */
  static void verify(
      TableReader table, NavigableMap<InternalKey, byte[]> model, Random random, int lookups) {
    for (boolean fillCache : new boolean[] {true, false}) {
      try (InternalIterator it = new TableIterator(table, fillCache)) {
        assertFalse(it.isValid());
        it.seekToFirst();
        for (Map.Entry<InternalKey, byte[]> e : model.entrySet()) {
          assertAt(it, e);
          it.next();
        }
        assertFalse(it.isValid());
        it.seekToLast();
        for (Map.Entry<InternalKey, byte[]> e : model.descendingMap().entrySet()) {
          assertAt(it, e);
          it.prev();
        }
        assertFalse(it.isValid());
        verifySeeks(it, model, random, lookups);
      }
    }
    verifyGets(table, model, random, lookups);
  }

  private static void verifySeeks(
      InternalIterator it, NavigableMap<InternalKey, byte[]> model, Random random, int lookups) {
    InternalKey[] keys = model.keySet().toArray(new InternalKey[0]);
    for (int i = 0; i < lookups; i++) {
      InternalKey target = near(keys[random.nextInt(keys.length)], random);
      byte[] k = target.userKey();
      Map.Entry<InternalKey, byte[]> expected;
      if (random.nextBoolean()) {
        it.seek(k, 0, k.length, target.trailer());
        expected = model.ceilingEntry(target);
      } else {
        it.seekBefore(k, 0, k.length, target.trailer());
        expected = model.lowerEntry(target);
      }
      for (int step = 0; step < 6; step++) {
        assertAt(it, expected);
        if (expected == null) {
          break;
        }
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            it.next();
            expected = model.higherEntry(expected.getKey());
          }
          case 2, 3 -> {
            it.prev();
            expected = model.lowerEntry(expected.getKey());
          }
          case 4 -> expected = SkipContract.skip(model, it, near(target, random).trailer());
          default -> expected = SkipContract.skipBack(model, it, near(target, random).trailer());
        }
      }
      if (it.isValid() && random.nextInt(4) == 0) {
        // A cursor's own key is a legal target.
        InternalKey own = new InternalKey(copyKey(it), random.nextInt(1000));
        it.seek(it.keyArray(), it.keyOffset(), it.keyLength(), own.trailer());
        assertAt(it, model.ceilingEntry(own));
      }
    }
  }

  private static void verifyGets(
      TableReader table, NavigableMap<InternalKey, byte[]> model, Random random, int lookups) {
    InternalKey[] keys = model.keySet().toArray(new InternalKey[0]);
    for (int i = 0; i < lookups; i++) {
      InternalKey base = keys[random.nextInt(keys.length)];
      InternalKey near = near(base, random);
      long sequence = random.nextInt(3) == 0 ? InternalKey.MAX_SEQUENCE : near.sequence();
      InternalKey target = new InternalKey(near.userKey(), InternalKey.searchTrailer(sequence));
      assertGet(table, model, target);
    }
  }

  static void assertGet(
      TableReader table, NavigableMap<InternalKey, byte[]> model, InternalKey target) {
    byte[] k = target.userKey();
    LookupResult out = new LookupResult();
    boolean found = table.get(k, 0, k.length, target.trailer(), out);
    Map.Entry<InternalKey, byte[]> e = model.ceilingEntry(target);
    boolean expected = e != null && Arrays.equals(e.getKey().userKey(), k);
    assertEquals(expected, found);
    if (found) {
      assertEquals(e.getKey().trailer(), out.trailer);
      assertArrayEquals(e.getValue(), value(out));
    }
    if (expected) {
      assertTrue(table.mayContain(k, 0, k.length));
    }
  }

  static byte[] value(LookupResult out) {
    return Arrays.copyOfRange(out.valueArray, out.valueOffset, out.valueOffset + out.valueLength);
  }

  static byte[] copyKey(InternalIterator it) {
    return Arrays.copyOfRange(it.keyArray(), it.keyOffset(), it.keyOffset() + it.keyLength());
  }

  static byte[] copyValue(InternalIterator it) {
    return Arrays.copyOfRange(
        it.valueArray(), it.valueOffset(), it.valueOffset() + it.valueLength());
  }

  private static void assertAt(InternalIterator it, Map.Entry<InternalKey, byte[]> expected) {
    assertEquals(expected != null, it.isValid());
    if (expected != null) {
      assertEquals(expected.getKey(), new InternalKey(copyKey(it), it.trailer()));
      assertArrayEquals(expected.getValue(), copyValue(it));
    }
  }

  /** The key itself, or one that differs a little from it. */
  private static InternalKey near(InternalKey key, Random random) {
    byte[] k = key.userKey().clone();
    long trailer = key.trailer();
    switch (random.nextInt(7)) {
      case 0 -> k = Arrays.copyOf(k, Math.min(InternalKey.MAX_KEY_LENGTH, k.length + 1));
      case 1 -> k = Arrays.copyOf(k, Math.max(0, k.length - 1));
      case 2 -> {
        if (k.length > 0) {
          k[k.length - 1] += (byte) (random.nextBoolean() ? 1 : -1);
        }
      }
      case 3 -> trailer = InternalKey.searchTrailer(random.nextInt(2000));
      case 4 -> trailer = random.nextBoolean() ? -1L : 0;
      case 5 -> {
        if (k.length > 0) {
          k[random.nextInt(k.length)] = (byte) random.nextInt();
        }
      }
      default -> {}
    }
    return new InternalKey(k, trailer);
  }

  static byte[] bytes(Random random, int length) {
    byte[] b = new byte[length];
    random.nextBytes(b);
    return b;
  }

  /** A small table of several blocks, a spanning key and a filter. */
  static NavigableMap<InternalKey, byte[]> smallModel(int entries) {
    Random random = new Random(entries);
    NavigableMap<InternalKey, byte[]> model = new TreeMap<>();
    for (int i = 0; i < entries; i++) {
      int number = Math.min(i, entries / 2);
      byte[] k = ("key" + number).getBytes(StandardCharsets.US_ASCII);
      int kind = i % 7 == 3 ? ValueKind.DELETE : ValueKind.PUT;
      model.put(key(k, i, kind), kind == ValueKind.PUT ? bytes(random, i % 30) : new byte[0]);
    }
    return model;
  }
}
