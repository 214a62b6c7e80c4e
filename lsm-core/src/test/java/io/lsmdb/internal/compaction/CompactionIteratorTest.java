package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.EntryListIterator;
import io.lsmdb.internal.iterator.EntryListIterator.Item;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.FileMetadata;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CompactionIteratorTest {
  private static final long NOW = 100;

  private static final int ROUNDS = 1500;

  @Test
  void everyViewReadsTheSameAndNothingDroppableStays() {
    for (long seed = 1; seed <= ROUNDS; seed++) {
      Random random = new Random(seed);
      List<String> input = randomVersions(random, 5, 12);
      long[] snapshots = randomSnapshots(random);
      Set<String> keysBelow = new HashSet<>();
      for (char key = 'a'; key < 'f'; key++) {
        if (random.nextInt(3) == 0) {
          keysBelow.add(String.valueOf(key));
        }
      }
      List<String> output = compact(input, snapshots, keysBelow, null, null);

      List<String> data = new ArrayList<>(keysBelow);
      data.replaceAll(key -> key + "@0 PUT below");
      assertSameViews(data, input, output, snapshots, "seed " + seed);
      assertEquals(expected(input, snapshots, keysBelow), output, "seed " + seed);
    }
  }

  @Test
  void rangeTombstonesHideTheSameBeforeAndAfter() {
    for (long seed = 1; seed <= ROUNDS; seed++) {
      Random random = new Random(seed);
      List<String> input = randomVersions(random, 5, 12);
      long[] snapshots = randomSnapshots(random);
      List<Deleted> deleted = randomRanges(random);
      Set<String> keysBelow = random.nextBoolean() ? Set.of() : Set.of("a", "c");
      CompactionIterator it = iterator(input, snapshots, keysBelow, rules(deleted));
      List<String> output = drain(it, null, null);
      // What lies below is older than everything, and the tombstones hide it as long as they are.
      List<String> data = keysBelow.stream().map(key -> key + "@0 PUT below").toList();
      List<Deleted> needed =
          data.isEmpty()
              ? deleted.stream().filter(range -> range.sequence > it.clearedTo()).toList()
              : deleted;
      for (long view : views(snapshots)) {
        for (char c = 'a'; c < 'f'; c++) {
          String key = String.valueOf(c);
          assertEquals(
              value(read(plus(input, data), key, view, deleted)),
              value(read(plus(output, data), key, view, needed)),
              "seed " + seed + " " + key + " at " + view);
        }
      }
      for (String entry : output) {
        String key = entry.split("@")[0];
        assertTrue(
            entry.endsWith("DELETE")
                || Arrays.stream(views(snapshots))
                    .anyMatch(view -> entry.equals(read(input, key, view, deleted))),
            () -> entry + " is of use to nobody");
      }
    }
  }

  private record Deleted(char from, char to, long sequence) {}

  private static List<Deleted> randomRanges(Random random) {
    Set<Long> sequences = new TreeSet<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      sequences.add(1L + random.nextInt(45));
    }
    return sequences.stream()
        .map(
            sequence -> {
              char from = (char) ('a' + random.nextInt(5));
              return new Deleted(from, (char) (from + 1 + random.nextInt(4)), sequence);
            })
        .toList();
  }

  private static DropRules rules(List<Deleted> deleted) {
    RangeTombstones ranges = RangeTombstones.EMPTY;
    for (Deleted range : deleted) {
      ranges =
          ranges.union(
              new RangeTombstones.Builder()
                  .add(new byte[] {(byte) range.from}, range.sequence)
                  .add(new byte[] {(byte) range.to})
                  .build());
    }
    return new DropRules(null, NOW, null, ranges);
  }

  private static List<String> plus(List<String> one, List<String> other) {
    List<String> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  /** The newest version of a key that a view sees, or null if a range that it sees hides it. */
  private static String read(List<String> entries, String key, long view, List<Deleted> deleted) {
    String newest = read(entries, key, view);
    char c = key.charAt(0);
    boolean hidden =
        newest != null
            && deleted.stream()
                .anyMatch(
                    range ->
                        range.from <= c
                            && c < range.to
                            && range.sequence <= view
                            && range.sequence > Long.parseLong(newest.split("[@ ]")[1]));
    return hidden ? null : newest;
  }

  @Test
  void anEntryThatARangeTombstoneHidesStaysForASnapshotBetween() {
    List<Deleted> deleted = List.of(new Deleted('a', 'm', 7));
    List<String> input = List.of("k@9 PUT d", "k@5 PUT b", "k@3 PUT a", "l@6 DELETE", "m@5 PUT v");
    CompactionIterator with = iterator(input, new long[] {6}, Set.of(), rules(deleted));
    assertEquals(List.of("k@9 PUT d", "k@5 PUT b", "m@5 PUT v"), drain(with, null, null));
    assertEquals(6, with.clearedTo(), "needs the range tombstone on");
    CompactionIterator without = iterator(input, new long[0], Set.of("l"), rules(deleted));
    assertEquals(List.of("k@9 PUT d", "m@5 PUT v"), drain(without, null, null));
    assertEquals(7, without.clearedTo());
    assertEquals(3, without.counts().hidden());
  }

  @Test
  void aSingleDeleteDoesWithoutThePutThatARangeTombstoneHides() {
    DropRules rules = rules(List.of(new Deleted('k', 'l', 7)));
    List<String> input = List.of("k@9 SINGLE_DELETE", "k@5 PUT b");
    assertEquals(
        List.of("k@9 SINGLE_DELETE"),
        drain(iterator(input, new long[0], Set.of("k"), rules), null, null));
    assertEquals(List.of(), drain(iterator(input, new long[0], Set.of(), rules), null, null));
    List<String> pair = List.of("k@9 SINGLE_DELETE", "k@8 PUT c", "k@5 PUT b");
    assertEquals(List.of(), drain(iterator(pair, new long[0], Set.of("k"), rules), null, null));
  }

  @Test
  void rangesTogetherGiveTheWhole() {
    for (long seed = 1; seed <= 500; seed++) {
      Random random = new Random(seed);
      List<String> input = randomVersions(random, 5, 6);
      long[] snapshots = randomSnapshots(random);
      Set<String> below = Set.of("b", "d");
      List<String> parts = new ArrayList<>(compact(input, snapshots, below, null, "b"));
      parts.addAll(compact(input, snapshots, below, "b", "cc"));
      parts.addAll(compact(input, snapshots, below, "cc", null));
      assertEquals(compact(input, snapshots, below, null, null), parts, "seed " + seed);
    }
  }

  @Test
  void hiddenVersionsGoAtEveryLevel() {
    assertSurvivors(
        List.of("k@9 PUT d", "k@7 PUT c", "k@4 PUT a"),
        List.of("k@9 PUT d", "k@7 PUT c", "k@6 PUT b", "k@4 PUT a", "k@2 DELETE"),
        Set.of("k"),
        5,
        8);
  }

  @Test
  void tombstonesStayAboveOlderData() {
    List<String> input = List.of("k@9 DELETE", "k@7 PUT v", "l@3 DELETE");
    assertSurvivors(List.of("k@9 DELETE"), input, Set.of("k"));
    assertSurvivors(List.of(), input, Set.of());
    assertSurvivors(List.of("k@9 DELETE", "l@3 DELETE"), input, Set.of("k", "l"));
  }

  @Test
  void r32_snapshotVisibleVersionSurvivesAtTheBottom() {
    List<String> input = List.of("k@9 DELETE", "k@4 PUT v");
    assertSurvivors(input, input, Set.of(), 5);
    assertSurvivors(List.of(), input, Set.of());
    assertSurvivors(List.of(), input, Set.of(), 3);
    assertSurvivors(List.of(), input, Set.of(), 9);
  }

  @Test
  void r31_tombstoneStaysWhereItWouldResurrectAnOlderPut() {
    List<String> input = List.of("k@9 DELETE", "k@8 DELETE", "k@4 PUT v");
    assertSurvivors(List.of("k@9 DELETE", "k@8 DELETE", "k@4 PUT v"), input, Set.of(), 5, 8);
    assertSurvivors(List.of("k@9 DELETE", "k@4 PUT v"), input, Set.of(), 5);
  }

  @Test
  void tombstonesThatHideNothingGoTogether() {
    assertSurvivors(List.of(), List.of("k@9 DELETE", "k@4 SINGLE_DELETE"), Set.of(), 5);
    assertSurvivors(List.of("k@9 PUT v"), List.of("k@9 PUT v", "k@4 DELETE"), Set.of(), 5);
  }

  @Test
  void singleDeleteAndItsPutGoTogetherAboveOlderData() {
    List<String> pair = List.of("k@9 SINGLE_DELETE", "k@7 PUT v");
    assertSurvivors(List.of(), pair, Set.of("k"));
    assertSurvivors(List.of(), pair, Set.of("k"), 6, 9);
    assertSurvivors(pair, pair, Set.of("k"), 7);
    assertSurvivors(pair, pair, Set.of("k"), 8);
    assertSurvivors(List.of(), pair, Set.of());
    assertSurvivors(pair, pair, Set.of(), 8);
  }

  @Test
  void singleDeleteStaysAboveOlderDataUntilItMeetsItsPut() {
    List<String> alone = List.of("j@5 SINGLE_DELETE", "k@9 SINGLE_DELETE", "l@3 PUT v");
    assertSurvivors(alone, alone, Set.of("j", "k", "l"));
    assertSurvivors(List.of("k@9 SINGLE_DELETE", "l@3 PUT v"), alone, Set.of("k"));
    assertSurvivors(List.of("l@3 PUT v"), alone, Set.of());
    assertSurvivors(
        List.of("k@9 SINGLE_DELETE"), List.of("k@9 SINGLE_DELETE"), Set.of("k")); // at the end
  }

  @Test
  void putDoesNotHideTheSingleDeleteOfAnEarlierOne() {
    List<String> later = List.of("k@9 PUT w", "k@7 SINGLE_DELETE");
    assertSurvivors(later, later, Set.of("k"));
    assertSurvivors(List.of("k@9 PUT w"), later, Set.of());
    List<String> all =
        List.of("k@9 PUT w", "k@7 SINGLE_DELETE", "k@6 PUT v", "k@5 SINGLE_DELETE", "k@4 PUT u");
    assertSurvivors(List.of("k@9 PUT w"), all, Set.of("k"));
    assertSurvivors(all.subList(0, 3), all, Set.of("k"), 6);
    List<String> gone = new ArrayList<>(List.of("k@10 SINGLE_DELETE"));
    gone.addAll(all);
    assertSurvivors(List.of(), gone, Set.of("k"));
  }

  @Test
  void singleDeletesInARowCountOnce() {
    assertSurvivors(
        List.of(), List.of("k@9 SINGLE_DELETE", "k@8 SINGLE_DELETE", "k@5 PUT v"), Set.of("k"));
    assertSurvivors(
        List.of("k@9 SINGLE_DELETE"),
        List.of("k@9 SINGLE_DELETE", "k@8 SINGLE_DELETE"),
        Set.of("k"));
  }

  /** What the contract excludes; it must do no worse than to bring an older value back. */
  @Test
  void singleDeleteOfAnOverwrittenKeyMayUncoverTheOlderValue() {
    List<String> twice = List.of("k@9 SINGLE_DELETE", "k@7 PUT w");
    assertSurvivors(List.of(), twice, Set.of("k")); // k@3 PUT v further down is visible again
    assertSurvivors(
        List.of("k@9 SINGLE_DELETE"), List.of("k@9 SINGLE_DELETE", "k@7 DELETE"), Set.of("k"));
  }

  /** Histories that alternate, in sorted runs that are merged at random as levels are. */
  @Test
  void singleDeletesOfKeysPutOnceAreReadTheSameHoweverRunsAreMerged() {
    for (long seed = 1; seed <= 400; seed++) {
      Random random = new Random(seed);
      List<String> history = new ArrayList<>();
      List<List<String>> runs = new ArrayList<>(); // newest first
      TreeSet<Long> snapshots = new TreeSet<>();
      boolean[] present = new boolean[5];
      long sequence = 0;
      for (int round = 0; round < 12; round++) {
        List<String> run = new ArrayList<>();
        for (int i = random.nextInt(14); i > 0; i--) {
          int k = random.nextInt(5);
          boolean put = !present[k] && random.nextInt(8) > 0;
          run.add(
              (char) ('a' + k) + "@" + ++sequence + (put ? " PUT v" + sequence : " SINGLE_DELETE"));
          present[k] = put;
          if (random.nextInt(10) == 0) {
            snapshots.add(sequence);
          }
        }
        history.addAll(run);
        long[] alive = snapshots.stream().mapToLong(Long::longValue).toArray();
        runs.add(0, compact(sorted(run), alive, Set.of("a", "b", "c", "d", "e"), null, null));
        for (int merges = random.nextInt(3); merges > 0; merges--) {
          mergeSome(runs, random, alive);
        }
        List<String> stored = runs.stream().flatMap(List::stream).toList();
        assertSameViews(List.of(), history, stored, alive, "seed " + seed + " round " + round);
        snapshots.removeIf(s -> random.nextInt(3) == 0);
      }
    }
  }

  private static void mergeSome(List<List<String>> runs, Random random, long[] snapshots) {
    int from = random.nextInt(runs.size());
    int to = from + 1 + random.nextInt(runs.size() - from);
    Set<String> below = new HashSet<>();
    runs.subList(to, runs.size()).forEach(run -> run.forEach(e -> below.add(e.split("@")[0])));
    List<List<String>> inputs = runs.subList(from, to);
    List<String> merged =
        compact(
            sorted(inputs.stream().flatMap(List::stream).toList()), snapshots, below, null, null);
    inputs.clear();
    runs.add(from, merged);
  }

  private static List<String> sorted(List<String> entries) {
    return entries.stream()
        .sorted(
            Comparator.comparing((String e) -> e.split("@")[0])
                .thenComparing(e -> -Long.parseLong(e.split("[@ ]")[1])))
        .toList();
  }

  @Test
  void manyTombstonesOfOneKeyWaitInOrder() {
    List<String> input = new ArrayList<>();
    long[] snapshots = new long[20];
    for (int i = 20; i >= 1; i--) {
      input.add("k@" + (10 * i) + " DELETE");
      snapshots[i - 1] = 10L * i - 5;
    }
    input.add("k@1 PUT v");
    assertSurvivors(input, input, Set.of(), snapshots);
  }

  @Test
  void entriesOutOfOrderAreCorruption() {
    List<String> keys = List.of("b@1 PUT v", "a@2 PUT v");
    assertThrows(CorruptionException.class, () -> compact(keys, new long[0], Set.of(), null, null));
    List<String> sequences = List.of("b@1 PUT v", "b@2 PUT v");
    assertThrows(
        CorruptionException.class, () -> compact(sequences, new long[0], Set.of(), null, null));
  }

  @Test
  void kindsNotUnderstoodAreCorruption() {
    int[] kinds = {
      0, ValueKind.RANGE_DELETE, ValueKind.MERGE_EXPIRING, ValueKind.VALUE_REFERENCE, 200, 255
    };
    for (int kind : kinds) {
      EntryListIterator input =
          new EntryListIterator(
              List.of(new Item(bytes("k"), InternalKey.trailer(3, kind), new byte[0])));
      CompactionIterator it =
          new CompactionIterator(input, new long[0], OlderData.ALWAYS, DropRules.NONE, "table 7");
      CorruptionException e =
          assertThrows(CorruptionException.class, () -> it.seek(null, null), "kind " + kind);
      assertTrue(e.getMessage().contains("table 7"));
    }
  }

  @Test
  void anExpiredPutIsATombstone() {
    assertSurvivors(List.of(), List.of("k@9 EXPIRING@100"), Set.of());
    assertSurvivors(List.of("k@9 DELETE"), List.of("k@9 EXPIRING@100"), Set.of("k"));
    assertSurvivors(List.of("k@9 DELETE"), List.of("k@9 EXPIRING@99", "k@4 PUT a"), Set.of("k"));
    assertSurvivors(List.of(), List.of("k@9 EXPIRING@100", "k@4 PUT a"), Set.of());
  }

  @Test
  void aPutThatIsToExpireStays() {
    assertSurvivors(List.of("k@9 EXPIRING@101"), List.of("k@9 EXPIRING@101"), Set.of());
    assertSurvivors(
        List.of("k@9 EXPIRING@101", "k@4 PUT a"),
        List.of("k@9 EXPIRING@101", "k@5 EXPIRING@200", "k@4 PUT a"),
        Set.of(),
        4);
  }

  @Test
  void anExpiredPutHidesWhatASnapshotNeeds() {
    assertSurvivors(
        List.of("k@9 DELETE", "k@4 PUT a"), List.of("k@9 EXPIRING@50", "k@4 PUT a"), Set.of(), 5);
    assertSurvivors(List.of("k@9 PUT b"), List.of("k@9 PUT b", "k@4 EXPIRING@50"), Set.of(), 5);
  }

  @Test
  void expiredPutsAreCountedAndShortOnesAreCorruption() {
    CompactionIterator it =
        iterator(List.of("a@9 EXPIRING@1", "b@8 EXPIRING@101"), new long[0], Set.of());
    for (it.seek(null, null); it.isValid(); it.next()) {
      assertEquals(8, InternalKey.sequence(it.trailer()));
    }
    assertEquals(new CompactionIterator.Counts(2, 1, 0, 1, 1, 1, 0), it.counts());
    EntryListIterator cut =
        new EntryListIterator(
            List.of(
                new Item(bytes("k"), InternalKey.trailer(3, ValueKind.PUT_EXPIRING), new byte[7])));
    CompactionIterator onCut =
        new CompactionIterator(cut, new long[0], OlderData.ALWAYS, DropRules.NONE, "test");
    assertThrows(CorruptionException.class, () -> onCut.seek(null, null));
  }

  @Test
  void whatIsThereForSnapshotsAloneIsCounted() {
    long[] snapshots = {5, 8};
    List<String> input =
        List.of(
            "a@9 PUT v",
            "b@9 DELETE",
            "b@7 PUT 12",
            "b@4 PUT 3",
            "c@7 DELETE",
            "c@6 PUT v",
            "d@4 PUT v",
            "e@9 PUT v",
            "e@8 PUT 1234");
    assertEquals(
        new FileMetadata.Retained(4, 80, 5, 8, 2),
        retained(iterator(input, snapshots, Set.of()), 20),
        "both versions of b, its tombstone, the older one of e");
    assertEquals(
        new FileMetadata.Retained(1, 11, 8, 8, 1),
        retained(iterator(List.of("e@9 PUT v", "e@8 PUT 1"), snapshots, Set.of()), 11));
    assertEquals(
        FileMetadata.Retained.NONE,
        retained(
            iterator(List.of("b@9 DELETE", "c@3 SINGLE_DELETE"), snapshots, Set.of("b", "c")), 1),
        "tombstones above older data are there for everybody");
    List<Deleted> deleted = List.of(new Deleted('a', 'm', 7));
    assertEquals(
        new FileMetadata.Retained(1, 10, 6, 6, 1),
        retained(iterator(List.of("k@5 PUT v"), new long[] {6, 9}, Set.of(), rules(deleted)), 10),
        "a deleted range hides it from all but one snapshot");
  }

  /** What a table says that takes all entries; each of those needed has so many bytes in it. */
  private static FileMetadata.Retained retained(CompactionIterator it, long entryBytes) {
    SnapshotNeed.Sum sum = new SnapshotNeed.Sum();
    for (it.seek(null, null); it.isValid(); it.next()) {
      if (it.need().exists()) {
        sum.add(it.need(), 1);
      }
    }
    return sum.retained(1, entryBytes);
  }

  @Test
  void whatIsThereForSnapshotsAloneGoesWithThem() {
    for (long seed = 1; seed <= ROUNDS; seed++) {
      Random random = new Random(seed);
      List<String> input = randomVersions(random, 5, 12);
      long[] snapshots = randomSnapshots(random);
      List<Deleted> deleted = random.nextBoolean() ? List.of() : randomRanges(random);
      Set<String> keysBelow = random.nextBoolean() ? Set.of() : Set.of("a", "c");
      CompactionIterator it = iterator(input, snapshots, keysBelow, rules(deleted));
      SnapshotNeed.Sum sum = new SnapshotNeed.Sum();
      int needed = 0;
      List<String> output = new ArrayList<>();
      for (it.seek(null, null); it.isValid(); it.next()) {
        output.add(describe(it));
        if (it.need().exists()) {
          sum.add(it.need(), 1);
          needed++;
        }
      }
      FileMetadata.Retained retained = sum.retained(1, 1);
      assertEquals(needed, retained.entries());
      long[] left =
          Arrays.stream(snapshots)
              .filter(s -> needsNothing(retained) || s < retained.oldest() || s > retained.newest())
              .toArray();
      assertEquals(snapshots.length - left.length, retained.snapshots(), "seed " + seed);
      List<String> again = drain(iterator(output, left, keysBelow, rules(deleted)), null, null);
      assertTrue(output.size() - again.size() >= needed, "seed " + seed);
      if (left.length == 0) {
        assertEquals(output.size() - needed, again.size(), "seed " + seed);
      }
    }
  }

  private static boolean needsNothing(FileMetadata.Retained retained) {
    return retained.entries() == 0;
  }

  @Test
  void countsWhatItDoes() {
    CompactionIterator it =
        iterator(
            List.of("a@9 PUT v", "a@8 PUT v", "b@7 DELETE", "c@6 PUT v"), new long[0], Set.of());
    for (it.seek(null, null); it.isValid(); it.next()) {
      assertTrue(it.isNewUserKey());
    }
    assertEquals(new CompactionIterator.Counts(4, 2, 1, 1, 0, Expiry.BEFORE_ALL, 0), it.counts());
  }

  private static void assertSurvivors(
      List<String> expected, List<String> input, Set<String> keysBelow, long... snapshots) {
    assertEquals(expected, compact(input, snapshots, keysBelow, null, null));
  }

  private static CompactionIterator iterator(
      List<String> input, long[] snapshots, Set<String> keysBelow) {
    return iterator(input, snapshots, keysBelow, new DropRules(null, NOW, null));
  }

  private static CompactionIterator iterator(
      List<String> input, long[] snapshots, Set<String> keysBelow, DropRules rules) {
    List<Item> items = new ArrayList<>();
    for (String entry : input) {
      String[] words = entry.split("[@ ]");
      items.add(
          new Item(
              bytes(words[0]),
              InternalKey.trailer(Long.parseLong(words[1]), kind(words[2])),
              words[2].equals("EXPIRING")
                  ? ByteBuffer.allocate(8).putLong(Long.parseLong(words[3])).array()
                  : bytes(words.length > 3 ? words[3] : "")));
    }
    return new CompactionIterator(
        new EntryListIterator(items),
        snapshots,
        (key, offset, length) ->
            keysBelow.contains(new String(key, offset, length, StandardCharsets.UTF_8)),
        rules,
        "test");
  }

  private static List<String> compact(
      List<String> input, long[] snapshots, Set<String> keysBelow, String from, String to) {
    return drain(iterator(input, snapshots, keysBelow), from, to);
  }

  private static List<String> drain(CompactionIterator it, String from, String to) {
    List<String> output = new ArrayList<>();
    String lastKey = null;
    for (it.seek(bytes(from), bytes(to)); it.isValid(); it.next()) {
      String key = new String(it.keyArray(), 0, it.keyLength(), StandardCharsets.UTF_8);
      assertEquals(!key.equals(lastKey), it.isNewUserKey());
      lastKey = key;
      output.add(describe(it));
    }
    return output;
  }

  private static String describe(CompactionIterator it) {
    String key = new String(it.keyArray(), 0, it.keyLength(), StandardCharsets.UTF_8);
    String value =
        new String(it.valueArray(), it.valueOffset(), it.valueLength(), StandardCharsets.UTF_8);
    String kind =
        switch (InternalKey.kind(it.trailer())) {
          case ValueKind.PUT -> "PUT";
          case ValueKind.DELETE -> "DELETE";
          case ValueKind.PUT_EXPIRING -> "EXPIRING@" + expiry(it);
          default -> "SINGLE_DELETE";
        };
    boolean expiring = InternalKey.kind(it.trailer()) == ValueKind.PUT_EXPIRING;
    String shown = expiring ? "" : value;
    return (key + "@" + InternalKey.sequence(it.trailer()) + " " + kind + " " + shown).strip();
  }

  private static long expiry(CompactionIterator it) {
    return ByteBuffer.wrap(it.valueArray(), it.valueOffset(), it.valueLength()).getLong();
  }

  private static List<String> randomVersions(Random random, int keys, int maxVersions) {
    List<String> result = new ArrayList<>();
    for (int k = 0; k < keys; k++) {
      TreeSet<Long> sequences = new TreeSet<>();
      for (int i = random.nextInt(maxVersions + 1); i > 0; i--) {
        sequences.add(1L + random.nextInt(40));
      }
      for (long sequence : sequences.descendingSet()) {
        String kind = random.nextInt(3) == 0 ? "PUT v" + sequence : "DELETE";
        result.add((char) ('a' + k) + "@" + sequence + " " + kind);
      }
    }
    return result;
  }

  private static long[] randomSnapshots(Random random) {
    return random.longs(random.nextInt(5), 0, 45).sorted().distinct().toArray();
  }

  /** What some view sees, without the oldest tombstones of keys that have nothing below. */
  private static List<String> expected(
      List<String> input, long[] snapshots, Set<String> keysBelow) {
    Set<String> seen = new HashSet<>();
    for (long view : views(snapshots)) {
      for (char key = 'a'; key < 'f'; key++) {
        seen.add(String.valueOf(read(input, String.valueOf(key), view)));
      }
    }
    List<String> kept = new ArrayList<>(input);
    kept.retainAll(seen);
    for (int i = kept.size() - 1; i >= 0; i--) {
      String key = kept.get(i).split("@")[0];
      boolean oldest = i == kept.size() - 1 || !kept.get(i + 1).startsWith(key + "@");
      if (oldest && kept.get(i).contains("DELETE") && !keysBelow.contains(key)) {
        kept.remove(i);
      }
    }
    return kept;
  }

  private static void assertSameViews(
      List<String> below, List<String> before, List<String> after, long[] snapshots, String seed) {
    for (long view : views(snapshots)) {
      for (char c = 'a'; c < 'f'; c++) {
        String key = String.valueOf(c);
        List<String> allBefore = new ArrayList<>(before);
        allBefore.addAll(below);
        List<String> allAfter = new ArrayList<>(after);
        allAfter.addAll(below);
        assertEquals(
            value(read(allBefore, key, view)), value(read(allAfter, key, view)), seed + " " + key);
      }
    }
  }

  private static long[] views(long[] snapshots) {
    long[] views = Arrays.copyOf(snapshots, snapshots.length + 1);
    views[snapshots.length] = InternalKey.MAX_SEQUENCE;
    return views;
  }

  /** The newest version of a key that a view sees, or null. */
  private static String read(List<String> entries, String key, long view) {
    String newest = null;
    long newestSequence = -1;
    for (String entry : entries) {
      String[] words = entry.split("[@ ]");
      long sequence = Long.parseLong(words[1]);
      if (words[0].equals(key) && sequence <= view && sequence > newestSequence) {
        newest = entry;
        newestSequence = sequence;
      }
    }
    return newest;
  }

  private static String value(String entry) {
    return entry == null || entry.contains("DELETE") ? "absent" : entry.split(" ")[2];
  }

  private static int kind(String name) {
    return switch (name) {
      case "PUT" -> ValueKind.PUT;
      case "DELETE" -> ValueKind.DELETE;
      case "SINGLE_DELETE" -> ValueKind.SINGLE_DELETE;
      case "EXPIRING" -> ValueKind.PUT_EXPIRING;
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }
}
