package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestOperators;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The space of what only a snapshot needed comes back when the snapshot is closed. */
class SnapshotSpaceTest {
  private static final int KEYS = 4_000;

  private final MemFileSystem fs = new MemFileSystem();
  private final SteppedExecutors executors = new SteppedExecutors(1);
  private final AtomicInteger compactions = new AtomicInteger();
  private Db db;

  static List<CompactionStyle> styles() {
    return List.of(CompactionStyle.leveled(), CompactionStyle.universal());
  }

  private void open(CompactionStyle style) {
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(
                ColumnFamilyOptions.builder()
                    .compactionStyle(style)
                    .mergeOperator(TestOperators.JOINING)
                    .build())
            .listener(
                new EventListener() {
                  @Override
                  public void onCompaction(String name, int from, int to, long read, long written) {
                    compactions.incrementAndGet();
                  }
                })
            .build();
    Environment real = TestStores.environment(fs);
    executors.during(
        () ->
            db =
                DbImpl.open(
                    TestStores.DIRECTORY,
                    options,
                    new Environment(
                        fs, real.clockMillis(), real.nanoTime(), real.random(), executors)));
  }

  @AfterEach
  void close() {
    executors.during(db::close);
  }

  private void forAll(IntConsumer action) {
    executors.during(
        () -> {
          for (int i = 0; i < KEYS; i++) {
            action.accept(i);
          }
        });
  }

  private void put(int i, int version) {
    db.put(key(i), value(version * KEYS + i, 100));
  }

  private void compact() {
    executors.during(db::compact);
  }

  private long entries() {
    return db.stats().families().get(0).levels().stream().mapToLong(l -> l.entries()).sum();
  }

  private void close(Snapshot snapshot) {
    executors.during(snapshot::close);
    executors.runPending();
  }

  @ParameterizedTest
  @MethodSource("styles")
  void overwrittenVersionsGoOnTheirOwnAccord(CompactionStyle style) {
    open(style);
    forAll(i -> put(i, 1));
    compact();
    Snapshot snapshot = db.snapshot();
    forAll(i -> put(i, 2));
    compact();
    executors.runPending();
    assertEquals(2 * KEYS, entries());
    int before = compactions.get();
    close(db.snapshot());
    assertEquals(before, compactions.get(), "nothing to do as long as the snapshot is open");
    close(snapshot);
    assertEquals(KEYS, entries());
    assertEquals(before + 1, compactions.get());
  }

  @ParameterizedTest
  @MethodSource("styles")
  void deletedVersionsGoWithTheirTombstones(CompactionStyle style) {
    open(style);
    forAll(i -> put(i, 1));
    compact();
    Snapshot snapshot = db.snapshot();
    forAll(i -> db.delete(key(i)));
    compact();
    executors.runPending();
    assertEquals(2 * KEYS, entries());
    close(snapshot);
    assertEquals(0, entries());
  }

  @ParameterizedTest
  @MethodSource("styles")
  void mergesAreFoldedOnceNoSnapshotSeparatesThem(CompactionStyle style) {
    open(style);
    forAll(i -> put(i, 1));
    compact();
    Snapshot first = db.snapshot();
    forAll(i -> db.merge(key(i), value(i, 10)));
    Snapshot second = db.snapshot();
    forAll(i -> db.merge(key(i), value(i, 10)));
    compact();
    executors.runPending();
    assertEquals(3 * KEYS, entries());
    close(first);
    assertEquals(3 * KEYS, entries(), "not yet all of what the table keeps for snapshots is free");
    close(second);
    assertEquals(KEYS, entries());
  }

  @Test
  void whatAClosedSnapshotNeededGoesWhileAnOlderOneIsOpen() {
    open(CompactionStyle.leveled());
    Snapshot old = db.snapshot();
    forAll(i -> put(i, 1));
    compact();
    Snapshot snapshot = db.snapshot();
    forAll(i -> put(i, 2));
    compact();
    executors.runPending();
    assertEquals(2 * KEYS, entries());
    close(snapshot);
    assertEquals(KEYS, entries());
    executors.during(old::close);
  }

  @ParameterizedTest
  @MethodSource("styles")
  void compactRewritesTablesWithASingleVersionTooMany(CompactionStyle style) {
    open(style);
    forAll(i -> put(i, 1));
    compact();
    Snapshot first = db.snapshot();
    put(0, 2);
    Snapshot second = db.snapshot();
    put(0, 3);
    compact();
    assertEquals(KEYS + 2, entries());
    close(first);
    assertEquals(KEYS + 2, entries(), "not worth rewriting a table by itself");
    compact();
    assertEquals(KEYS + 1, entries(), "what the first one needed");
    close(second);
    compact();
    assertEquals(KEYS, entries());
    int before = compactions.get();
    compact();
    assertEquals(before, compactions.get(), "nothing is left to drop");
  }

  @Test
  void aStoreThatIsOpenedAgainKnowsWhatItsSnapshotsNeeded() {
    open(CompactionStyle.leveled());
    forAll(i -> put(i, 1));
    compact();
    db.snapshot();
    forAll(i -> put(i, 2));
    compact();
    executors.during(db::close);
    open(CompactionStyle.leveled());
    executors.runPending();
    assertEquals(KEYS, entries());
  }
}
