package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sorting entries, and the list that is made of them on demand. */
class LazyKeyIndexTest {
  private final ChunkPool pool = new ChunkPool(0);
  private final Entries entries = new Entries(pool, MemTablePins.UNKNOWN);

  @ParameterizedTest
  @EnumSource(KeyShape.class)
  void entriesAreSortedByTheirKeys(KeyShape shape) {
    for (int keys : new int[] {0, 1, 2, 12, 13, 100, shape.testKeys()}) {
      Random random = new Random(31L * keys + shape.ordinal());
      int[] numbers = create(shape, random, keys);
      Integer[] expected = IntStream.of(numbers).boxed().toArray(Integer[]::new);
      Arrays.sort(expected, (a, b) -> Arrays.compareUnsigned(key(a), key(b)));
      EntrySort.sort(entries, numbers);
      assertArrayEquals(
          Arrays.stream(expected).mapToInt(Integer::intValue).toArray(), numbers, keys + " keys");
    }
  }

  @ParameterizedTest
  @EnumSource(KeyShape.class)
  void theListHoldsAllKeysWheneverItIsAskedFor(KeyShape shape) {
    Random random = new Random(shape.ordinal());
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int last = 0;
    for (int next : create(shape, random, shape.testKeys())) {
      add(order, next);
      if (random.nextInt(1 + order.count() / 4) == 0) {
        assertOrdered(order);
        last = order.count();
      }
    }
    assertOrdered(order);
    assertTrue(last > 0, "was asked for in between");
    assertSame(order.sources(), order.sources());
  }

  @Test
  void manyKeysAreSortedInParts() {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    for (int next : create(KeyShape.RANDOM, new Random(4), LazyKeyIndex.MANY + 10_000)) {
      add(order, next);
    }
    assertOrdered(order);
  }

  @Test
  void aCursorSortsNoMoreThanWaitsAndLeavesRunsAsTheyAre() {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int[] numbers = create(KeyShape.RANDOM, new Random(6), 4 * LazyKeyIndex.MANY);
    for (int i = 0; i < numbers.length; i++) {
      add(order, numbers[i]);
      order.work();
      assertTrue(order.waiting() < LazyKeyIndex.MANY);
      if (i % 50_000 == 49_999) {
        int runs = order.sources().runs().length;
        assertTrue(runs >= i / LazyKeyIndex.MANY && runs <= 2 + i / 50_000, "runs " + runs);
      }
    }
    assertOrdered(order);
  }

  @Test
  void cursorsBetweenPutsMakeNoRunsOfFewKeys() {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int[] numbers = create(KeyShape.RANDOM, new Random(7), 30_000);
    for (int i = 0; i < numbers.length; i++) {
      add(order, numbers[i]);
      if (i % 7 == 0) {
        assertEquals(0, order.sources().runs().length);
      }
    }
    assertOrdered(order);
  }

  /** Targets that are keys, between them, shorter, longer, or without the bytes that all share. */
  @ParameterizedTest
  @EnumSource(KeyShape.class)
  void seeksInARunFindTheFirstKeyAtOrAboveTheTarget(KeyShape shape) {
    Random random = new Random(shape.ordinal());
    for (int count : new int[] {1, 2, 7, 8, 9, 17, 100, shape.testKeys()}) {
      int[] numbers = create(shape, random, count);
      EntrySort.sort(entries, numbers);
      byte[][] keys = Arrays.stream(numbers).mapToObj(this::key).toArray(byte[][]::new);
      RunIterator cursor = new RunIterator(entries, SortedRun.of(entries, numbers));
      assertSought(keys, new byte[0], cursor);
      for (int i = 0; i < 1_000; i++) {
        byte[] target = keys[random.nextInt(keys.length)].clone();
        assertSought(keys, target, cursor);
        assertSought(keys, Arrays.copyOf(target, target.length + 1), cursor);
        if (target.length > 0) {
          assertSought(keys, Arrays.copyOf(target, random.nextInt(target.length)), cursor);
          target[random.nextInt(target.length)] += (byte) (1 - 2 * random.nextInt(2));
          assertSought(keys, target, cursor);
        }
      }
    }
  }

  private static void assertSought(byte[][] keys, byte[] target, RunIterator cursor) {
    int place = Arrays.binarySearch(keys, target, Arrays::compareUnsigned);
    int first = place < 0 ? -place - 1 : place;
    cursor.seek(target, 0, target.length, -1L);
    assertEquals(first < keys.length, cursor.isValid());
    if (cursor.isValid()) {
      assertArrayEquals(keys[first], keyOf(cursor));
    }
    cursor.seekBefore(target, 0, target.length, -1L);
    assertEquals(first > 0, cursor.isValid());
    if (cursor.isValid()) {
      assertArrayEquals(keys[first - 1], keyOf(cursor));
    }
  }

  @ParameterizedTest
  @EnumSource(KeyShape.class)
  void mergedRunsHoldTheSameEntriesInOrder(KeyShape shape) {
    int[] numbers = create(shape, new Random(shape.ordinal()), shape.testKeys());
    for (int count : new int[] {2, 3, 7, 64}) {
      int length = numbers.length / count;
      SortedRun[] runs = new SortedRun[count];
      for (int i = 0; i < count && length > 0; i++) {
        int[] run = Arrays.copyOfRange(numbers, i * length, (i + 1) * length);
        EntrySort.sort(entries, run);
        runs[i] = SortedRun.of(entries, run);
      }
      if (length > 0) {
        int[] expected = Arrays.copyOf(numbers, count * length);
        EntrySort.sort(entries, expected);
        RunMerge merge = RunMerge.of(entries, runs);
        assertTrue(merge.step());
        SortedRun[] merged = merge.replaceIn(runs);
        assertEquals(1, merged.length);
        assertArrayEquals(
            expected, IntStream.range(0, merged[0].length()).map(merged[0]::entry).toArray());
        byte[][] keys = Arrays.stream(expected).mapToObj(this::key).toArray(byte[][]::new);
        RunIterator cursor = new RunIterator(entries, merged[0]);
        for (int i = 0; i < keys.length; i += 1 + i / 8) {
          assertSought(keys, keys[i], cursor);
        }
      }
    }
  }

  @Test
  void runsAreMergedOnceThereWasACursorWhichGoesOnWithTheOldOnes() {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int[] numbers = create(KeyShape.RANDOM, new Random(8), 6 * LazyKeyIndex.MANY);
    int first = 4 * LazyKeyIndex.MANY + 20_000;
    add(order, numbers, 0, first);
    doAllWork(order);
    assertFalse(order.hasWork(), "no cursor has come");
    MemTableIterator old = new MemTableIterator(entries, order);
    old.seekToFirst();
    assertEquals(5, order.sources().runs().length);
    int found = 0;
    byte[] last = new byte[0];
    while (order.hasWork()) {
      order.work();
      for (int i = 0; i < 10_000; i++, found++, old.next()) {
        assertTrue(Arrays.compareUnsigned(last, keyOf(old)) < 0);
        last = keyOf(old);
      }
    }
    assertEquals(1, order.sources().runs().length);
    for (; old.isValid(); old.next(), found++) {
      assertTrue(Arrays.compareUnsigned(last, keyOf(old)) < 0);
      last = keyOf(old);
    }
    assertEquals(first, found);
    assertOrdered(order);
    add(order, numbers, first, numbers.length);
    doAllWork(order);
    assertEquals(3, order.sources().runs().length, "long ones are not moved for short ones");
    assertFalse(order.hasWork());
    assertOrdered(order);
  }

  @Test
  void runsThatComeWhileOthersAreMergedStayBehindThem() {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int[] numbers = create(KeyShape.RANDOM, new Random(9), 3 * LazyKeyIndex.MANY + 20_000);
    add(order, numbers, 0, 3 * LazyKeyIndex.MANY);
    doAllWork(order);
    order.noteCursor();
    order.work();
    assertEquals(3, order.sources().runs().length, "a part is merged");
    add(order, numbers, 3 * LazyKeyIndex.MANY, numbers.length);
    assertEquals(4, order.sources().runs().length);
    doAllWork(order);
    assertEquals(2, order.sources().runs().length);
    assertOrdered(order);
  }

  @Test
  void aMergeOfRunsThatWereGivenUpIsGivenUp() throws Exception {
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    int[] numbers = create(KeyShape.RANDOM, new Random(10), 4 * LazyKeyIndex.MANY);
    add(order, numbers, 0, 3 * LazyKeyIndex.MANY);
    doAllWork(order);
    order.noteCursor();
    order.work();
    add(order, numbers, 3 * LazyKeyIndex.MANY, numbers.length);
    byte[][] chunks = loseKeysFrom(numbers[numbers.length - 20_000]);
    assertThrows(IndexOutOfBoundsException.class, order::sources);
    chunksOfPayload().set(entries.payload(), chunks);
    doAllWork(order);
    order.sources();
    doAllWork(order);
    assertEquals(1, order.sources().runs().length);
    assertOrdered(order);
  }

  @Test
  void aListThatCouldNotBeMadeIsMadeAnew() throws Exception {
    int[] numbers = create(KeyShape.RANDOM, new Random(5), LazyKeyIndex.MANY + 40_000);
    LazyKeyIndex order = new LazyKeyIndex(pool, entries, false);
    for (int next : numbers) {
      add(order, next);
    }
    int lost = numbers[LazyKeyIndex.MANY + 20_000];
    assertTrue(
        entries.keyOf(lost) >>> 16 > entries.keyOf(numbers[LazyKeyIndex.MANY - 1]) >>> 16,
        "in the second part");
    byte[][] chunks = loseKeysFrom(lost);
    for (int i = 0; i < 2; i++) {
      assertThrows(IndexOutOfBoundsException.class, order::sources);
    }
    chunksOfPayload().set(entries.payload(), chunks);
    assertOrdered(order);
  }

  @Test
  void aListIsMadeAnewWhereMemoryLacksForItsSuccessorToo() {
    AtomicBoolean isShort = new AtomicBoolean();
    ChunkPool shortPool =
        new ChunkPool(0) {
          @Override
          long[] newWords(int length) {
            if (isShort.get()) {
              throw new OutOfMemoryError("injected");
            }
            return super.newWords(length);
          }
        };
    int[] numbers = create(KeyShape.RANDOM, new Random(8), LazyKeyIndex.FEW);
    LazyKeyIndex order = new LazyKeyIndex(shortPool, entries, false);
    for (int next : numbers) {
      add(order, next);
    }
    isShort.set(true);
    for (int i = 0; i < 2; i++) {
      assertThrows(OutOfMemoryError.class, order::sources);
    }
    isShort.set(false);
    assertOrdered(order);
  }

  private static Field chunksOfPayload() throws ReflectiveOperationException {
    Field field = PayloadArena.class.getDeclaredField("chunks");
    field.setAccessible(true);
    return field;
  }

  /** Makes the keys from an entry on unreadable; returns what has to be set to read them again. */
  private byte[][] loseKeysFrom(int entry) throws ReflectiveOperationException {
    Field field = chunksOfPayload();
    byte[][] chunks = (byte[][]) field.get(entries.payload());
    field.set(entries.payload(), Arrays.copyOf(chunks, entries.keyOf(entry) >>> 16));
    return chunks;
  }

  private void add(LazyKeyIndex order, int[] numbers, int from, int end) {
    for (int i = from; i < end; i++) {
      add(order, numbers[i]);
    }
  }

  private static void doAllWork(LazyKeyIndex order) {
    while (order.hasWork()) {
      order.work();
    }
  }

  private int[] create(KeyShape shape, Random random, int count) {
    Set<byte[]> seen = new TreeSet<>(Arrays::compareUnsigned);
    int[] numbers = new int[count];
    int made = 0;
    for (int i = 0; made < count && i < 20 * count; i++) {
      byte[] key = shape.key(i, random);
      if (seen.add(key)) {
        numbers[made++] = entries.create(1, key, 0, key.length, Bytes.EMPTY, 0, 0);
      }
    }
    return Arrays.copyOf(numbers, made);
  }

  private void add(LazyKeyIndex order, int entry) {
    byte[] key = key(entry);
    order.add(key, 0, key.length, entry);
  }

  private byte[] key(int entry) {
    int reference = entries.keyOf(entry);
    byte[] array = entries.payload().array(reference);
    int record = PayloadArena.offset(reference);
    int start = VersionRecord.keyStart(array, record);
    return Arrays.copyOfRange(array, start, start + VersionRecord.keyLength(array, record));
  }

  private void assertOrdered(LazyKeyIndex order) {
    MemTableIterator cursor = new MemTableIterator(entries, order);
    byte[] last = null;
    int found = 0;
    for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
      byte[] key = keyOf(cursor);
      assertTrue(last == null || Arrays.compareUnsigned(last, key) < 0);
      last = key;
      found++;
    }
    assertEquals(order.count(), found);
    assertEquals(0, order.waiting());
    cursor.seekToLast();
    assertEquals(found > 0, cursor.isValid());
    if (found > 0) {
      assertArrayEquals(last, keyOf(cursor));
    }
    for (; cursor.isValid(); cursor.prev()) {
      found--;
    }
    assertEquals(0, found);
  }

  private static byte[] keyOf(InternalIterator it) {
    return Arrays.copyOfRange(it.keyArray(), it.keyOffset(), it.keyOffset() + it.keyLength());
  }
}
