package io.lsmdb.operators;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.MergeOperator;
import io.lsmdb.testing.Seed;
import io.lsmdb.testing.TestOperators;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ready-made merge operators and their encodings. */
class OperatorsTest {
  private static final byte[] KEY = {1};

  private static Db open(Path directory, MergeOperator operator) {
    return Db.open(
        directory,
        DbOptions.builder()
            .defaultFamilyOptions(ColumnFamilyOptions.builder().mergeOperator(operator).build())
            .build());
  }

  private static List<byte[]> copies(Iterable<ByteBuffer> elements) {
    List<byte[]> all = new ArrayList<>();
    for (ByteBuffer element : elements) {
      byte[] copy = new byte[element.remaining()];
      element.get(copy);
      all.add(copy);
    }
    return all;
  }

  private static void assertLists(List<byte[]> expected, List<byte[]> actual) {
    assertArrayEquals(expected.toArray(byte[][]::new), actual.toArray(byte[][]::new));
  }

  @Test
  void sumMinimumAndMaximumAreKept(@TempDir Path directory) {
    long[] numbers = {5, -3, Long.MAX_VALUE, 17, Long.MIN_VALUE};
    long[] expected = {17 - 3 + 5 - 1, Long.MIN_VALUE, Long.MAX_VALUE};
    LongOperator[] operators = {LongOperator.SUM, LongOperator.MIN, LongOperator.MAX};
    for (int i = 0; i < operators.length; i++) {
      try (Db db = open(directory.resolve("db" + i), operators[i])) {
        assertNull(db.get(KEY));
        for (long number : numbers) {
          db.merge(KEY, LongOperator.encode(number));
        }
        assertEquals(expected[i], LongOperator.decode(db.get(KEY)));
        long decoded = db.get(KEY, LongOperator::decode);
        assertEquals(expected[i], decoded);
      }
    }
  }

  @Test
  void aNumberIsReadFromBuffersOfEitherOrder() {
    ByteBuffer number = ByteBuffer.wrap(LongOperator.encode(-2));
    assertEquals(-2, LongOperator.decode(number));
    assertEquals(-2, LongOperator.decode(number.order(ByteOrder.LITTLE_ENDIAN)));
    assertEquals(0, number.position());
    assertThrows(IllegalArgumentException.class, () -> LongOperator.decode(new byte[7]));
  }

  @Test
  void anAggregateCountsAndSpans(@TempDir Path directory) {
    try (Db db = open(directory, Aggregate.OPERATOR)) {
      for (long number : new long[] {4, -2, 10}) {
        db.merge(KEY, Aggregate.of(number).encode());
        db.flush();
      }
      Aggregate all = db.get(KEY, Aggregate::decode);
      assertEquals(new Aggregate(3, 12, -2, 10), all);
      assertEquals(4.0, all.mean());
      assertEquals(all, Aggregate.decode(db.get(KEY)));
      assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, new byte[31]));
    }
  }

  @Test
  void listsHoldElementsOfAnyBytes(@TempDir Path directory) {
    List<byte[]> expected = new ArrayList<>();
    Random random = new Random(7);
    try (Db db = open(directory, ListAppend.OPERATOR)) {
      for (int i = 0; i < 400; i++) {
        byte[] element = new byte[i < 300 ? random.nextInt(5) : random.nextInt(400)];
        random.nextBytes(element);
        db.merge(KEY, ListAppend.encode(element));
        expected.add(element);
        if (i % 90 == 89) {
          db.flush();
        }
      }
      assertLists(expected, copies(ListReader.of(db.get(KEY))));
      assertLists(expected, db.get(KEY, value -> copies(ListReader.of(value))));
      db.compact();
      Collections.reverse(expected);
      assertLists(expected, copies(ListReader.of(db.get(KEY)).newestFirst()));
    }
  }

  @Test
  void severalElementsAreAppendedAtOnce() {
    List<byte[]> elements = List.of(new byte[0], new byte[] {9}, new byte[200], new byte[70_000]);
    ListReader list = ListReader.of(ListAppend.encode(elements));
    assertEquals(4, list.count());
    assertLists(elements, copies(list));
    assertEquals(0, ListReader.of(ListAppend.encode(List.of())).count());
    assertFalse(ListReader.of(new byte[0]).iterator().hasNext());
    assertThrows(NoSuchElementException.class, ListReader.of(new byte[0]).iterator()::next);
  }

  @Test
  void theNewestElementIsFoundWithoutReadingTheOthers() {
    byte[] damagedBefore =
        TestOperators.apply(
            TestOperators.JOINING, new byte[] {100, 1, 2}, ListAppend.encode(new byte[] {7}));
    Iterator<ByteBuffer> newest = ListReader.of(damagedBefore).newestFirst().iterator();
    assertEquals(7, newest.next().get());
    assertThrows(IllegalArgumentException.class, newest::next);
  }

  @Test
  void bytesThatAreNoListAreRefusedAndNeverReadBeyond() {
    Seed.check(
        20,
        seed -> {
          Random random = new Random(seed);
          for (int i = 0; i < 2_000; i++) {
            List<byte[]> elements = new ArrayList<>();
            for (int left = random.nextInt(4); left >= 0; left--) {
              elements.add(new byte[random.nextInt(200)]);
            }
            byte[] list = ListAppend.encode(elements);
            list[random.nextInt(list.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] damaged = Arrays.copyOf(list, list.length - random.nextInt(2));
            assertElementsOrRefusal(ListReader.of(damaged), damaged.length);
            assertElementsOrRefusal(ListReader.of(damaged).newestFirst(), damaged.length);
          }
        });
    assertThrows(IllegalArgumentException.class, () -> ListReader.of(new byte[] {5}).count());
    byte[] endless = {-1, -1, -1, -1, -1, -1, -1};
    assertThrows(IllegalArgumentException.class, () -> ListReader.of(endless).count());
  }

  private static void assertElementsOrRefusal(Iterable<ByteBuffer> list, int bytes) {
    int read = 0;
    try {
      for (ByteBuffer element : list) {
        read += element.remaining() + 2;
      }
      assertTrue(read <= bytes, "elements of " + read + " bytes in " + bytes);
    } catch (IllegalArgumentException refused) {
      assertTrue(read < bytes, "refused after all bytes");
    }
  }

  @Test
  void aListRefusesAnOperandThatIsNone(@TempDir Path directory) {
    try (Db db = open(directory, ListAppend.OPERATOR)) {
      assertThrows(IllegalArgumentException.class, () -> db.merge(KEY, new byte[] {3, 1}));
      assertNull(db.get(KEY));
    }
  }

  @Test
  void operatorsAreAssociative() {
    byte[][] lists = {
      ListAppend.encode(new byte[] {1}), ListAppend.encode(List.of()), ListAppend.encode(KEY)
    };
    byte[][] numbers = {
      LongOperator.encode(3), LongOperator.encode(Long.MAX_VALUE), LongOperator.encode(-9)
    };
    byte[][] aggregates = {
      Aggregate.of(3).encode(), Aggregate.of(-1).encode(), Aggregate.of(8).encode()
    };
    assertAssociative(ListAppend.OPERATOR, lists);
    assertAssociative(LongOperator.SUM, numbers);
    assertAssociative(LongOperator.MIN, numbers);
    assertAssociative(LongOperator.MAX, numbers);
    assertAssociative(Aggregate.OPERATOR, aggregates);
  }

  private static void assertAssociative(AssociativeMergeOperator operator, byte[][] elements) {
    byte[] left =
        TestOperators.apply(
            operator, TestOperators.apply(operator, elements[0], elements[1]), elements[2]);
    byte[] right =
        TestOperators.apply(
            operator, elements[0], TestOperators.apply(operator, elements[1], elements[2]));
    assertArrayEquals(left, right, operator.name());
  }
}
