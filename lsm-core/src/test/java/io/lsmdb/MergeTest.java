package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.TestOperators;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Merge operators in whole stores. */
class MergeTest {
  private static final byte[] KEY = TestStores.bytes("counter");

  private final MemFileSystem fs = new MemFileSystem();

  private static DbOptions options(MergeOperator operator) {
    return DbOptions.builder()
        .defaultFamilyOptions(TestStores.tinyFamily().mergeOperator(operator).build())
        .build();
  }

  private Db open(MergeOperator operator) {
    return TestStores.open(fs, options(operator));
  }

  private static byte[] number(long value) {
    return LongOperator.encode(value);
  }

  private static long count(ReadView view) {
    return view.get(KEY, LongOperator::decode);
  }

  /** Takes text of any length; throws where an element is "poison". */
  private static final class Picky implements AssociativeMergeOperator {
    private final Throwable failure;
    private volatile boolean mended;

    Picky(Throwable failure) {
      this.failure = failure;
    }

    @Override
    public String name() {
      return "picky";
    }

    @Override
    public byte[] merge(MergeInput input) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < input.size(); i++) {
        byte[] element = new byte[input.length(i)];
        input.copy(i, element, 0);
        if (!mended && TestStores.text(element).equals("poison")) {
          throw TestStores.<RuntimeException>undeclared(failure);
        }
        all.append(TestStores.text(element));
      }
      return TestStores.bytes(all.toString());
    }
  }

  @Test
  void countsOverFlushesCompactionsAndReopening() {
    long expected = 0;
    for (int open = 0; open < 3; open++) {
      try (Db db = open(LongOperator.SUM)) {
        for (int i = 1; i <= 100; i++) {
          db.merge(KEY, number(i));
          expected += i;
          assertEquals(expected, count(db));
          if (i % 30 == 0) {
            db.flush();
          }
        }
        if (open == 1) {
          db.compact();
        }
        assertEquals(expected, count(db));
      }
    }
  }

  @Test
  void foldsOntoWhatWasThere() {
    try (Db db = open(LongOperator.SUM)) {
      db.put(KEY, number(40));
      db.flush();
      db.merge(KEY, number(2));
      assertEquals(42, count(db));
      db.delete(KEY);
      db.merge(KEY, number(5));
      assertEquals(5, count(db));
      db.flush();
      db.compact();
      assertEquals(5, count(db));
      db.delete(KEY);
      assertNull(db.get(KEY));
    }
  }

  @Test
  void anEarlierSnapshotSeesTheEarlierCount() {
    List<Snapshot> snapshots = new ArrayList<>();
    try (Db db = open(LongOperator.SUM)) {
      for (int i = 1; i <= 20; i++) {
        db.merge(KEY, number(1));
        snapshots.add(db.snapshot());
        switch (i % 5) {
          case 2 -> db.flush();
          case 4 -> db.compact();
          default -> {}
        }
        for (int s = 0; s < i; s++) {
          assertEquals(s + 1, count(snapshots.get(s)));
        }
      }
      for (int s = 0; s < 20; s += 2) {
        snapshots.get(s).close();
      }
      db.compact();
      for (int s = 1; s < 20; s += 2) {
        assertEquals(s + 1, count(snapshots.get(s)));
        snapshots.get(s).close();
      }
      db.compact();
      assertEquals(20, count(db));
    }
  }

  @Test
  void iteratorsShowFoldedValuesInBothDirections() {
    try (Db db = open(TestOperators.JOINING)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++) {
          db.merge(TestStores.key(i), TestStores.bytes(round + ""));
          if (i % 7 == round) {
            db.put(TestStores.key(i), TestStores.bytes("p"));
          }
        }
        db.flush();
      }
      List<String> forward = new ArrayList<>();
      List<String> backward = new ArrayList<>();
      try (DbIterator it = db.iterate()) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          forward.add(TestStores.text(it.key()) + "=" + TestStores.text(it.value()));
        }
        for (it.seekToLast(); it.isValid(); it.prev()) {
          ByteBuffer value = it.valueBuffer();
          byte[] bytes = new byte[value.remaining()];
          value.get(bytes);
          backward.add(0, TestStores.text(it.key()) + "=" + TestStores.text(bytes));
        }
        assertEquals(50, forward.size());
        assertEquals(forward, backward);
        assertEquals("key000000=p12", forward.get(0));
        assertEquals("key000001=p2", forward.get(1));
        assertEquals("key000002=p", forward.get(2));
        assertEquals("key000003=012", forward.get(3));
        it.seek(TestStores.key(10));
        it.next();
        it.prev();
        assertArrayEquals(TestStores.key(10), it.key());
        it.prev();
        it.next();
        assertArrayEquals(TestStores.key(10), it.key());
        assertEquals("012", TestStores.text(it.value()));
      }
    }
  }

  @Test
  void aBatchFoldsInItsOrder() {
    try (Db db = open(TestOperators.JOINING)) {
      db.write(
          new WriteBatch()
              .merge(KEY, TestStores.bytes("a"))
              .merge(KEY, TestStores.bytes("b"))
              .put(KEY, TestStores.bytes("c"))
              .merge(KEY, TestStores.bytes("d")));
      assertEquals("cd", TestStores.text(db.get(KEY)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theLogBringsOperandsBack(boolean mappedLog) {
    DbOptions options =
        DbOptions.builder()
            .mappedLog(mappedLog)
            .defaultFamilyOptions(
                TestStores.tinyFamily().mergeOperator(TestOperators.HASHING).build())
            .build();
    byte[] expected = null;
    MemFileSystem image;
    try (Db db = TestStores.open(fs, options)) {
      for (int i = 0; i < 30; i++) {
        byte[] operand = TestStores.value(i, i * 5);
        db.merge(KEY, operand, WriteOptions.SYNC);
        expected = TestOperators.apply(TestOperators.HASHING, expected, operand);
      }
      image = fs.crashImage(CrashMode.DROP_ALL, 1);
    }
    try (Db db = TestStores.open(image, options)) {
      assertArrayEquals(expected, db.get(KEY));
    }
  }

  @Test
  void aHotCounterIsReadWithoutAddingAllItsOperands() {
    AtomicInteger elements = new AtomicInteger();
    AssociativeMergeOperator counting =
        new AssociativeMergeOperator() {
          @Override
          public String name() {
            return "counting";
          }

          @Override
          public byte[] merge(MergeInput input) {
            elements.addAndGet(input.size());
            return LongOperator.SUM.merge(input);
          }
        };
    try (Db db = open(counting)) {
      for (int i = 0; i < 500; i++) {
        db.merge(KEY, number(1));
      }
      elements.set(0);
      assertEquals(500, count(db));
      assertTrue(elements.get() <= 2, "elements read: " + elements);
    }
  }

  @ParameterizedTest
  @MethodSource("io.lsmdb.TestStores#failures")
  void aFailingOperatorFailsTheReadAndLosesNothing(Throwable failure) {
    Picky picky = new Picky(failure);
    try (Db db = open(picky)) {
      db.merge(KEY, TestStores.bytes("good"));
      db.merge(KEY, TestStores.bytes("poison"));
      db.put(TestStores.bytes("other"), TestStores.bytes("x"));
      for (int round = 0; round < 2; round++) {
        MergeException e = assertThrows(MergeException.class, () -> db.get(KEY));
        assertEquals("picky", e.operator());
        assertEquals("default", e.family());
        assertArrayEquals(KEY, e.key());
        assertSame(failure, e.getCause());
        assertTrue(e.getMessage().contains("0x636f756e746572"), e.getMessage());
        try (DbIterator it = db.iterate()) {
          assertThrows(MergeException.class, it::seekToFirst);
        }
        assertEquals("x", TestStores.text(db.get(TestStores.bytes("other"))));
        db.flush(); // which must empty memory whatever operators do
      }
      picky.mended = true;
      assertEquals("goodpoison", TestStores.text(db.get(KEY)));
    }
  }

  /** What the listener was told of entries that stayed as they were. */
  private static final class Kept implements EventListener {
    private final List<Work> works = new CopyOnWriteArrayList<>();
    private final List<DbException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onEntriesKept(String family, Work work, long count, DbException first) {
      assertEquals("default", family);
      assertTrue(count > 0);
      works.add(work);
      failures.add(first);
    }
  }

  private Db open(MergeOperator operator, EventListener listener) {
    return TestStores.open(
        fs,
        DbOptions.builder()
            .listener(listener)
            .defaultFamilyOptions(TestStores.tinyFamily().mergeOperator(operator).build())
            .build());
  }

  private static void merge(Db db, String key, String operand) {
    db.merge(TestStores.bytes(key), TestStores.bytes(operand));
  }

  private static String get(ReadView view, String key) {
    return TestStores.text(view.get(TestStores.bytes(key)));
  }

  @ParameterizedTest
  @MethodSource("io.lsmdb.TestStores#failures")
  void aKeyThatTheOperatorFailsOnHarmsNoOther(Throwable failure) {
    Picky picky = new Picky(failure);
    Kept kept = new Kept();
    for (int open = 0; open < 2; open++) {
      try (Db db = open(picky, kept)) {
        for (int round = 0; round < 5; round++) {
          for (String key : List.of("a", "m", "z")) {
            merge(db, key, "good");
            merge(db, key, key.equals("m") ? "poison" : "too");
          }
          db.flush();
          db.compact();
        }
        String expected = "goodtoo".repeat(5 * (open + 1));
        assertEquals(expected, get(db, "a"));
        assertEquals(expected, get(db, "z"));
        MergeException e = assertThrows(MergeException.class, () -> get(db, "m"));
        assertSame(failure, e.getCause());
      }
    }
    assertTrue(kept.works.contains(EventListener.Work.FLUSH));
    assertTrue(kept.works.contains(EventListener.Work.COMPACTION));
    for (DbException told : kept.failures) {
      MergeException e = assertInstanceOf(MergeException.class, told);
      assertSame(failure, e.getCause());
      assertArrayEquals(TestStores.bytes("m"), e.key());
    }
    picky.mended = true;
    int failures = kept.failures.size();
    try (Db db = open(picky, kept)) {
      assertEquals("goodpoison".repeat(10), get(db, "m"));
      db.compact();
      assertEquals("goodpoison".repeat(10), get(db, "m"));
    }
    assertEquals(failures, kept.failures.size());
  }

  @Test
  void aCursorGoesOnBehindAKeyThatTheOperatorFailsOn() {
    try (Db db = open(new Picky(new IllegalStateException("no")))) {
      merge(db, "a", "1");
      merge(db, "m", "poison");
      merge(db, "m", "x");
      merge(db, "z", "2");
      for (int round = 0; round < 2; round++) {
        try (DbIterator it = db.iterate()) {
          it.seekToFirst();
          assertEquals("a", TestStores.text(it.key()));
          MergeException e = assertThrows(MergeException.class, it::next);
          assertFalse(it.isValid());
          assertThrows(IllegalStateException.class, it::next);
          it.seek(Arrays.copyOf(e.key(), e.key().length + 1));
          assertEquals("z", TestStores.text(it.key()));
          assertThrows(MergeException.class, it::prev);
          assertFalse(it.isValid());
          it.seekForPrev(TestStores.bytes("l"));
          assertEquals("a", TestStores.text(it.key()));
        }
        db.compact();
      }
    }
  }

  @Test
  void aPutOrADeleteRepairsAKeyThatTheOperatorFailsOn() {
    Kept kept = new Kept();
    try (Db db = open(new Picky(new IllegalStateException("no")), kept)) {
      for (String key : List.of("deleted", "put")) {
        merge(db, key, "poison");
        merge(db, key, "x");
      }
      db.compact();
      assertFalse(kept.failures.isEmpty());
      db.put(TestStores.bytes("put"), TestStores.bytes("new"));
      db.delete(TestStores.bytes("deleted"));
      merge(db, "put", "er");
      merge(db, "deleted", "again");
      kept.failures.clear();
      for (int round = 0; round < 2; round++) {
        assertEquals("newer", get(db, "put"));
        assertEquals("again", get(db, "deleted"));
        db.compact();
      }
      assertEquals(List.of(), kept.failures);
    }
  }

  /** As on the page about merge operators: sums, and takes what is no number for 0. */
  private static final class TolerantSum implements AssociativeMergeOperator {
    @Override
    public String name() {
      return LongOperator.SUM.name();
    }

    @Override
    public void checkOperand(ByteBuffer operand) {
      LongOperator.SUM.checkOperand(operand);
    }

    @Override
    public byte[] merge(MergeInput input) {
      for (int i = 0; i < input.size(); i++) {
        if (input.length(i) != Long.BYTES) {
          return sumOfNumbers(input);
        }
      }
      return LongOperator.SUM.merge(input);
    }

    private static byte[] sumOfNumbers(MergeInput input) {
      long sum = 0;
      for (int i = 0; i < input.size(); i++) {
        sum += input.length(i) == Long.BYTES ? input.getLong(i, 0) : 0;
      }
      return LongOperator.encode(sum);
    }
  }

  /** Merges 1 and compacts, as often as is returned. */
  private static long mergeAndCompact(Db db) {
    for (int i = 0; i < 6; i++) {
      db.merge(KEY, number(1));
      db.flush();
      db.compact();
    }
    return 6;
  }

  @Test
  void anotherOperatorOfTheSameNameCopesWithAValueThatWasPutWrong() {
    byte[] alone = TestStores.bytes("alone");
    byte[] right = TestStores.bytes("right");
    long merged;
    try (Db db = open(LongOperator.SUM)) {
      db.put(KEY, TestStores.bytes("5"));
      db.put(alone, TestStores.bytes("5"));
      db.merge(right, number(3));
      merged = mergeAndCompact(db);
      MergeException failure = assertThrows(MergeException.class, () -> db.get(KEY));
      assertArrayEquals(KEY, failure.key());
      assertArrayEquals(number(3), db.get(right));
    }
    try (Db db = open(LongOperator.SUM)) {
      merged += mergeAndCompact(db);
    }
    try (Db db = open(new TolerantSum())) {
      assertEquals(merged, count(db));
      db.merge(KEY, number(10));
      db.compact();
      assertEquals(merged + 10, count(db));
      assertEquals("5", TestStores.text(db.get(alone)), "without operands it stays as it was put");
      db.put(KEY, number(5 + merged + 10));
      db.put(alone, number(5));
    }
    try (Db db = open(LongOperator.SUM)) {
      db.merge(KEY, number(1));
      db.merge(alone, number(1));
      db.merge(right, number(1));
      db.flush();
      db.compact();
      assertEquals(5 + merged + 11, count(db));
      assertArrayEquals(number(6), db.get(alone));
      assertArrayEquals(number(4), db.get(right));
    }
  }

  @Test
  void aFamilyWithoutOperatorRefusesMerges() {
    try (Db db = open(null)) {
      db.put(KEY, number(1));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, number(1)));
      assertTrue(e.getMessage().contains("default"), e.getMessage());
      WriteBatch batch = new WriteBatch().put(KEY, number(9)).merge(KEY, number(1));
      assertThrows(IllegalArgumentException.class, () -> db.write(batch));
      assertEquals(1, count(db));
    }
  }

  @Test
  void anOperandThatTheOperatorRefusesIsNotRecorded() {
    try (Db db = open(LongOperator.SUM)) {
      db.merge(KEY, number(7));
      assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, new byte[3]));
      WriteBatch batch = new WriteBatch().merge(KEY, number(1)).merge(KEY, new byte[9]);
      assertThrows(IllegalArgumentException.class, () -> db.write(batch));
      assertEquals(7, count(db));
    }
  }

  @Test
  void aFamilyIsNotOpenedWithAnotherOperatorOrWithout() {
    open(LongOperator.SUM).close();
    InvalidOptionsException none =
        assertThrows(InvalidOptionsException.class, () -> open(null).close());
    assertTrue(none.getMessage().contains("lsmdb.long.sum"), none.getMessage());
    InvalidOptionsException other =
        assertThrows(InvalidOptionsException.class, () -> open(LongOperator.MAX).close());
    assertTrue(other.getMessage().contains("lsmdb.long.max"), other.getMessage());
    open(LongOperator.SUM).close();
  }

  @Test
  void aFamilyThatHadNoOperatorMayBeGivenOne() {
    try (Db db = open(null)) {
      db.put(KEY, number(40));
    }
    try (Db db = open(LongOperator.SUM)) {
      db.merge(KEY, number(2));
      assertEquals(42, count(db));
    }
    assertThrows(InvalidOptionsException.class, () -> open(null).close());
  }

  @Test
  void aCreatedFamilyHasItsOwnOperator() {
    ColumnFamilyOptions max = TestStores.tinyFamily().mergeOperator(LongOperator.MAX).build();
    DbOptions both =
        DbOptions.builder()
            .defaultFamilyOptions(TestStores.tinyFamily().mergeOperator(LongOperator.SUM).build())
            .familyOptions(Map.of("largest", max))
            .build();
    try (Db db = TestStores.open(fs, both)) {
      ColumnFamily largest = db.createColumnFamily("largest");
      for (int i : new int[] {3, 9, 4}) {
        db.merge(KEY, number(i));
        largest.merge(KEY, number(i));
      }
    }
    try (Db db = TestStores.open(fs, both)) {
      assertEquals(16, count(db));
      ColumnFamily largest = db.columnFamily("largest").orElseThrow();
      assertEquals(9, LongOperator.decode(largest.get(KEY)));
    }
    assertThrows(
        InvalidOptionsException.class,
        () -> TestStores.open(fs, options(LongOperator.SUM)).close());
  }

  @Test
  void anOperandMayBeEmptyAndMayBeTooLong() {
    try (Db db = open(TestOperators.JOINING)) {
      db.merge(KEY, new byte[0]);
      assertArrayEquals(new byte[0], db.get(KEY));
      byte[] tooLong = new byte[WriteBatch.MAX_VALUE_LENGTH - 9];
      assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, tooLong));
      assertArrayEquals(new byte[0], db.get(KEY));
    }
  }

  @Test
  void anOperatorNeedsAName() {
    MergeOperator nameless =
        new MergeOperator() {
          @Override
          public String name() {
            return "";
          }

          @Override
          public byte[] merge(MergeInput input) {
            return new byte[0];
          }
        };
    assertThrows(InvalidOptionsException.class, () -> options(nameless));
  }
}
