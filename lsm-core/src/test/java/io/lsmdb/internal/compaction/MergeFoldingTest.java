package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.MergeException;
import io.lsmdb.MergeInput;
import io.lsmdb.MergeOperator;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.EntryListIterator;
import io.lsmdb.internal.iterator.EntryListIterator.Item;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.FoldLimits;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.merge.StoredOperand;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.testing.Seed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What flushes and compactions make of merge operands. */
class MergeFoldingTest {
  private static final long NOW = 100;
  private static final byte[] KEY = {'k'};

  /** Joins texts; combines and merges only where it is allowed to. */
  private record Joining(BooleanSupplier combines, BooleanSupplier fails) implements MergeOperator {
    @Override
    public String name() {
      return "joining";
    }

    @Override
    public byte[] merge(MergeInput input) {
      if (fails.getAsBoolean()) {
        throw new IllegalStateException("told to fail");
      }
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < input.size(); i++) {
        byte[] element = new byte[input.length(i)];
        input.copy(i, element, 0);
        all.append(text(element));
      }
      return bytes(all.toString());
    }

    @Override
    public byte[] combine(MergeInput operands) {
      return combines.getAsBoolean() ? merge(operands) : null;
    }
  }

  private static final Folding JOINING = new Folding(new Joining(() -> true, () -> false), "f");
  private static final Folding APART = new Folding(new Joining(() -> false, () -> false), "f");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** An entry of the one key, as "9 PUT x", "9 DELETE" or "9/2 MERGE x" where 2 is the span. */
  private static Item item(String entry) {
    String[] words = entry.split(" ");
    String[] place = words[0].split("/");
    int kind =
        switch (words[1]) {
          case "PUT" -> ValueKind.PUT;
          case "MERGE" -> ValueKind.MERGE;
          case "EXPIRING" -> ValueKind.PUT_EXPIRING;
          default -> ValueKind.DELETE;
        };
    byte[] value = words.length > 2 ? bytes(words[2]) : new byte[0];
    if (kind == ValueKind.PUT_EXPIRING) {
      value = ByteBuffer.allocate(Long.BYTES).putLong(Long.parseLong(words[2])).array();
    }
    if (kind == ValueKind.MERGE) {
      long span = place.length > 1 ? Long.parseLong(place[1]) : 1;
      value = StoredOperand.encode(span, value, 0, value.length);
    }
    return new Item(KEY, InternalKey.trailer(Long.parseLong(place[0]), kind), value);
  }

  private static String show(long trailer, byte[] value, int offset, int length) {
    long sequence = InternalKey.sequence(trailer);
    if (InternalKey.kind(trailer) == ValueKind.DELETE) {
      return sequence + " DELETE";
    }
    if (InternalKey.kind(trailer) == ValueKind.PUT_EXPIRING) {
      return sequence + " EXPIRING " + ByteBuffer.wrap(value, offset, length).getLong();
    }
    if (InternalKey.kind(trailer) == ValueKind.PUT) {
      return sequence + " PUT " + new String(value, offset, length, StandardCharsets.UTF_8);
    }
    int spanBytes = StoredOperand.spanBytes(value, offset, length);
    long span = StoredOperand.span(value, offset);
    return sequence
        + (span == 1 ? "" : "/" + span)
        + " MERGE "
        + new String(value, offset + spanBytes, length - spanBytes, StandardCharsets.UTF_8);
  }

  private static List<String> compact(
      Folding folding, boolean below, List<String> input, long... snapshots) {
    return compact(new DropRules(folding, NOW, null), below, input, snapshots);
  }

  private static List<String> compact(
      DropRules rules, boolean below, List<String> input, long... snapshots) {
    List<Item> items = new ArrayList<>();
    input.forEach(entry -> items.add(item(entry)));
    items.add(new Item(bytes("next"), InternalKey.trailer(1, ValueKind.PUT), bytes("v")));
    CompactionIterator it =
        new CompactionIterator(
            new EntryListIterator(items), snapshots, (k, o, l) -> below, rules, "test");
    List<String> output = new ArrayList<>();
    for (it.seek(null, null); it.isValid(); it.next()) {
      if (it.keyLength() == 1) {
        assertEquals(output.isEmpty(), it.isNewUserKey());
        output.add(show(it.trailer(), it.valueArray(), it.valueOffset(), it.valueLength()));
      } else {
        assertTrue(it.isNewUserKey());
        assertEquals("v", text(Arrays.copyOfRange(it.valueArray(), it.valueOffset(), 1)));
      }
    }
    CompactionIterator.Counts counts = it.counts();
    assertEquals(input.size() + 1, counts.in());
    assertEquals(output.size() + 1, counts.out());
    assertEquals(counts.in() - counts.out(), counts.hidden() + counts.tombstones());
    return output;
  }

  private static void assertFolded(
      List<String> expected,
      Folding folding,
      boolean below,
      List<String> input,
      long... snapshots) {
    assertEquals(expected, compact(folding, below, input, snapshots));
  }

  @Test
  void operandsAreFoldedOntoThePutBelow() {
    List<String> input = List.of("9 MERGE c", "7 MERGE b", "5 PUT a", "3 PUT x");
    assertFolded(List.of("9 PUT abc"), JOINING, true, input);
    assertFolded(List.of("9 PUT abc"), APART, true, input);
  }

  @Test
  void anOperandThatReachesIntoOlderStripesStopsAtARangeTombstone() {
    RangeTombstones deleted =
        new RangeTombstones.Builder().add(bytes("a"), 7).add(bytes("n")).build();
    DropRules rules = new DropRules(JOINING, NOW, null, deleted);
    // The readers at 9 and of now see the tombstone, the one at 5 does not.
    List<String> input = List.of("10/3 MERGE abc", "9/2 MERGE ab", "8 MERGE a", "5 PUT x");
    assertEquals(
        List.of("10 PUT abc", "9/2 MERGE ab", "5 PUT x"), compact(rules, true, input, 5, 9));
    assertEquals(List.of("10/3 MERGE abc"), compact(rules, true, input));
    assertEquals(List.of("10 PUT abc"), compact(rules, false, input));
  }

  @Test
  void operandsAboveATombstoneBecomeAPut() {
    List<String> input = List.of("9 MERGE c", "7 MERGE b", "5 DELETE", "3 PUT x");
    assertFolded(List.of("9 PUT bc"), JOINING, true, input);
  }

  @Test
  void operandsAreCombinedWhereOlderDataMayExist() {
    List<String> input = List.of("9 MERGE c", "7 MERGE b", "5 MERGE a");
    assertFolded(List.of("9/5 MERGE abc"), JOINING, true, input);
    assertFolded(input, APART, true, input);
  }

  @Test
  void operandsBecomeAPutAtTheBottom() {
    List<String> input = List.of("9 MERGE c", "7/3 MERGE b");
    assertFolded(List.of("9 PUT bc"), JOINING, false, input);
    assertFolded(List.of("9 PUT bc"), APART, false, input);
    assertFolded(List.of("9 PUT c"), JOINING, false, List.of("9 MERGE c"));
  }

  @Test
  void aSnapshotKeepsItsOwnValue() {
    List<String> input = List.of("9 MERGE c", "7 MERGE b", "5 MERGE a", "3 PUT x");
    assertFolded(List.of("9 MERGE c", "7 PUT xab"), JOINING, true, input, 8);
    assertFolded(List.of("9/3 MERGE bc", "5 PUT xa"), JOINING, true, input, 6);
  }

  @Test
  void whatASpanCoversIsPassedOver() {
    List<String> input = List.of("9/5 MERGE abc", "7/3 MERGE ab", "5 MERGE a", "3 PUT x");
    assertFolded(List.of("9 PUT xabc"), JOINING, true, input);
  }

  @Test
  void anOperandThatReachesUnderASnapshotIsFoldedWithAllBelow() {
    List<String> input = List.of("9/5 MERGE abc", "7/3 MERGE ab", "5 MERGE a", "3 PUT x");
    assertFolded(List.of("9 PUT xabc", "7 PUT xab"), JOINING, true, input, 8);
    List<String> open = input.subList(0, 3);
    assertFolded(List.of("9/5 MERGE abc", "7/3 MERGE ab"), JOINING, true, open, 8);
    assertFolded(List.of("9 PUT abc", "7 PUT ab"), JOINING, false, open, 8);
  }

  @Test
  void whereSuchAnOperandCannotBeFoldedNothingBelowIs() {
    List<String> input = List.of("9/5 MERGE abc", "7/3 MERGE ab", "4 MERGE y", "3 MERGE z");
    assertFolded(input, APART, true, input, 8);
  }

  @Test
  void tombstonesOfOlderSnapshotsStillGo() {
    List<String> input = List.of("9 MERGE c", "5 DELETE", "3 PUT x");
    assertFolded(List.of("9 MERGE c"), JOINING, false, List.of("9 MERGE c", "5 DELETE"), 8);
    assertFolded(List.of("9 MERGE c", "5 DELETE", "3 PUT x"), JOINING, false, input, 3, 8);
    assertFolded(
        List.of("9 DELETE", "7 PUT b"), JOINING, false, List.of("9 DELETE", "7 MERGE b"), 8);
  }

  private static KeptEntries keptOf(Folding folding, List<String> input) {
    List<Item> items = new ArrayList<>();
    input.forEach(entry -> items.add(item(entry)));
    CompactionIterator it =
        new CompactionIterator(
            new EntryListIterator(items),
            new long[0],
            (k, o, l) -> true,
            new DropRules(folding, NOW, null),
            "test");
    for (it.seek(null, null); it.isValid(); ) {
      it.next();
    }
    return it.kept();
  }

  @Test
  void aFailureLeavesTheVersionsAsTheyAreAndIsNoted() {
    Folding failing = new Folding(new Joining(() -> true, () -> true), "f");
    List<String> input = List.of("9 MERGE c", "7 MERGE b", "5 PUT a");
    assertFolded(input, failing, true, input);
    KeptEntries kept = keptOf(failing, input);
    assertEquals(1, kept.count());
    MergeException first = assertInstanceOf(MergeException.class, kept.first());
    assertEquals("told to fail", first.getCause().getMessage());
    assertEquals(KeptEntries.NONE, keptOf(JOINING, input));
  }

  @Test
  void aFailureInOneStripeLeavesTheOthersToBeFolded() {
    int[] calls = {0};
    Folding failsFirst = new Folding(new Joining(() -> true, () -> calls[0]++ == 0), "f");
    List<String> input = List.of("9 MERGE d", "8 MERGE c", "5 MERGE b", "4 MERGE a");
    assertFolded(List.of("9 MERGE d", "8 MERGE c", "5/2 MERGE ab"), failsFirst, true, input, 6);
  }

  /** Bounds for versions whose values take 1 or 2 bytes, and some 64 beside these. */
  private static Folding bounded(MergeOperator operator, int versions, int combinedBytes) {
    return new Folding(operator, "f", new FoldLimits(versions * 66L, combinedBytes));
  }

  @Test
  void operandsAreCombinedInRunsOfBoundedSize() {
    Folding short4 = bounded(new Joining(() -> true, () -> false), 100, 4);
    List<String> input = List.of("9 MERGE g", "8 MERGE f", "7 MERGE e", "6 MERGE dd", "5 MERGE c");
    assertFolded(List.of("9/3 MERGE efg", "6/2 MERGE cdd"), short4, true, input);
    assertFolded(List.of("9 PUT cddefg"), short4, false, input);
    assertEquals(KeptEntries.NONE, keptOf(short4, input));
  }

  @Test
  void aKeyThatIsTooLongComesOutAsItWasAndIsNoted() {
    Folding small = bounded(new Joining(() -> false, () -> false), 3, 100);
    List<String> input = List.of("9 MERGE e", "8 MERGE d", "7 MERGE c", "6 MERGE b", "5 PUT a");
    assertFolded(input, small, true, input);
    assertFolded(input, small, false, input);
    List<String> more = new ArrayList<>(input);
    more.addAll(List.of("4 MERGE z", "3 PUT y", "2 DELETE"));
    assertFolded(input, small, true, more);
    List<String> forSnapshot = new ArrayList<>(input);
    forSnapshot.addAll(List.of("4 MERGE z", "3 PUT y"));
    assertFolded(forSnapshot, small, true, more, 4);
    MergeException first = assertInstanceOf(MergeException.class, keptOf(small, input).first());
    assertTrue(first.getMessage().contains("as they are"), first.getMessage());
    assertEquals(1, keptOf(small, input).count());
  }

  @Test
  void versionsThatNobodyNeedsDoNotCountAsTooLong() {
    Folding small = bounded(new Joining(() -> false, () -> false), 3, 100);
    List<String> input = new ArrayList<>(List.of("90 MERGE b", "89 PUT a"));
    for (int i = 50; i > 0; i--) {
      input.add(i + " PUT x");
    }
    assertFolded(List.of("90 PUT ab"), small, true, input);
  }

  @Test
  void operandsThatCombineToLessAreNeverTooMany() {
    // Ever so many operands of which the operator makes one of two bytes.
    MergeOperator last =
        new MergeOperator() {
          @Override
          public String name() {
            return "last";
          }

          @Override
          public byte[] merge(MergeInput input) {
            byte[] element = new byte[input.length(input.size() - 1)];
            input.copy(input.size() - 1, element, 0);
            return element;
          }

          @Override
          public byte[] combine(MergeInput operands) {
            return merge(operands);
          }
        };
    List<String> input = new ArrayList<>();
    for (int i = 1_000; i > 1; i--) {
      input.add(i + " MERGE " + (char) ('a' + i % 26));
    }
    input.add("1 PUT x");
    Folding few = bounded(last, 8, 100);
    String newest = "" + (char) ('a' + 1_000 % 26);
    assertFolded(List.of("1000 PUT " + newest), few, true, input);
    assertEquals(
        List.of("1000/101 MERGE " + newest, "899 PUT " + (char) ('a' + 899 % 26)),
        compact(few, true, input, 899));
    assertEquals(KeptEntries.NONE, keptOf(few, input));
  }

  @Test
  void operandsAmongWhichANewerOneEndsAreNotCombinedToMakeRoom() {
    Folding few = bounded(new Joining(() -> true, () -> false), 4, 100);
    // The reader of 10 goes on at 5, which must not become part of 7.
    List<String> input =
        List.of("10/5 MERGE ef", "7/2 MERGE e", "5 MERGE d", "4 MERGE c", "3 MERGE b");
    assertFolded(input, few, true, input, 8);
    List<String> apart =
        List.of("10 MERGE ef", "7/2 MERGE e", "5 MERGE d", "4 MERGE c", "3 MERGE b");
    List<String> combined = List.of("10 MERGE ef", "7/3 MERGE de", "4 MERGE c", "3 MERGE b");
    assertFolded(combined, few, true, apart, 8);
  }

  @Test
  void everyViewReadsTheSameThroughManyCompactions() {
    Seed.check(
        10,
        seed -> {
          Random random = new Random(seed);
          for (int round = 0; round < 400; round++) {
            oneHistory(random, "round " + round);
          }
        });
  }

  /** Compacts random versions again and again, while snapshots go, with an operator of moods. */
  private static void oneHistory(Random random, String message) {
    FoldLimits limits =
        random.nextBoolean()
            ? FoldLimits.ofHeap(1 << 30)
            : new FoldLimits(66L * (1 + random.nextInt(12)), 1 + random.nextInt(8));
    Folding moody =
        new Folding(new Joining(random::nextBoolean, () -> random.nextInt(8) == 0), "f", limits);
    List<String> versions = new ArrayList<>();
    int count = 1 + random.nextInt(12);
    for (int i = count; i > 0; i--) {
      int sequence = 2 * i + 1;
      versions.add(
          switch (random.nextInt(6)) {
            case 0 -> sequence + " DELETE";
            case 1 -> sequence + " PUT " + (char) ('A' + i);
            default -> sequence + " MERGE " + (char) ('a' + i);
          });
    }
    String base = random.nextBoolean() ? "1 PUT base" : null;
    long[] snapshots = random.longs(random.nextInt(6), 0, 26).sorted().distinct().toArray();
    List<String> original = versions;
    for (int generation = 0; generation < 4; generation++) {
      List<String> compacted = compact(moody, base != null, versions, snapshots);
      for (int s = 0; s <= snapshots.length; s++) {
        long view = s == snapshots.length ? InternalKey.MAX_SEQUENCE : snapshots[s];
        assertEquals(
            read(original, base, view),
            read(compacted, base, view),
            message + ": " + original + " -> " + compacted + " for a view at " + view);
      }
      versions = compacted;
      int gone = random.nextInt(snapshots.length + 1);
      long[] left = new long[Math.max(0, snapshots.length - 1)];
      for (int i = 0, to = 0; i < snapshots.length && to < left.length; i++) {
        if (i != gone) {
          left[to++] = snapshots[i];
        }
      }
      snapshots = left;
    }
  }

  /** What a reader at a sequence sees. */
  private static String read(List<String> versions, String base, long sequence) {
    Operands operands = new Operands();
    operands.start(KEY, 0, KEY.length);
    List<String> all = new ArrayList<>(versions);
    if (base != null) {
      all.add(base);
    }
    for (String version : all) {
      Item item = item(version);
      long own = InternalKey.sequence(item.trailer());
      if (own <= sequence && own <= operands.below() && !operands.isSettled()) {
        operands.take(item.trailer(), item.value(), 0, item.value().length);
      }
    }
    operands.settle();
    return operands.size() == 0 ? "absent" : text(JOINING.value(operands));
  }

  @Test
  void operandsAreNotFoldedOntoAPutThatIsToExpire() {
    assertEquals(
        List.of("9/2 MERGE bc", "5 EXPIRING 101"),
        compact(JOINING, false, List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 101", "3 PUT a")));
    assertEquals(
        List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 101"),
        compact(APART, true, List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 101", "3 PUT a")));
  }

  @Test
  void operandsAboveAnExpiredPutStandAlone() {
    assertEquals(
        List.of("9 PUT bc"),
        compact(JOINING, true, List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 100", "3 PUT a")));
  }

  @Test
  void aSnapshotAmongTheOperandsKeepsThePutThatIsToExpire() {
    assertEquals(
        List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 101"),
        compact(JOINING, true, List.of("9 MERGE c", "8 MERGE b", "5 EXPIRING 101"), 8));
    assertEquals(
        List.of("9/3 MERGE bc", "8/2 MERGE b", "6 EXPIRING 101"),
        compact(JOINING, true, List.of("9/3 MERGE bc", "8/2 MERGE b", "6 EXPIRING 101"), 8));
  }
}
