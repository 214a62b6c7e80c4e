package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.text;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gets, puts, deletes, batches and snapshots, as their contracts say. */
class ReadWriteTest {
  private static final byte[] KEY = bytes("key");
  private static final byte[] EMPTY = new byte[0];

  private Db db;

  @BeforeEach
  void open() {
    db = TestStores.open(new MemFileSystem());
  }

  @AfterEach
  void close() {
    db.close();
  }

  // ---- Single keys

  @Test
  void aKeyIsAbsentThenThereThenGone() {
    assertNull(db.get(KEY));
    assertEquals(-1, db.get(KEY, new byte[4]));
    db.delete(KEY);
    db.put(KEY, bytes("a"));
    assertEquals("a", text(db.get(KEY)));
    db.put(KEY, bytes("b"));
    assertEquals("b", text(db.get(KEY)));
    db.flush();
    assertEquals("b", text(db.get(KEY)));
    db.delete(KEY);
    assertNull(db.get(KEY));
    db.flush();
    assertNull(db.get(KEY));
    db.compact();
    assertNull(db.get(KEY));
  }

  @Test
  void keyAndValueMayBeEmpty() {
    db.put(EMPTY, EMPTY);
    db.put(KEY, EMPTY);
    for (int round = 0; round < 2; round++) {
      assertArrayEquals(EMPTY, db.get(EMPTY));
      assertArrayEquals(EMPTY, db.get(KEY));
      assertEquals(0, db.get(KEY, EMPTY));
      assertEquals(0, db.get(EMPTY, ByteBuffer::remaining));
      try (DbIterator cursor = db.iterate()) {
        cursor.seekToFirst();
        assertArrayEquals(EMPTY, cursor.key());
        cursor.next();
        assertArrayEquals(KEY, cursor.key());
      }
      db.flush();
    }
    db.delete(EMPTY);
    assertNull(db.get(EMPTY));
  }

  @Test
  void arraysAreNotKeptAndNotShared() {
    byte[] key = KEY.clone();
    byte[] value = bytes("value");
    db.put(key, value);
    Arrays.fill(key, (byte) 0);
    Arrays.fill(value, (byte) 0);
    byte[] read = db.get(KEY);
    assertEquals("value", text(read));
    Arrays.fill(read, (byte) 0);
    assertNotSame(read, db.get(KEY));
    assertEquals("value", text(db.get(KEY)));
  }

  @Test
  void keysOrderAsUnsignedBytes() {
    for (int b : new int[] {0, 1, 0x7F, 0x80, 0xFF}) {
      db.put(new byte[] {(byte) b}, EMPTY);
    }
    try (DbIterator cursor = db.iterate()) {
      assertEquals(
          List.of(0, 1, 0x7F, 0x80, 0xFF), cursor.stream().map(e -> e.key()[0] & 0xFF).toList());
    }
  }

  // ---- Limits

  @Test
  void theLongestKeyIsLegalAndALongerOneIsNot() {
    byte[] longest = value(1, WriteBatch.MAX_KEY_LENGTH);
    byte[] tooLong = new byte[WriteBatch.MAX_KEY_LENGTH + 1];
    db.put(longest, KEY);
    db.flush();
    assertArrayEquals(KEY, db.get(longest));
    try (DbIterator cursor = db.iterate()) {
      cursor.seek(longest);
      assertArrayEquals(longest, cursor.key());
      assertThrows(IllegalArgumentException.class, () -> cursor.seek(tooLong));
      assertThrows(IllegalArgumentException.class, () -> cursor.seekForPrev(tooLong));
    }
    assertThrows(IllegalArgumentException.class, () -> db.put(tooLong, KEY));
    assertThrows(IllegalArgumentException.class, () -> db.delete(tooLong));
    assertThrows(IllegalArgumentException.class, () -> db.compute(tooLong, old -> old));
    WriteBatch batch = new WriteBatch().put(KEY, KEY);
    assertThrows(IllegalArgumentException.class, () -> batch.put(tooLong, KEY));
    assertThrows(IllegalArgumentException.class, () -> batch.delete(tooLong));
    assertEquals(1, batch.count());
    db.write(batch);
    assertArrayEquals(KEY, db.get(KEY));
  }

  @Test
  void aKeyBeyondTheLimitIsAbsent() {
    byte[] tooLong = new byte[WriteBatch.MAX_KEY_LENGTH + 1];
    db.put(KEY, KEY);
    for (int round = 0; round < 2; round++) {
      try (Snapshot snapshot = db.snapshot()) {
        for (ReadView view : List.of(db, snapshot)) {
          assertNull(view.get(tooLong));
          assertNull(view.get(tooLong, ByteBuffer::remaining));
          assertEquals(-1, view.get(tooLong, EMPTY));
          assertEquals(-1, view.get(ByteBuffer.wrap(tooLong), ByteBuffer.allocate(1)));
          assertFalse(view.containsKey(tooLong));
          assertFalse(view.mayContain(tooLong));
          List<byte[]> values = view.multiGet(List.of(KEY, tooLong));
          assertArrayEquals(KEY, values.get(0));
          assertNull(values.get(1));
        }
      }
      db.flush();
    }
    db.close();
    assertThrows(DbClosedException.class, () -> db.get(tooLong));
  }

  @Test
  void rangesAreTreatedAlikeByAllCalls() {
    byte[] a = bytes("a");
    byte[] b = bytes("b");
    db.put(a, a);
    db.flush();
    for (byte[] bound : List.of(a, b)) {
      db.deleteRange(bound, bound);
      db.compact(bound, bound);
      db.compactAsync(bound, bound).join();
      assertEquals(0, db.deleteFilesInRange(bound, bound));
      assertEquals(0, db.approximateSize(bound, bound));
      try (DbIterator cursor = db.iterate(ReadOptions.range(bound, bound))) {
        cursor.seekToFirst();
        assertFalse(cursor.isValid());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> db.deleteRange(b, a));
    assertThrows(IllegalArgumentException.class, () -> db.compact(b, a));
    assertThrows(IllegalArgumentException.class, () -> db.compactAsync(b, a));
    assertThrows(IllegalArgumentException.class, () -> db.deleteFilesInRange(b, a));
    assertThrows(IllegalArgumentException.class, () -> db.approximateSize(b, a));
    assertThrows(InvalidOptionsException.class, () -> ReadOptions.range(b, a));
    assertArrayEquals(a, db.get(a));
  }

  @Test
  void aValueAboveTheLimitIsRefusedAndNothingIsWritten() {
    byte[] tooLong = new byte[WriteBatch.MAX_VALUE_LENGTH + 1];
    assertThrows(IllegalArgumentException.class, () -> db.put(KEY, tooLong));
    assertThrows(
        IllegalArgumentException.class,
        () -> db.put(ByteBuffer.wrap(KEY), ByteBuffer.wrap(tooLong)));
    assertThrows(IllegalArgumentException.class, () -> new WriteBatch().put(KEY, tooLong));
    assertNull(db.get(KEY));
    db.put(KEY, KEY);
    assertArrayEquals(KEY, db.get(KEY));
  }

  @Test
  void aValueMayBeLargerThanAMemtable() {
    byte[] large = value(1, 3 << 20);
    db.put(KEY, large);
    assertArrayEquals(large, db.get(KEY));
    db.compact();
    assertArrayEquals(large, db.get(KEY));
  }

  // ---- Ways to read

  @Test
  void aSmallArrayReceivesWhatFits() {
    db.put(KEY, bytes("0123456789"));
    byte[] into = bytes("abcdefghijkl");
    assertEquals(10, db.get(KEY, into));
    assertEquals("0123456789kl", text(into));
    byte[] small = new byte[4];
    assertEquals(10, db.get(KEY, small));
    assertEquals("0123", text(small));
    assertEquals(10, db.get(KEY, EMPTY));
  }

  @Test
  void aValueIsDecodedInPlace() {
    db.put(KEY, ByteBuffer.allocate(12).putInt(7).putLong(8).array());
    for (int round = 0; round < 2; round++) {
      long sum =
          db.get(
              KEY,
              buffer -> {
                assertTrue(buffer.isReadOnly());
                assertEquals(ByteOrder.BIG_ENDIAN, buffer.order());
                assertEquals(0, buffer.position());
                assertEquals(12, buffer.limit());
                return buffer.getInt() + buffer.getLong();
              });
      assertEquals(15, sum);
      db.flush();
    }
    assertNull(db.get(KEY, buffer -> (String) null));
    assertNull(db.get(bytes("absent"), buffer -> "called"));
    IllegalStateException thrown = new IllegalStateException("from the reader");
    assertEquals(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                db.get(
                    KEY,
                    buffer -> {
                      throw thrown;
                    })));
    assertEquals(12, db.get(KEY, ByteBuffer::remaining));
  }

  @Test
  void buffersOfAllKindsServe() {
    byte[] padded = bytes("..key..");
    ByteBuffer direct = ByteBuffer.allocateDirect(7).put(padded);
    for (ByteBuffer buffer :
        List.of(
            ByteBuffer.wrap(padded),
            ByteBuffer.wrap(padded).asReadOnlyBuffer(),
            direct,
            direct.asReadOnlyBuffer(),
            ByteBuffer.wrap(bytes("####..key..")).position(4).slice())) {
      buffer.limit(5).position(2);
      ByteBuffer value = ByteBuffer.allocateDirect(8).putLong(0, 42).position(4);
      db.put(buffer, value);
      assertEquals(2, buffer.position());
      assertEquals(4, value.position());
      assertArrayEquals(new byte[] {0, 0, 0, 42}, db.get(KEY));

      for (ByteBuffer into : List.of(ByteBuffer.allocate(9), ByteBuffer.allocateDirect(9))) {
        into.position(3);
        assertEquals(4, db.get(buffer, into));
        assertEquals(2, buffer.position());
        assertEquals(7, into.position());
        assertEquals(42, into.getInt(3));
        into.limit(8);
        assertEquals(4, db.get(buffer, into), "one byte of four fits");
        assertEquals(8, into.position());
        assertEquals(4, db.get(buffer, into), "nothing fits");
      }
      db.delete(KEY);
      assertEquals(-1, db.get(buffer, ByteBuffer.allocate(4)));
    }
    db.put(KEY, KEY);
    assertThrows(
        ReadOnlyBufferException.class,
        () -> db.get(ByteBuffer.wrap(KEY), ByteBuffer.allocate(4).asReadOnlyBuffer()));
  }

  @Test
  void manyKeysAreReadInTheirOrder() {
    db.put(key(1), bytes("one"));
    db.flush();
    db.put(key(2), bytes("two"));
    List<byte[]> values = db.multiGet(List.of(key(2), key(9), key(1), key(2), key(1), key(9)));
    assertEquals(
        Arrays.asList("two", null, "one", "two", "one", null),
        values.stream().map(TestStores::text).toList());
    assertNotSame(values.get(0), values.get(3));
    assertEquals(List.of(), db.multiGet(List.of()));
    assertThrows(NullPointerException.class, () -> db.multiGet(Arrays.asList(key(1), null)));
  }

  // ---- Null

  @Test
  void nullIsRefusedEverywhere() throws Exception {
    ColumnFamily family = db.createColumnFamily("family");
    try (Snapshot snapshot = db.snapshot()) {
      assertNullIsRefused(Db.class, db, family);
      assertNullIsRefused(Snapshot.class, snapshot, family);
    }
    try (DbIterator cursor = db.iterate()) {
      assertThrows(NullPointerException.class, () -> cursor.seek((byte[]) null));
      assertThrows(NullPointerException.class, () -> cursor.seekForPrev(null));
    }
    assertNull(db.get(KEY), "nothing was written");
    assertEquals(List.of(db.defaultColumnFamily(), family), db.columnFamilies());
  }

  /** Calls every method once for each parameter, which is null then; null bounds are legal. */
  private static void assertNullIsRefused(Class<?> type, Object handle, ColumnFamily family)
      throws IllegalAccessException {
    for (Method method : type.getMethods()) {
      boolean isLegal =
          Modifier.isStatic(method.getModifiers())
              || Set.of("compact", "compactAsync", "approximateSize", "deleteFilesInRange")
                  .contains(method.getName());
      boolean endless = method.getName().equals("deleteRange");
      for (int i = 0; i < method.getParameterCount() && !isLegal; i++) {
        if (endless && i > 0 && method.getParameterTypes()[i - 1] == byte[].class) {
          continue; // the end, which there need not be
        }
        Object[] arguments = new Object[method.getParameterCount()];
        for (int j = 0; j < arguments.length; j++) {
          arguments[j] = j == i ? null : argument(method.getParameterTypes()[j], family, method);
        }
        try {
          method.invoke(handle, arguments);
          throw new AssertionError(method + " takes null as argument " + i);
        } catch (InvocationTargetException e) {
          if (!(e.getCause() instanceof NullPointerException)) {
            throw new AssertionError(method + " threw something else", e.getCause());
          }
        }
      }
    }
  }

  private static Object argument(Class<?> type, ColumnFamily family, Method method) {
    if (type == byte[].class) {
      return KEY;
    } else if (type == ByteBuffer.class) {
      return ByteBuffer.wrap(KEY);
    } else if (type == ColumnFamily.class) {
      return family;
    } else if (type == WriteBatch.class) {
      return new WriteBatch();
    } else if (type == IndexedWriteBatch.class) {
      return new IndexedWriteBatch();
    } else if (type == List.class) {
      return method.getName().equals("flush") ? List.of(family) : List.of(KEY);
    } else if (type == String.class) {
      return "another";
    } else if (type == ReadOptions.class) {
      return ReadOptions.DEFAULT;
    } else if (type == WriteOptions.class) {
      return WriteOptions.BUFFERED;
    } else if (type == ColumnFamilyOptions.class) {
      return ColumnFamilyOptions.builder().build();
    } else if (type == ValueReader.class) {
      return (ValueReader<Integer>) ByteBuffer::remaining;
    } else if (type == UnaryOperator.class) {
      return UnaryOperator.<byte[]>identity();
    }
    throw new AssertionError("no argument of type " + type);
  }

  // ---- Batches

  @Test
  void aBatchAppliesInOrderOverAllFamilies() {
    ColumnFamily other = db.createColumnFamily("other");
    db.put(key(3), KEY);
    WriteBatch batch =
        new WriteBatch()
            .put(key(1), bytes("first"))
            .put(other, key(1), bytes("other"))
            .put(key(1), bytes("second"))
            .put(key(2), bytes("deleted below"))
            .delete(key(2))
            .delete(key(3))
            .put(key(3), bytes("put again"))
            .put(other, bytes("..key.."), 2, 3, bytes("..value."), 2, 5)
            .put(other, ByteBuffer.wrap(key(2)), ByteBuffer.wrap(key(9)))
            .delete(other, key(7));
    assertEquals(10, batch.count());
    assertTrue(batch.sizeInBytes() > 60);
    db.write(batch);
    for (int round = 0; round < 2; round++) {
      assertEquals("second", text(db.get(key(1))));
      assertEquals("other", text(other.get(key(1))));
      assertNull(db.get(key(2)));
      assertEquals("put again", text(db.get(key(3))));
      assertEquals("value", text(other.get(KEY)));
      assertArrayEquals(key(9), other.get(key(2)));
      db.flush();
    }
  }

  @Test
  void aBatchMayBeWrittenAgainAndReused() {
    WriteBatch batch = new WriteBatch();
    assertTrue(batch.isEmpty());
    assertEquals(0, batch.sizeInBytes());
    long before = sequence();
    db.write(batch);
    assertEquals(before, sequence(), "an empty batch is no write");

    batch.put(KEY, bytes("a"));
    db.write(batch);
    db.put(KEY, bytes("between"));
    db.write(batch, WriteOptions.SYNC);
    assertEquals("a", text(db.get(KEY)));
    assertFalse(batch.isEmpty());

    batch.clear();
    assertTrue(batch.isEmpty());
    assertEquals(0, batch.sizeInBytes());
    batch.delete(KEY);
    db.write(batch);
    assertNull(db.get(KEY));
  }

  private long sequence() {
    try (Snapshot snapshot = db.snapshot()) {
      return snapshot.sequence();
    }
  }

  @Test
  void aBatchServesSeveralStores() {
    WriteBatch batch = new WriteBatch().put(KEY, KEY);
    try (Db other = TestStores.open(new MemFileSystem())) {
      db.write(batch);
      other.write(batch);
      assertArrayEquals(KEY, db.get(KEY));
      assertArrayEquals(KEY, other.get(KEY));
    }
  }

  @Test
  void aLargeBatchIsAtomic() {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < 5_000; i++) {
      batch.put(key(i), value(i, 1_000));
    }
    try (Snapshot before = db.snapshot()) {
      db.write(batch);
      assertNull(before.get(key(0)));
      assertNull(before.get(key(4_999)));
    }
    try (DbIterator cursor = db.iterate()) {
      assertEquals(5_000, cursor.stream().count());
    }
  }

  // ---- Snapshots

  @Test
  void aSnapshotStaysWhatItIs() {
    ColumnFamily other = db.createColumnFamily("other");
    db.put(key(1), bytes("one"));
    db.put(key(2), bytes("two"));
    other.put(key(1), bytes("other"));
    try (Snapshot snapshot = db.snapshot();
        Snapshot same = db.snapshot()) {
      assertEquals(snapshot.sequence(), same.sequence());
      assertEquals(2, db.stats().liveSnapshots());
      assertArrayEquals(snapshot.get(key(1)), snapshot.of(db.defaultColumnFamily()).get(key(1)));
      for (int round = 0; round < 6; round++) {
        assertEquals("one", text(snapshot.get(key(1))));
        assertEquals("two", text(snapshot.get(key(2), ReadWriteTest::bytesOf)));
        assertNull(snapshot.get(key(3)));
        assertEquals("other", text(snapshot.of(other).get(key(1))));
        assertEquals(3, snapshot.get(key(1), new byte[3]));
        assertEquals(
            Arrays.asList("two", null),
            snapshot.multiGet(List.of(key(2), key(3))).stream().map(TestStores::text).toList());
        try (DbIterator cursor = snapshot.iterate()) {
          assertEquals(2, cursor.stream().count());
          cursor.refresh();
          cursor.seekToLast();
          assertArrayEquals(key(2), cursor.key());
        }
        switch (round) {
          case 0 -> db.put(key(1), bytes("overwritten"));
          case 1 -> db.delete(key(2));
          case 2 -> db.put(key(3), bytes("three"));
          case 3 -> db.flush();
          default -> {
            other.delete(key(1));
            other.compact(null, null);
            db.compact();
          }
        }
      }
    }
    assertEquals(0, db.stats().liveSnapshots());
    assertNull(db.get(key(2)));
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
