package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a store offers beyond put, get and delete of single keys. */
class ConvenienceTest {
  private static final byte[] KEY = TestStores.bytes("key");

  private final MemFileSystem fs = new MemFileSystem();
  private Db db;

  @BeforeEach
  void open() {
    db =
        TestStores.open(
            fs,
            DbOptions.builder()
                .defaultFamilyOptions(
                    TestStores.tinyFamily().mergeOperator(LongOperator.SUM).build())
                .build());
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static byte[] plusOne(byte[] before) {
    return LongOperator.encode(before == null ? 1 : LongOperator.decode(before) + 1);
  }

  // ---- compute and putIfAbsent

  @Test
  void computeReadsAndWritesInOneStep() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      boolean merges = t == 3;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  if (merges) {
                    db.merge(KEY, LongOperator.encode(1));
                  } else {
                    db.compute(KEY, ConvenienceTest::plusOne);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(8_000, LongOperator.decode(db.get(KEY)));
  }

  @Test
  void computeReturnsWhatIsThereNow() {
    assertEquals(1, LongOperator.decode(db.compute(KEY, ConvenienceTest::plusOne)));
    assertEquals(2, LongOperator.decode(db.compute(KEY, ConvenienceTest::plusOne)));
    assertNull(db.compute(KEY, before -> null));
    assertNull(db.get(KEY));
    assertNull(db.compute(KEY, before -> before));
  }

  @Test
  void aComputedValueIsAsDurableAsAPut() {
    db.compute(KEY, ConvenienceTest::plusOne, WriteOptions.SYNC);
    MemFileSystem image = fs.crashImage(CrashMode.DROP_ALL, 1);
    try (Db again =
        TestStores.open(
            image,
            DbOptions.builder()
                .defaultFamilyOptions(
                    TestStores.tinyFamily().mergeOperator(LongOperator.SUM).build())
                .build())) {
      assertEquals(1, LongOperator.decode(again.get(KEY)));
    }
  }

  @Test
  void anUnchangedValueIsNotWritten() {
    db.put(KEY, LongOperator.encode(5));
    long before = sequence();
    db.compute(KEY, value -> value);
    assertEquals(before, sequence());
  }

  @Test
  void aValueChangedInPlaceIsWritten() {
    db.put(KEY, LongOperator.encode(5));
    byte[] returned = db.compute(KEY, value -> ByteBuffer.wrap(value).putLong(0, 6).array());
    assertEquals(6, LongOperator.decode(returned));
    assertEquals(6, LongOperator.decode(db.get(KEY)));
  }

  private long sequence() {
    try (Snapshot snapshot = db.snapshot()) {
      return snapshot.sequence();
    }
  }

  @ParameterizedTest
  @MethodSource("io.lsmdb.TestStores#failures")
  void aFunctionThatThrowsWritesNothingAndHarmsNobody(Throwable mine) throws InterruptedException {
    Throwable thrown =
        assertThrows(
            Throwable.class,
            () ->
                db.compute(
                    KEY,
                    before -> {
                      throw TestStores.<RuntimeException>undeclared(mine);
                    }));
    assertSame(mine, thrown);
    assertNull(db.get(KEY));
    Thread other = new Thread(() -> db.put(KEY, KEY));
    other.start();
    other.join();
    assertArrayEquals(KEY, db.get(KEY));
  }

  @Test
  void aFunctionThatWritesIsRefused() {
    assertThrows(
        IllegalStateException.class,
        () ->
            db.compute(
                KEY,
                before -> {
                  db.put(KEY, KEY);
                  return KEY;
                }));
    assertNull(db.get(KEY));
  }

  @Test
  void aComputedValueMayBeTooLong() {
    assertThrows(
        IllegalArgumentException.class,
        () -> db.compute(KEY, before -> new byte[WriteBatch.MAX_VALUE_LENGTH + 1]));
    assertNull(db.get(KEY));
  }

  @Test
  void putIfAbsentKeepsWhatIsThere() {
    assertNull(db.putIfAbsent(KEY, LongOperator.encode(1)));
    assertEquals(1, LongOperator.decode(db.putIfAbsent(KEY, LongOperator.encode(2))));
    assertEquals(1, LongOperator.decode(db.get(KEY)));
    db.delete(KEY);
    assertNull(db.putIfAbsent(KEY, LongOperator.encode(3)));
    assertEquals(3, LongOperator.decode(db.get(KEY)));
  }

  // ---- containsKey

  @Test
  void containsKeyKnowsPresentFromAbsent() {
    db.put(KEY, new byte[0]);
    db.merge(TestStores.bytes("merged"), LongOperator.encode(1));
    db.put(TestStores.bytes("deleted"), KEY);
    try (Snapshot snapshot = db.snapshot()) {
      db.delete(TestStores.bytes("deleted"));
      for (int round = 0; round < 2; round++) {
        assertTrue(db.containsKey(KEY));
        assertTrue(db.containsKey(TestStores.bytes("merged")));
        assertFalse(db.containsKey(TestStores.bytes("deleted")));
        assertFalse(db.containsKey(TestStores.bytes("never")));
        assertTrue(snapshot.containsKey(TestStores.bytes("deleted")));
        db.flush();
      }
    }
  }

  // ---- stream

  @Test
  void aStreamShowsTheEntriesOfARange() {
    for (int i = 0; i < 50; i++) {
      db.put(TestStores.key(i), TestStores.bytes("v" + i));
    }
    ReadOptions range =
        ReadOptions.builder().lowerBound(TestStores.key(10)).upperBound(TestStores.key(14)).build();
    try (Stream<Entry> entries = db.stream(range)) {
      assertEquals(
          List.of("v10", "v11", "v12", "v13"),
          entries.map(entry -> TestStores.text(entry.value())).toList());
    }
    try (Stream<Entry> entries = db.stream(ReadOptions.DEFAULT)) {
      assertEquals(
          List.of("v0", "v1"), entries.limit(2).map(e -> TestStores.text(e.value())).toList());
    }
    try (Stream<Entry> entries = db.stream(ReadOptions.prefix(TestStores.bytes("no such")))) {
      assertEquals(0, entries.count());
    }
  }

  @Test
  void closingAStreamClosesItsIterator() {
    AtomicInteger seen = new AtomicInteger();
    db.put(KEY, KEY);
    Stream<Entry> entries = db.stream(ReadOptions.DEFAULT).peek(e -> seen.incrementAndGet());
    entries.close();
    assertThrows(RuntimeException.class, entries::toList);
    assertEquals(0, seen.get());
  }

  // ---- approximateSize

  @Test
  void approximateSizeFollowsTheTables() {
    ColumnFamily family = db.defaultColumnFamily();
    assertEquals(0, family.approximateSize(null, null));
    for (int i = 0; i < 2_000; i++) {
      db.put(TestStores.key(i), TestStores.value(i, 100));
    }
    db.flush();
    db.compact();
    long all = family.approximateSize(null, null);
    assertTrue(all > 200_000 && all < 400_000, "all " + all);
    long half = family.approximateSize(TestStores.key(500), TestStores.key(1_500));
    assertTrue(half > all * 0.4 && half < all * 0.6, half + " of " + all);
    long first = family.approximateSize(null, TestStores.key(1_000));
    long second = family.approximateSize(TestStores.key(1_000), null);
    assertEquals(all, first + second);
    assertEquals(0, family.approximateSize(TestStores.key(9), TestStores.key(9)));
    assertEquals(0, family.approximateSize(TestStores.bytes("zzz"), null));
  }

  // ---- mayContain

  @Test
  void mayContainNeverMissesAKeyAndMostlyKnowsAbsentOnes() {
    for (int i = 0; i < 2_000; i += 2) {
      db.put(TestStores.key(i), KEY);
    }
    db.flush();
    db.merge(KEY, LongOperator.encode(1));
    db.delete(TestStores.key(0));
    try (Snapshot snapshot = db.snapshot()) {
      db.delete(TestStores.key(2));
      db.put(TestStores.key(3), KEY);
      assertTrue(db.mayContain(KEY));
      assertFalse(db.mayContain(TestStores.key(0)), "its deletion is in memory");
      assertFalse(db.mayContain(TestStores.key(2)));
      assertTrue(snapshot.mayContain(TestStores.key(2)));
      assertTrue(db.mayContain(TestStores.key(3)));
      int wrong = 0;
      for (int i = 4; i < 2_000; i += 2) {
        assertTrue(db.mayContain(TestStores.key(i)));
        wrong += db.mayContain(TestStores.key(i + 1)) ? 1 : 0;
      }
      assertTrue(wrong < 100, wrong + " of 998 absent keys pass the filters");
    }
    assertFalse(db.mayContain(TestStores.bytes("zzz")), "beyond all tables");
  }

  @Test
  void mayContainReadsNoDataBlock() {
    for (int i = 0; i < 2_000; i += 2) {
      db.put(TestStores.key(i), KEY);
    }
    db.compact();
    db.close();
    for (String name : fs.list(TestStores.DIRECTORY)) {
      if (name.endsWith(".sst")) {
        damageFirstHalf(TestStores.DIRECTORY.resolve(name));
      }
    }
    open();
    assertThrows(CorruptionException.class, () -> db.get(TestStores.key(0)));
    int wrong = 0;
    for (int i = 0; i < 2_000; i += 2) {
      assertTrue(db.mayContain(TestStores.key(i)));
      wrong += db.mayContain(TestStores.key(i + 1)) ? 1 : 0;
    }
    assertTrue(wrong < 100, wrong + " of 1,000 absent keys pass the filters");
  }

  /** Data blocks stand there; filter and index come after them. */
  private void damageFirstHalf(Path table) {
    int size = (int) fs.size(table);
    byte[] bytes = new byte[size];
    try (ReadableFile file = fs.openForRead(table)) {
      assertEquals(size, file.read(0, bytes, 0, size));
    }
    for (int i = 0; i < size / 2; i += 16) {
      bytes[i] ^= 1;
    }
    fs.delete(table);
    try (WritableFile file = fs.create(table)) {
      file.append(bytes, 0, size);
      file.force();
    }
  }
}
