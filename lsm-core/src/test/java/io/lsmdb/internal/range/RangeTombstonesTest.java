package io.lsmdb.internal.range;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Range tombstones cut into pieces, compared with a list of them as they were given. */
class RangeTombstonesTest {
  private record Given(byte[] from, byte[] to, long sequence) {
    boolean covers(byte[] key) {
      return Arrays.compareUnsigned(from, key) <= 0
          && (to == null || Arrays.compareUnsigned(key, to) < 0);
    }
  }

  private static byte[] anyKey(Random random) {
    byte[] key = new byte[random.nextInt(3) == 0 ? random.nextInt(12) : 1 + random.nextInt(2)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(6) * 50);
    }
    return key;
  }

  /** Ranges in the order of their sequences. */
  private static List<Given> anyRanges(Random random, long firstSequence) {
    List<Given> result = new ArrayList<>();
    long sequence = firstSequence;
    for (int left = random.nextInt(25); left > 0; left--) {
      sequence += 1 + random.nextInt(3);
      byte[] a = anyKey(random);
      byte[] b = anyKey(random);
      int order = Arrays.compareUnsigned(a, b);
      if (order != 0) {
        byte[] to = random.nextInt(9) == 0 ? null : order < 0 ? b : a;
        result.add(new Given(order < 0 ? a : b, to, sequence));
      }
    }
    return result;
  }

  private static LiveRangeTombstones live(List<Given> given) {
    LiveRangeTombstones live = new LiveRangeTombstones();
    given.forEach(g -> live.add(g.from, g.to, g.sequence));
    return live;
  }

  private static RangeTombstones immutable(List<Given> given) {
    return immutable(live(given), given);
  }

  /** As needed by readers at all sequences. */
  private static RangeTombstones immutable(LiveRangeTombstones live, List<Given> given) {
    return live.toImmutable(readable(given).stream().mapToLong(Long::longValue).sorted().toArray());
  }

  /** All sequences: a lookup that gathers operands reads within groups of writes, too. */
  private static List<Long> readable(List<Given> given) {
    List<Long> result = new ArrayList<>(List.of(0L, Long.MAX_VALUE));
    given.forEach(g -> result.add(g.sequence));
    return result;
  }

  private static long covering(List<Given> given, byte[] key, long at) {
    return given.stream()
        .filter(g -> g.sequence <= at && g.covers(key))
        .mapToLong(Given::sequence)
        .max()
        .orElse(RangeCover.NONE);
  }

  private static void assertCovers(
      List<Given> given, RangeCover.Source source, List<Long> sequences, Random random) {
    for (int i = 0; i < 40; i++) {
      byte[] key = anyKey(random);
      byte[] padded = new byte[key.length + 2];
      System.arraycopy(key, 0, padded, 1, key.length);
      for (long at : sequences) {
        long expected = covering(given, key, at);
        assertEquals(expected, source.covering(key, 0, key.length, at));
        assertEquals(expected, source.covering(padded, 1, key.length, at));
      }
    }
  }

  @Test
  void aKeyIsCoveredByTheNewestTombstoneThatAReaderSees() {
    Seed.check(
        400,
        seed -> {
          Random random = new Random(seed);
          List<Given> given = anyRanges(random, 1);
          LiveRangeTombstones live = live(given);
          assertCovers(given, live, readable(given), random);
          assertCovers(given, immutable(live, given), readable(given), random);
          assertTrue(given.isEmpty() || live.memoryUsage() > 0);
        });
  }

  @Test
  void aReaderIsToldTheSameWhateverIsAddedLater() {
    Seed.check(
        200,
        seed -> {
          Random random = new Random(seed);
          List<Given> given = anyRanges(random, 1);
          List<Long> before = readable(given);
          before.remove(Long.MAX_VALUE);
          long last = given.isEmpty() ? 1 : given.get(given.size() - 1).sequence;
          LiveRangeTombstones live = live(given);
          anyRanges(random, last + 1).forEach(g -> live.add(g.from, g.to, g.sequence));
          assertCovers(given, live, before, random);
        });
  }

  @Test
  void tombstonesThatCoverEachOtherAreOnePiece() {
    LiveRangeTombstones live = new LiveRangeTombstones();
    for (int i = 100; i > 0; i--) {
      live.add(new byte[] {(byte) i}, new byte[] {120}, 1_000 - i);
    }
    RangeTombstones pieces = live.toImmutable();
    assertEquals(1, pieces.size());
    assertArrayEquals(new long[] {999}, pieces.sequences(0));
    assertArrayEquals(new byte[] {1}, pieces.from(0));
    assertArrayEquals(new byte[] {120}, pieces.to(0));
  }

  @Test
  void aReaderIsToldTheSameAfterOlderTombstonesAreForgotten() {
    Seed.check(
        200,
        seed -> {
          Random random = new Random(seed);
          List<Given> given = anyRanges(random, 1);
          List<Long> readers = readable(given);
          LiveRangeTombstones live = live(given);
          long oldest = readers.get(random.nextInt(readers.size()));
          live.forgetBelow(oldest);
          long last = given.isEmpty() ? 1 : given.get(given.size() - 1).sequence;
          List<Given> all = new ArrayList<>(given);
          for (Given g : anyRanges(random, last + 1)) {
            all.add(g);
            live.add(g.from, g.to, g.sequence);
          }
          List<Long> later = readable(all);
          later.removeIf(at -> at < Math.min(oldest, last));
          assertCovers(all, live, later, random);
          long[] at = later.stream().mapToLong(Long::longValue).sorted().toArray();
          assertCovers(all, live.toImmutable(at), later, random);
        });
  }

  @Test
  void whoGoesOnBelowAnOperandIsToldOfTheTombstoneUnderIt() {
    LiveRangeTombstones live = new LiveRangeTombstones();
    live.add(new byte[] {1}, new byte[] {9}, 50);
    live.add(new byte[] {5}, null, 95);
    byte[] key = {2};
    assertEquals(50, live.covering(key, 0, 1, 89), "also within a group of writes");
    live.forgetBelow(95);
    assertEquals(50, live.covering(key, 0, 1, 89), "also once that is forgotten for readers");
    assertEquals(50, live.toImmutable().covering(key, 0, 1, 89));
  }

  @Test
  void tombstonesFromOneStartTakeMemoryInProportionToTheirNumber() {
    LiveRangeTombstones live = new LiveRangeTombstones();
    int n = 50_000;
    for (int i = 1; i <= n; i++) {
      live.add(new byte[] {1}, ByteBuffer.allocate(8).putLong(Long.MIN_VALUE + i).array(), i);
    }
    assertTrue(live.memoryUsage() < 1_000L * n, "bytes " + live.memoryUsage());
    assertEquals(1, live.toImmutable().size());
    assertEquals(2, live.toImmutable(n / 2).size());
    live.forgetBelow(n);
    assertTrue(live.memoryUsage() < 500, "bytes " + live.memoryUsage());
  }

  /** Takes for ever where a reader passes all newer tombstones. */
  @Test
  void anOldReaderOfARangeThatWasDeletedAgainAndAgainPassesFewTombstones() {
    LiveRangeTombstones live = new LiveRangeTombstones();
    int n = 400_000;
    byte[] from = {1};
    byte[] to = {2};
    for (int i = 1; i <= n; i++) {
      live.add(from, to, i);
    }
    for (int i = 1; i <= n; i++) {
      assertEquals(i, live.covering(from, 0, 1, i));
    }
  }

  @Test
  void aUnionCoversWhatBothCover() {
    Seed.check(
        400,
        seed -> {
          Random random = new Random(seed);
          List<Given> older = anyRanges(random, 1);
          List<Given> newer = anyRanges(random, 200);
          List<Given> all = new ArrayList<>(older);
          all.addAll(newer);
          RangeTombstones union = immutable(newer).union(immutable(older));
          assertCovers(all, union, readable(all), random);
          assertWellFormed(union);
          RangeTombstones twice = union.union(union);
          assertEquals(union.pieces(), twice.pieces());
          assertEquals(
              all.stream().mapToLong(Given::sequence).max().orElse(0), union.largestSequence());
        });
  }

  private static void assertWellFormed(RangeTombstones ranges) {
    int covered = 0;
    for (int piece = 0; piece < ranges.pieces(); piece++) {
      byte[] from = ranges.from(piece);
      assertEquals(piece, ranges.find(from, 0, from.length));
      long[] before = piece == 0 ? new long[0] : ranges.sequences(piece - 1);
      assertFalse(Arrays.equals(before, ranges.sequences(piece)));
      covered += ranges.sequences(piece).length > 0 ? 1 : 0;
    }
    assertEquals(covered, ranges.size());
    assertEquals(covered == 0, ranges.isEmpty());
  }

  @Test
  void whatIsRetainedStays() {
    Seed.check(
        200,
        seed -> {
          Random random = new Random(seed);
          List<Given> given = anyRanges(random, 1);
          RangeTombstones all = immutable(given);
          long limit = random.nextInt(60);
          RangeTombstones newer =
              all.retain((from, to, seqs) -> RangeTombstones.above(seqs, limit));
          List<Given> expected = given.stream().filter(g -> g.sequence > limit).toList();
          assertCovers(expected, newer, readable(given), random);
          assertWellFormed(newer);
          assertEquals(all.largestSequence(), newer.largestSequence());
          assertSame(all, all.retain((from, to, seqs) -> seqs));
        });
  }

  @Test
  void theOldestTombstoneAboveAnEntryIsFound() {
    Seed.check(
        200,
        seed -> {
          Random random = new Random(seed);
          List<Given> given = anyRanges(random, 1);
          RangeTombstones ranges = immutable(given);
          for (int i = 0; i < 40; i++) {
            byte[] key = anyKey(random);
            long sequence = random.nextInt(80);
            TreeSet<Long> above = new TreeSet<>(List.of(RangeTombstones.NOTHING_ABOVE));
            TreeSet<Long> upTo = new TreeSet<>(List.of(RangeCover.NONE));
            given.stream()
                .filter(g -> g.covers(key))
                .forEach(g -> (g.sequence > sequence ? above : upTo).add(g.sequence));
            int piece = ranges.find(key, 0, key.length);
            assertEquals(above.first(), ranges.oldestAbove(piece, sequence));
            if (piece >= 0) {
              assertEquals(upTo.last(), ranges.newestUpTo(piece, sequence));
            }
          }
        });
  }

  @Test
  void boundsThatBeginAlikeAreFoundLikeOthers() {
    Seed.check(
        100,
        seed -> {
          Random random = new Random(seed);
          byte[] prefix = new byte[random.nextInt(20)];
          Arrays.fill(prefix, (byte) random.nextInt(256));
          List<Given> given = new ArrayList<>();
          for (Given g : anyRanges(random, 1)) {
            if (g.to != null) {
              given.add(new Given(join(prefix, g.from), join(prefix, g.to), g.sequence));
            }
          }
          RangeTombstones ranges = immutable(given);
          List<byte[]> keys = new ArrayList<>(List.of(new byte[0], prefix, new byte[] {-1}));
          for (int i = 0; i < 60; i++) {
            byte[] key = join(prefix, anyKey(random));
            keys.add(key);
            keys.add(Arrays.copyOf(key, random.nextInt(key.length + 1)));
            byte[] near = key.clone();
            if (near.length > 0) {
              near[random.nextInt(near.length)] += (byte) (random.nextBoolean() ? 1 : -1);
            }
            keys.add(near);
          }
          for (byte[] key : keys) {
            for (long at : readable(given)) {
              assertEquals(covering(given, key, at), ranges.covering(key, 0, key.length, at));
            }
          }
          assertWellFormed(ranges);
        });
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  @Test
  void aWalkIsToldTheSameAsALookupOfEachKey() {
    Seed.check(
        200,
        seed -> {
          Random random = new Random(seed);
          List<Given> older = anyRanges(random, 1);
          List<Given> newer = anyRanges(random, 200);
          List<Given> all = new ArrayList<>(older);
          all.addAll(newer);
          for (long at : readable(all)) {
            RangeCover walk =
                new RangeCover(new RangeCover.Source[] {live(newer), immutable(older)}, at);
            for (int i = 0; i < 40; i++) {
              byte[] key = anyKey(random);
              assertEquals(covering(all, key, at), walk.at(key, 0, key.length));
            }
          }
        });
  }

  @Test
  void whatIsOutOfOrderIsRefused() {
    RangeTombstones.Builder builder = new RangeTombstones.Builder().add(new byte[] {5}, 9, 3);
    assertThrows(IllegalArgumentException.class, () -> builder.add(new byte[] {5}));
    assertThrows(IllegalArgumentException.class, () -> builder.add(new byte[] {4}, 1));
    assertThrows(IllegalArgumentException.class, () -> builder.add(new byte[] {6}, 3, 3));
    assertThrows(IllegalArgumentException.class, () -> builder.add(new byte[] {6}, 3, 4));
    assertEquals(1, builder.build().size());
    assertTrue(RangeTombstones.EMPTY.isEmpty());
    assertEquals(-1, RangeTombstones.EMPTY.find(new byte[0], 0, 0));
  }
}
