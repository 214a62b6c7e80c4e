package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a family remembers of its options, and what becomes of other ones that it is given. */
class RememberedSettingsTest {
  private static final byte[] KEY = bytes("key");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TWO_HOURS = Duration.ofHours(2);

  private final MemFileSystem fs = new MemFileSystem();
  private final AtomicLong clock = new AtomicLong(1_000);
  private final List<String> told = new ArrayList<>();

  private final EventListener listener =
      new EventListener() {
        @Override
        public void onSettingDiffers(
            String family, String setting, String remembered, String given, boolean isApplied) {
          told.add(
              family + " " + setting + " " + remembered + " > " + given + (isApplied ? "" : " no"));
        }

        @Override
        public void onUnknownFamily(String name) {
          told.add("unknown " + name);
        }
      };

  private DbOptions.Builder options() {
    return DbOptions.builder().listener(listener).timeSource(clock::get);
  }

  private Db open(DbOptions.Builder options) {
    return TestStores.open(fs, options.build());
  }

  private Db open(String family, ColumnFamilyOptions.Builder options) {
    return open(options().familyOptions(Map.of(family, options.build())));
  }

  private static ColumnFamilyOptions.Builder family() {
    return ColumnFamilyOptions.builder();
  }

  private void create(String name, ColumnFamilyOptions.Builder options) {
    try (Db db = open(options())) {
      db.createColumnFamily(name, options.build());
    }
  }

  /** How long a value lives that is written now; 0 for ever. */
  private long lives(ColumnFamily family) {
    long now = clock.get();
    family.put(KEY, KEY);
    for (Duration time : List.of(HOUR, TWO_HOURS)) {
      clock.set(now + time.toMillis());
      if (family.get(KEY) == null) {
        return time.toHours();
      }
    }
    return 0;
  }

  @Test
  void aTimeToLiveOutlastsTheSecondStart() {
    for (int start = 0; start < 3; start++) {
      try (Db db = open(options())) {
        ColumnFamily sessions =
            db.columnFamily("sessions")
                .orElseGet(
                    () -> db.createColumnFamily("sessions", family().timeToLive(HOUR).build()));
        assertEquals(1, lives(sessions));
        ColumnFamily others =
            db.getOrCreateColumnFamily("others", family().timeToLive(TWO_HOURS).build());
        assertEquals(2, lives(others));
        assertSame(others, db.getOrCreateColumnFamily("others"));
      }
    }
    assertEquals(List.of(), told);
  }

  @Test
  void whatAFamilyIsGivenTakesEffectAndIsRememberedAndTold() {
    create("f", family().timeToLive(HOUR));
    try (Db db = open("f", family().timeToLive(TWO_HOURS))) {
      assertEquals(2, lives(db.columnFamily("f").orElseThrow()));
    }
    assertEquals(List.of("f timeToLive PT1H > PT2H"), told);
    try (Db db = open("f", family().blockSize(512))) {
      ColumnFamily f = db.columnFamily("f").orElseThrow();
      assertEquals(2, lives(f));
      assertEquals(512, f.options().blockSize());
    }
    assertEquals(1, told.size());
    try (Db db = open("f", family().timeToLive(null))) {
      assertEquals(0, lives(db.columnFamily("f").orElseThrow()));
    }
    try (Db db = open(options())) {
      assertEquals(0, lives(db.columnFamily("f").orElseThrow()));
    }
    assertEquals("f timeToLive PT2H > none", told.get(1));
    assertEquals(2, told.size());
  }

  @Test
  void optionsForAllFamiliesChangeTheDefaultFamilyOnly() {
    create("f", family());
    DbOptions.Builder all = options().defaultFamilyOptions(family().timeToLive(HOUR).build());
    try (Db db = open(all)) {
      assertEquals(0, lives(db.columnFamily("f").orElseThrow()));
      assertEquals(1, lives(db.defaultColumnFamily()));
      assertEquals(1, lives(db.createColumnFamily("new")));
    }
    assertEquals(List.of("default timeToLive none > PT1H", "f timeToLive none > PT1H no"), told);
    try (Db db = open(options())) {
      assertEquals(1, lives(db.defaultColumnFamily()));
      assertEquals(1, lives(db.columnFamily("new").orElseThrow()));
    }
  }

  @Test
  void limitsOfFifoCountingAndPrefixesAreRemembered() {
    CompactionStyle fifo = CompactionStyle.fifo().maxBytes(1 << 20).maxAge(HOUR);
    create("fifo", TestStores.tinyFamily().compactionStyle(fifo));
    create("counting", family().countEntries(true).prefixLength(3));
    DbOptions.Builder all =
        options()
            .defaultFamilyOptions(
                family()
                    .periodicCompaction(HOUR)
                    .compactionFilter(candidate -> CompactionFilter.Decision.KEEP)
                    .mergeOperator(ListAppend.OPERATOR)
                    .build());
    for (DbOptions.Builder options : List.of(options(), all)) {
      try (Db db = open(options)) {
        ColumnFamilyOptions found = db.columnFamily("fifo").orElseThrow().options();
        assertEquals(fifo.toString(), found.compactionStyle().toString());
        ColumnFamily counting = db.columnFamily("counting").orElseThrow();
        counting.put(KEY, KEY);
        assertEquals(1, counting.entryCount());
        assertEquals(3, counting.options().prefixLength());
      }
    }
  }

  @Test
  void fifoForAllFamiliesDropsNothingOfAFamilyThatIsThere() {
    create("f", family());
    CompactionStyle fifo = CompactionStyle.fifo().maxAge(HOUR);
    try (Db db = open(options().defaultFamilyOptions(family().compactionStyle(fifo).build()))) {
      assertEquals(
          "leveled", db.columnFamily("f").orElseThrow().options().compactionStyle().toString());
    }
    assertTrue(
        told.contains("f compactionStyle leveled or universal > " + fifo + " no"), told::toString);
  }

  @Test
  void allFamiliesThatCannotHaveTheirOptionsAreListed() {
    try (Db db = open(options())) {
      db.createColumnFamily("list", family().mergeOperator(ListAppend.OPERATOR).build());
      db.createColumnFamily("sum", family().mergeOperator(LongOperator.SUM).build());
      db.createColumnFamily("ttl", family().timeToLive(HOUR).build());
    }
    DbOptions.Builder options =
        options()
            .familyOptions(
                Map.of(
                    "sum", family().mergeOperator(ListAppend.OPERATOR).build(),
                    "ttl", family().mergeOperator(ListAppend.OPERATOR).build()));
    var refused = assertThrows(InvalidOptionsException.class, () -> open(options));
    for (String part : List.of("list", "sum", "ttl", "/store", "PT1H", "mergeOperator")) {
      assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
    options.familyOptions(
        Map.of(
            "list", family().mergeOperator(ListAppend.OPERATOR).build(),
            "sum", family().mergeOperator(LongOperator.SUM).build()));
    try (Db db = open(options)) {
      assertEquals(1, lives(db.columnFamily("ttl").orElseThrow())); // nothing was changed
    }
  }

  @Test
  void optionsOfALivingFamilyTakeEffectOrAreRefusedAsAWhole() {
    try (Db db = open(options())) {
      ColumnFamily f = db.getOrCreateColumnFamily("f", family().timeToLive(HOUR).build());
      assertSame(
          f,
          db.getOrCreateColumnFamily(
              "f",
              family()
                  .timeToLive(TWO_HOURS)
                  .writeBufferSize(1 << 20)
                  .compactionStyle(CompactionStyle.universal())
                  .build()));
      assertEquals(List.of("f timeToLive PT1H > PT2H"), told);
      assertEquals(2, lives(f));
      assertEquals(1 << 20, f.options().writeBufferSize());
      ColumnFamilyOptions impossible =
          family()
              .timeToLive(null)
              .writeBufferSize(2 << 20)
              .countEntries(true)
              .mergeOperator(LongOperator.SUM)
              .build();
      var refused =
          assertThrows(
              InvalidOptionsException.class, () -> db.getOrCreateColumnFamily("f", impossible));
      for (String part : List.of("countEntries", "mergeOperator", "familyOptions", "/store")) {
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
      }
      assertEquals(2, lives(f));
      assertEquals(1 << 20, f.options().writeBufferSize());
      assertTrue(f.options().compactionStyle() instanceof CompactionStyle.Universal);
    }
    try (Db db = open(options())) {
      assertEquals(2, lives(db.columnFamily("f").orElseThrow()));
    }
    assertEquals(1, told.size());
  }

  @Test
  void aMergeOperatorAndAFilterStayWhereOptionsSayNothing() {
    CompactionFilter filter = candidate -> CompactionFilter.Decision.DROP;
    try (Db db = open(options())) {
      ColumnFamily f =
          db.createColumnFamily(
              "f", family().mergeOperator(LongOperator.SUM).compactionFilter(filter).build());
      db.getOrCreateColumnFamily("f", family().build());
      f.merge(KEY, new byte[Long.BYTES]);
      assertNotNull(f.get(KEY));
      f.compact(null, null);
      assertNull(f.get(KEY));
    }
    try (Db db = open("f", family().mergeOperator(LongOperator.SUM))) {
      assertNull(db.columnFamily("f").orElseThrow().get(KEY));
    }
    assertEquals(List.of("f compactionFilter a filter > none"), told);
  }

  @Test
  void aNameThatNoFamilyHasIsToldUnlessTheStoreIsNew() {
    ColumnFamilyOptions.Builder expiring = family().timeToLive(HOUR);
    try (Db db = open("sesions", expiring)) {
      db.createColumnFamily("sessions");
    }
    assertEquals(List.of(), told);
    try (Db db = open("sesions", expiring)) {
      assertEquals(List.of("unknown sesions"), told);
      assertEquals(1, lives(db.createColumnFamily("sesions")));
    }
    open("sesions", expiring).close();
    assertEquals(1, told.size());
  }

  @Test
  void optionsCanBeBuiltFromOthers() {
    ColumnFamilyOptions first = family().timeToLive(HOUR).blockSize(512).build();
    ColumnFamilyOptions second = first.toBuilder().blockSize(1024).build();
    assertEquals(512, first.blockSize());
    assertEquals(1024, second.blockSize());
    assertEquals(HOUR.toMillis(), second.timeToLiveMillis());
    assertEquals(first.givenSettings(), second.givenSettings());
    assertArrayEquals(new Object[] {"timeToLive"}, first.givenSettings().toArray());
  }
}
