package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.SkipContract;
import io.lsmdb.internal.key.InternalKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares a memtable with a sorted map from internal key to value. */
class MemTableModelTest {
  private final ChunkPool pool = new ChunkPool(64 << 20);

  @ParameterizedTest
  @EnumSource(KeyShape.class)
  void everyCursorOperationAgreesWithASortedMap(KeyShape shape) {
    for (long seed = 1; seed <= 6; seed++) {
      try {
        compare(shape, new Random(seed * 31 + shape.ordinal()), shape.testKeys());
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("shape " + shape + ", seed " + seed, e);
      }
    }
  }

  @Test
  void cursorsAndLookupsAgreeWithASortedMapAtEverySize() {
    for (int keys = 0; keys <= 70; keys++) {
      try {
        compare(KeyShape.TINY_ALPHABET, new Random(keys), keys);
        compare(KeyShape.SHARED_PREFIX, new Random(keys), keys);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("keys (and seed) " + keys, e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyShape.class,
      names = {"RANDOM", "SEQUENTIAL", "SHARED_PREFIX_SEQUENTIAL", "MANY_USERS"})
  void cursorsOverRunsThatWereMergedAgreeWithASortedMap(KeyShape shape) {
    compare(shape, new Random(shape.ordinal()), 50_000, false);
  }

  private void compare(KeyShape shape, Random random, int keyCount) {
    compare(shape, random, keyCount, random.nextBoolean());
  }

  private void compare(KeyShape shape, Random random, int keyCount, boolean orderAtOnce) {
    MemTable table = new MemTable(pool, orderAtOnce, MemTablePins.UNKNOWN);
    TreeMap<InternalKey, byte[]> model = new TreeMap<>();
    List<byte[]> keys = new ArrayList<>();
    long sequence = 1L + random.nextInt(1000);
    for (int i = 0; i < keyCount; i++) {
      boolean again = !keys.isEmpty() && random.nextInt(4) == 0;
      byte[] key = again ? keys.get(random.nextInt(keys.size())) : shape.key(i, random);
      keys.add(key);
      byte[] value = new byte[random.nextInt(40)];
      random.nextBytes(value);
      int kind = random.nextInt(5) == 0 ? ValueKind.DELETE : ValueKind.PUT;
      long trailer = InternalKey.trailer(sequence, kind);
      sequence += 1 + random.nextInt(3);
      add(table, trailer, key, value);
      model.put(new InternalKey(key, trailer), value);
      if (!orderAtOnce && random.nextInt(i + 1) == 0) {
        checkScans(table, model);
      }
      if (i % 8_000 == 7_999) {
        checkScans(table, model);
        while (table.hasKeysToSort()) {
          table.sortKeys();
        }
      }
    }
    checkFigures(table, model);
    checkScans(table, model);
    List<InternalKey> targets = targets(model, shape, random, sequence, keyCount);
    checkLookups(table, model, targets);
    checkSeeks(table, model, targets);
    checkWalk(table, model, targets, random);
    table.release();
  }

  private static void add(MemTable table, long trailer, byte[] key, byte[] value) {
    byte[] k = padded(key);
    byte[] v = padded(value);
    table.add(trailer, k, 3, key.length, v, 3, value.length);
    Arrays.fill(k, (byte) -1);
    Arrays.fill(v, (byte) -1);
  }

  private static byte[] padded(byte[] bytes) {
    byte[] result = new byte[bytes.length + 5];
    Arrays.fill(result, (byte) 0x55);
    System.arraycopy(bytes, 0, result, 3, bytes.length);
    return result;
  }

  private static void checkFigures(MemTable table, TreeMap<InternalKey, byte[]> model) {
    long distinct = 0;
    long stored = 0;
    byte[] last = null;
    for (Map.Entry<InternalKey, byte[]> e : model.entrySet()) {
      boolean first = last == null || !Arrays.equals(last, e.getKey().userKey());
      distinct += first ? 1 : 0;
      stored += e.getValue().length + (first ? e.getKey().userKey().length : 0);
      last = e.getKey().userKey();
    }
    assertEquals(model.isEmpty(), table.isEmpty());
    assertEquals(distinct, table.keyCount());
    assertTrue(table.memoryUsage() >= stored + 20L * model.size());
    assertEquals(
        model.keySet().stream().mapToLong(InternalKey::sequence).min().orElse(0),
        table.firstSequence());
    assertEquals(
        model.keySet().stream().mapToLong(InternalKey::sequence).max().orElse(0),
        table.lastSequence());
  }

  private static void checkScans(MemTable table, TreeMap<InternalKey, byte[]> model) {
    try (InternalIterator it = table.iterator()) {
      assertFalse(it.isValid());
      it.seekToFirst();
      for (Map.Entry<InternalKey, byte[]> e : model.entrySet()) {
        assertStandsOn(e, it);
        it.next();
      }
      assertFalse(it.isValid());
      it.seekToLast();
      for (Map.Entry<InternalKey, byte[]> e : model.descendingMap().entrySet()) {
        assertStandsOn(e, it);
        it.prev();
      }
      assertFalse(it.isValid());
    }
  }

  /** Keys that are there and neighbours of such keys, each with trailers at and around theirs. */
  private static List<InternalKey> targets(
      TreeMap<InternalKey, byte[]> model,
      KeyShape shape,
      Random random,
      long sequence,
      int keyCount) {
    List<InternalKey> targets = new ArrayList<>();
    long past = InternalKey.searchTrailer(sequence + 1);
    int every = Math.max(1, model.size() / 150);
    int n = 0;
    for (InternalKey key : model.keySet()) {
      if (n++ % every != 0) {
        continue;
      }
      byte[] user = key.userKey();
      targets.add(key);
      targets.add(new InternalKey(user, key.trailer() + 1));
      targets.add(new InternalKey(user, key.trailer() - 1));
      targets.add(new InternalKey(user, InternalKey.searchTrailer(key.sequence())));
      targets.add(new InternalKey(user, past));
      targets.add(new InternalKey(user, -1L));
      targets.add(new InternalKey(user, 0));
      targets.add(new InternalKey(Arrays.copyOf(user, user.length + 1), past));
      targets.add(new InternalKey(Arrays.copyOf(user, Math.max(0, user.length - 1)), past));
      if (user.length > 0) {
        byte[] other = user.clone();
        int at = random.nextInt(other.length);
        other[at] = (byte) (other[at] + (random.nextBoolean() ? 1 : -1));
        targets.add(new InternalKey(other, past));
      }
    }
    for (int i = 0; i < 20; i++) {
      targets.add(new InternalKey(shape.key(random.nextInt(keyCount + 1), random), past));
    }
    targets.add(new InternalKey(new byte[0], past));
    targets.add(new InternalKey(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1}, past));
    return targets;
  }

  private static void checkLookups(
      MemTable table, TreeMap<InternalKey, byte[]> model, List<InternalKey> targets) {
    LookupResult out = new LookupResult();
    for (InternalKey target : targets) {
      byte[] key = padded(target.userKey());
      boolean found = table.get(key, 3, target.userKey().length, target.trailer(), out);
      assertFound(model, target, found, out);
      long step = 1;
      while (found && InternalKey.sequence(out.trailer) >= step) {
        long search = InternalKey.searchTrailer(InternalKey.sequence(out.trailer) - step);
        found = table.getOlder(search, out);
        assertFound(model, new InternalKey(target.userKey(), search), found, out);
        step = 1 + step * 3 % 50;
      }
    }
  }

  private static void assertFound(
      TreeMap<InternalKey, byte[]> model, InternalKey target, boolean found, LookupResult out) {
    Map.Entry<InternalKey, byte[]> e = model.ceilingEntry(target);
    boolean expected = e != null && Arrays.equals(e.getKey().userKey(), target.userKey());
    assertEquals(expected, found);
    if (found) {
      assertEquals(e.getKey().trailer(), out.trailer);
      int end = out.valueOffset + out.valueLength;
      assertArrayEquals(e.getValue(), Arrays.copyOfRange(out.valueArray, out.valueOffset, end));
    }
  }

  private static void checkSeeks(
      MemTable table, TreeMap<InternalKey, byte[]> model, List<InternalKey> targets) {
    try (InternalIterator it = table.iterator()) {
      for (InternalKey target : targets) {
        byte[] key = padded(target.userKey());
        it.seek(key, 3, target.userKey().length, target.trailer());
        assertStandsOn(model.ceilingEntry(target), it);
        it.seekBefore(key, 3, target.userKey().length, target.trailer());
        assertStandsOn(model.lowerEntry(target), it);
      }
    }
  }

  private static void checkWalk(
      MemTable table,
      TreeMap<InternalKey, byte[]> model,
      List<InternalKey> targets,
      Random random) {
    try (InternalIterator it = table.iterator()) {
      Map.Entry<InternalKey, byte[]> at = null;
      int steps = 6 * model.size() + 20;
      boolean forward = true;
      for (int i = 0; i < steps; i++) {
        if (at == null || random.nextInt(40) == 0) {
          InternalKey target = targets.get(random.nextInt(targets.size()));
          it.seek(target.userKey(), 0, target.userKey().length, target.trailer());
          at = model.ceilingEntry(target);
        } else {
          forward = random.nextInt(4) != 0 == forward;
          if (random.nextInt(3) == 0) {
            long trailer = targets.get(random.nextInt(targets.size())).trailer();
            at =
                forward
                    ? SkipContract.skip(model, it, trailer)
                    : SkipContract.skipBack(model, it, trailer);
          } else if (forward) {
            it.next();
            at = model.higherEntry(at.getKey());
          } else {
            it.prev();
            at = model.lowerEntry(at.getKey());
          }
        }
        assertStandsOn(at, it);
      }
    }
  }

  private static void assertStandsOn(Map.Entry<InternalKey, byte[]> e, InternalIterator it) {
    assertEquals(e != null, it.isValid());
    if (e != null) {
      int keyEnd = it.keyOffset() + it.keyLength();
      int valueEnd = it.valueOffset() + it.valueLength();
      assertArrayEquals(
          e.getKey().userKey(), Arrays.copyOfRange(it.keyArray(), it.keyOffset(), keyEnd));
      assertEquals(e.getKey().trailer(), it.trailer());
      assertArrayEquals(
          e.getValue(), Arrays.copyOfRange(it.valueArray(), it.valueOffset(), valueEnd));
    }
  }
}
