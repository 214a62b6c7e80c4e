package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CompactionFilter.Candidate;
import io.lsmdb.CompactionFilter.Decision;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compaction filters in whole stores. */
class CompactionFilterTest {
  private static final byte[] KEY = TestStores.bytes("key");

  private final MemFileSystem fs = new MemFileSystem();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicLong clock = new AtomicLong(1_000);

  private Throwable poison;

  /** Drops the value "drop", makes "changed" of "change", throws at "poison". */
  private Decision decide(Candidate candidate) {
    String value = text(candidate.value());
    asked.add(text(candidate.key()) + "=" + value);
    return switch (value) {
      case "drop" -> Decision.DROP;
      case "change" -> Decision.change(TestStores.bytes("changed"));
      case "poison" -> throw TestStores.<RuntimeException>undeclared(poison);
      default -> Decision.KEEP;
    };
  }

  private static String text(ByteBuffer buffer) {
    assertTrue(buffer.isReadOnly());
    return StandardCharsets.UTF_8.decode(buffer).toString();
  }

  private Db open(CompactionFilter filter, MergeOperator operator) {
    return TestStores.open(
        fs,
        DbOptions.builder()
            .timeSource(clock::get)
            .defaultFamilyOptions(
                TestStores.tinyFamily().compactionFilter(filter).mergeOperator(operator).build())
            .build());
  }

  private Db open() {
    return open(this::decide, null);
  }

  private static void put(Db db, String key, String value) {
    db.put(TestStores.bytes(key), TestStores.bytes(value));
  }

  private static String get(ReadView view, String key) {
    return TestStores.text(view.get(TestStores.bytes(key)));
  }

  @Test
  void keepsDropsAndChangesWhatACompactionRewrites() {
    try (Db db = open()) {
      put(db, "a", "keep");
      put(db, "b", "drop");
      put(db, "c", "change");
      db.flush();
      assertEquals(List.of(), asked, "not asked by a flush");
      assertEquals("drop", get(db, "b"));
      db.compact();
      assertEquals(List.of("a=keep", "b=drop", "c=change"), asked);
    }
    try (Db db = open()) {
      assertEquals("keep", get(db, "a"));
      assertNull(get(db, "b"));
      assertEquals("changed", get(db, "c"));
    }
  }

  @Test
  void aDroppedValueDoesNotLetAnOlderOneAppear() {
    try (Db db = open()) {
      put(db, "a", "old");
      put(db, "z", "old");
      db.compact();
      put(db, "a", "drop");
      db.flush();
      asked.clear();
      db.compact();
      assertEquals(List.of("a=drop", "z=old"), asked, "the newest version only");
      assertNull(get(db, "a"));
      assertEquals("old", get(db, "z"));
    }
  }

  @Test
  void theCompactionThatAsksIsCountedAsRunning() {
    AtomicReference<Db> store = new AtomicReference<>();
    AtomicLong running = new AtomicLong();
    try (Db db =
        open(
            candidate -> {
              running.set(store.get().stats().families().get(0).runningCompactions());
              return Decision.KEEP;
            },
            null)) {
      store.set(db);
      put(db, "a", "1");
      assertEquals(0, db.stats().families().get(0).runningCompactions());
      db.compact();
      assertEquals(1, running.get());
    }
  }

  @Test
  void aSnapshotSeesWhatItSaw() {
    try (Db db = open()) {
      put(db, "a", "drop");
      try (Snapshot snapshot = db.snapshot()) {
        put(db, "b", "drop");
        db.compact();
        assertEquals(List.of("b=drop"), asked);
        assertEquals("drop", get(snapshot, "a"));
        assertEquals("drop", get(db, "a"));
        assertNull(get(db, "b"));
      }
    }
  }

  @Test
  void aSnapshotThatIsTakenDuringTheCompactionSeesWhatItSaw() {
    AtomicReference<Db> store = new AtomicReference<>();
    AtomicReference<Snapshot> taken = new AtomicReference<>();
    CompactionFilter filter =
        candidate -> {
          if (taken.get() == null) {
            taken.set(store.get().snapshot());
          }
          return decide(candidate);
        };
    try (Db db = open(filter, null)) {
      store.set(db);
      put(db, "a", "drop");
      put(db, "b", "change");
      db.compact();
      Snapshot snapshot = taken.get();
      assertEquals("drop", get(snapshot, "a"));
      assertEquals("change", get(snapshot, "b"));
      assertEquals("drop", get(db, "a"), "the compaction was done without the filter");
      snapshot.close();
      put(db, "a", "drop");
      db.compact();
      assertNull(get(db, "a"));
      assertEquals("changed", get(db, "b"));
    }
  }

  @Test
  void isToldWhereAValueGoes() {
    List<Boolean> last = new CopyOnWriteArrayList<>();
    CompactionFilter filter =
        candidate -> {
          assertEquals("default", candidate.family());
          assertTrue(candidate.outputLevel() > 0 && candidate.outputLevel() <= 6);
          assertTrue(candidate.oldestTableMillis() > 0);
          last.add(candidate.isLast());
          return Decision.KEEP;
        };
    try (Db db = open(filter, null)) {
      put(db, "a", "keep");
      db.compact();
    }
    assertFalse(last.isEmpty());
    assertTrue(last.get(last.size() - 1));
  }

  @Test
  void isAskedAboutFoldedValues() {
    AtomicLong seen = new AtomicLong();
    CompactionFilter filter =
        candidate -> {
          seen.set(LongOperator.decode(candidate.value()));
          return seen.get() == 0
              ? Decision.DROP
              : seen.get() == 7 ? Decision.change(LongOperator.encode(70)) : Decision.KEEP;
        };
    try (Db db = open(filter, LongOperator.SUM)) {
      db.merge(KEY, LongOperator.encode(3));
      db.flush();
      db.merge(KEY, LongOperator.encode(-3));
      db.compact();
      assertNull(db.get(KEY));
      db.merge(KEY, LongOperator.encode(3));
      db.flush();
      db.merge(KEY, LongOperator.encode(4));
      db.compact();
      assertEquals(7, seen.get());
      assertArrayEquals(LongOperator.encode(70), db.get(KEY));
      assertEquals(0, asked.size());
    }
  }

  @Test
  void aChangedValueKeepsItsExpiryAndAnExpiredOneIsNotAskedAbout() {
    WriteOptions ten = WriteOptions.builder().timeToLive(Duration.ofMillis(10)).build();
    try (Db db = open()) {
      db.put(KEY, TestStores.bytes("change"), ten);
      db.compact();
      assertEquals("key=change", asked.get(0));
      assertEquals("changed", get(db, "key"));
      clock.addAndGet(10);
      assertNull(get(db, "key"));
      asked.clear();
      put(db, "other", "keep");
      db.compact();
      assertFalse(asked.contains("key=changed"));
    }
  }

  private static List<CompactionStyle> stylesThatRewrite() {
    return List.of(CompactionStyle.leveled(), CompactionStyle.universal());
  }

  private Db open(CompactionStyle style, CompactionFilter filter) {
    return TestStores.open(
        fs,
        DbOptions.builder()
            .defaultFamilyOptions(
                TestStores.tinyFamily().compactionStyle(style).compactionFilter(filter).build())
            .build());
  }

  private static void putMany(Db db, String value) {
    for (int i = 1_000; i < 2_000; i++) {
      put(db, "key" + i, value);
    }
  }

  private static long count(Db db) {
    try (Stream<Entry> entries = db.stream(ReadOptions.DEFAULT)) {
      return entries.count();
    }
  }

  @ParameterizedTest
  @MethodSource("stylesThatRewrite")
  void compactAsksAboutWhatIsInTheLastLevelAlready(CompactionStyle style) {
    try (Db db = open(style, null)) {
      putMany(db, "drop");
      db.compact();
    }
    try (Db db = open(style, this::decide)) {
      db.compact();
      assertEquals(1_000, asked.size());
      assertEquals(0, count(db));
      assertEquals(0, db.stats().tableBytes());
    }
  }

  @ParameterizedTest
  @MethodSource("stylesThatRewrite")
  void compactAsksOnceACall(CompactionStyle style) {
    try (Db db = open(style, this::decide)) {
      putMany(db, "keep");
      for (int call = 1; call < 4; call++) {
        put(db, "key" + (1_000 + 300 * call), "keep"); // goes into a file between others
        asked.clear();
        db.compact();
        assertEquals(1_000, asked.size());
        assertEquals(1_000, Set.copyOf(asked).size());
      }
      assertEquals(1_000, count(db));
    }
  }

  @Test
  void compactAsksAboutFilesThatShareKeysWithItsRangeOnly() {
    try (Db db = open()) {
      putMany(db, "keep");
      db.compact();
      asked.clear();
      db.compact(TestStores.bytes("key1000"), TestStores.bytes("key1001"));
      assertTrue(asked.contains("key1000=keep"));
      assertTrue(asked.size() < 900, () -> "asked about " + asked.size());
      assertFalse(asked.contains("key1999=keep"));
    }
  }

  @Test
  void compactAsksAgainAboutWhatASnapshotKept() {
    try (Db db = open()) {
      putMany(db, "drop");
      try (Snapshot snapshot = db.snapshot()) {
        db.compact();
        assertEquals(1_000, count(db));
        assertEquals("drop", get(snapshot, "key1000"));
      }
      assertEquals(List.of(), asked);
      db.compact();
      assertEquals(1_000, asked.size());
      assertEquals(0, count(db));
    }
  }

  @Test
  void compactRewritesNothingInFifo() {
    CompactionStyle style = CompactionStyle.fifo().maxBytes(1 << 20);
    try (Db db = open(style, this::decide)) {
      putMany(db, "drop");
      db.compact();
      db.compact();
      assertEquals(List.of(), asked);
      assertEquals(1_000, count(db));
    }
  }

  @Test
  void withoutFilterCompactRewritesNothingTwice() {
    try (Db db = open((CompactionFilter) null, null)) {
      putMany(db, "keep");
      db.compact();
      long written = db.stats().compactionBytesWritten();
      db.compact();
      assertEquals(written, db.stats().compactionBytesWritten());
    }
  }

  private static final class Kept implements EventListener {
    private final List<DbException> failures = new CopyOnWriteArrayList<>();

    @Override
    public void onEntriesKept(String family, Work work, long count, DbException first) {
      assertEquals("default", family);
      assertEquals(Work.COMPACTION, work);
      failures.add(first);
    }
  }

  private Db openListening(CompactionFilter filter, EventListener listener) {
    return TestStores.open(
        fs,
        DbOptions.builder()
            .listener(listener)
            .defaultFamilyOptions(TestStores.tinyFamily().compactionFilter(filter).build())
            .build());
  }

  @ParameterizedTest
  @MethodSource("io.lsmdb.TestStores#failures")
  void anEntryThatTheFilterFailsOnStaysAndHarmsNoOther(Throwable thrown) {
    poison = thrown;
    Kept kept = new Kept();
    try (Db db = openListening(this::decide, kept)) {
      put(db, "a", "drop");
      put(db, "b", "poison");
      put(db, "c", "change");
      put(db, "d", "keep");
      db.compact();
      assertEquals(1, kept.failures.size());
      DbException failure = kept.failures.get(0);
      assertSame(thrown, failure.getCause());
      assertTrue(failure.getMessage().contains("column family default"), failure.getMessage());
      assertTrue(failure.getMessage().contains("0x62"), failure.getMessage());
      put(db, "e", "v");
      assertNull(get(db, "a"));
      assertEquals("poison", get(db, "b"));
      assertEquals("changed", get(db, "c"));
      assertEquals("keep", get(db, "d"));
      asked.clear();
      db.compact();
      assertTrue(asked.contains("b=poison"), "asked again by the next compaction: " + asked);
      assertEquals(2, kept.failures.size());
    }
    try (Db db = openListening(candidate -> Decision.DROP, kept)) {
      db.compact();
      assertNull(get(db, "b"));
    }
    assertEquals(2, kept.failures.size());
  }

  @Test
  void noDecisionIsAFailureToo() {
    Kept kept = new Kept();
    try (Db db = openListening(candidate -> null, kept)) {
      put(db, "a", "v");
      db.compact();
      assertInstanceOf(NullPointerException.class, kept.failures.get(0).getCause());
      assertEquals("v", get(db, "a"));
      put(db, "a", "w");
      assertEquals("w", get(db, "a"));
    }
  }
}
