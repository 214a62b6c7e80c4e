package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.operators.LongOperator;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans over few keys that have many versions, in memtables and in tables. */
class HotKeyScanTest {
  private static final int KEYS = 16;
  private static final int VERSIONS = 3_000;

  /** What a cursor may pass of a key and a source without showing it. */
  private static final int MAX_STEPS_A_KEY = 4;

  private final MemFileSystem fs = new MemFileSystem();

  enum Write {
    PUT,
    DELETE,
    MERGE
  }

  private static DbOptions options() {
    return DbOptions.builder()
        .defaultFamilyOptions(ColumnFamilyOptions.builder().mergeOperator(LongOperator.SUM).build())
        .build();
  }

  private static void write(Db db, Write write, int rounds) {
    for (int i = 0; i < rounds; i++) {
      for (int k = 0; k < KEYS; k++) {
        switch (write) {
          case PUT -> db.put(key(k), LongOperator.encode(i));
          case DELETE -> db.delete(key(k));
          case MERGE -> db.merge(key(k), LongOperator.encode(1));
        }
      }
    }
  }

  private static int scan(DbIterator it, boolean forward) {
    int shown = 0;
    if (forward) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        shown++;
      }
    } else {
      for (it.seekToLast(); it.isValid(); it.prev()) {
        shown++;
      }
    }
    return shown;
  }

  /** Scans there and back; the entries that were passed without being shown. */
  private static long steps(Db db, DbIterator it, int expected) {
    long before = db.stats().entriesSteppedOver();
    assertEquals(expected, scan(it, true));
    assertEquals(expected, scan(it, false));
    return db.stats().entriesSteppedOver() - before;
  }

  @ParameterizedTest
  @EnumSource(Write.class)
  void versionsInAMemtableArePassedAtOnce(Write write) {
    try (Db db = TestStores.open(fs, options())) {
      write(db, Write.PUT, 1);
      try (Snapshot old = db.snapshot();
          DbIterator open = db.iterate()) {
        write(db, write, VERSIONS / 2);
        try (Snapshot middle = db.snapshot()) {
          write(db, write, VERSIONS / 2);
          int now = write == Write.DELETE ? 0 : KEYS;
          check(db, open, KEYS);
          try (DbIterator it = old.iterate()) {
            check(db, it, KEYS);
          }
          try (DbIterator it = middle.iterate()) {
            check(db, it, now);
          }
          try (DbIterator it = db.iterate()) {
            check(db, it, now);
          }
        }
      }
    }
  }

  private static void check(Db db, DbIterator it, int expected) {
    long steps = steps(db, it, expected);
    assertTrue(steps <= 2 * KEYS * MAX_STEPS_A_KEY, "stepped over " + steps);
  }

  @Test
  void versionsOfAFlushedMemtableBesideNewerOnesArePassedAtOnce() {
    try (Db db = TestStores.open(fs, options())) {
      write(db, Write.PUT, 1);
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        snapshots.add(db.snapshot());
        write(db, Write.PUT, VERSIONS / 3);
        db.flush();
      }
      write(db, Write.PUT, VERSIONS);
      for (Snapshot snapshot : snapshots) {
        try (DbIterator it = snapshot.iterate()) {
          assertTrue(steps(db, it, KEYS) <= 2 * KEYS * 4 * MAX_STEPS_A_KEY);
        }
        snapshot.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 1 << 20})
  void versionsThatSnapshotsKeepInTablesArePassedBySearches(int blockSize) {
    ColumnFamilyOptions family = ColumnFamilyOptions.builder().blockSize(blockSize).build();
    try (Db db = TestStores.open(fs, DbOptions.builder().defaultFamilyOptions(family).build())) {
      List<Snapshot> snapshots = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        for (int k = 0; k < KEYS; k++) {
          db.put(key(k), LongOperator.encode(i));
        }
        snapshots.add(db.snapshot());
      }
      db.flush();
      for (int i = 0; i < snapshots.size(); i += 111) {
        try (DbIterator it = snapshots.get(i).iterate()) {
          long steps = steps(db, it, KEYS);
          assertTrue(steps <= 2 * KEYS * 3 * 33, "stepped over " + steps);
          it.seek(key(5));
          assertEquals(i, LongOperator.decode(it.value()));
          it.prev();
          assertEquals(i, LongOperator.decode(it.value()));
        }
      }
      snapshots.forEach(Snapshot::close);
    }
  }
}
