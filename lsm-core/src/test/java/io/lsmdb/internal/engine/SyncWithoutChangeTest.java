package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.IndexedWriteBatch;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Synced calls that find nothing to write: what was logged before them is durable when they return,
 * because their caller acts on what they have seen.
 */
class SyncWithoutChangeTest {
  private static final byte[] KEY = CrashScript.bytes("key");
  private static final byte[] ABSENT = CrashScript.bytes("absent");
  private static final Set<Operation> SYNCS =
      Set.of(Operation.FORCE, Operation.FORCE_MAPPED, Operation.WRITE_DURABLY);

  /** A call that changes nothing in a store which has {@link #KEY}. */
  private interface Call {
    void on(Db db, WriteOptions options);
  }

  static Stream<Named<Call>> calls() {
    return Stream.of(
        named("putIfAbsent, present", (db, o) -> family(db).putIfAbsent(KEY, ABSENT, o)),
        named("compute, same value", (db, o) -> family(db).compute(KEY, old -> old, o)),
        named("compute, absent", (db, o) -> family(db).compute(ABSENT, old -> old, o)),
        named("touch, absent", (db, o) -> family(db).touch(ABSENT, withTimeToLive(o))),
        named("deleteRange, empty", (db, o) -> family(db).deleteRange(KEY, KEY, o)),
        named("batch, empty", (db, o) -> db.write(new WriteBatch(), o)),
        named("indexed batch, empty", (db, o) -> db.write(new IndexedWriteBatch(), o)));
  }

  private static Named<Call> named(String name, Call call) {
    return Named.of(name, call);
  }

  private static ColumnFamily family(Db db) {
    return db.defaultColumnFamily();
  }

  private static WriteOptions withTimeToLive(WriteOptions options) {
    return WriteOptions.builder()
        .durability(options.durability())
        .timeToLive(Duration.ofHours(1))
        .build();
  }

  private static SmallStore storeWithKey(boolean mappedLog) {
    SmallStore store = new SmallStore();
    store.disk.setReservesByZeroFill(mappedLog);
    store.open();
    store.put("key", "value");
    return store;
  }

  private static long syncs(SmallStore store, int from) {
    List<String> trace = store.fs.trace();
    return trace.subList(from, trace.size()).stream()
        .filter(line -> SYNCS.stream().anyMatch(sync -> line.startsWith(sync + " ")))
        .count();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void whatWasLoggedBeforeIsDurable(Call call) {
    for (boolean mappedLog : List.of(true, false)) {
      SmallStore store = storeWithKey(mappedLog);
      call.on(store.db, WriteOptions.SYNC);
      store.crash(CrashMode.DROP_ALL);
      assertEquals("value", store.get("key"));
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aBufferedCallSyncsNothing(Call call) {
    SmallStore store = storeWithKey(true);
    int before = store.fs.operations();
    call.on(store.db, WriteOptions.BUFFERED);
    assertEquals(0, syncs(store, before));
    store.crash(CrashMode.DROP_ALL);
    assertNull(store.get("key"));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void nothingIsSyncedTwice(Call call) {
    SmallStore store = storeWithKey(true);
    int before = store.fs.operations();
    call.on(store.db, WriteOptions.SYNC);
    assertEquals(1, syncs(store, before));
    call.on(store.db, WriteOptions.SYNC);
    assertEquals(1, syncs(store, before));
  }

  @Test
  void earlierSegmentsAreSyncedToo() {
    SmallStore store = storeWithKey(true);
    String filler = "-".repeat(3_000);
    int segments = store.files(".log").size();
    for (int i = 0; store.files(".log").size() < segments + 2; i++) {
      store.put("filler" + i, filler);
    }
    store.put("last", "value");
    store.db.write(new WriteBatch(), WriteOptions.SYNC);
    store.crash(CrashMode.DROP_ALL);
    assertEquals("value", store.get("key"));
    assertEquals("value", store.get("last"));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aFailedSyncStopsWritesAndIsInDoubt(Call call) {
    SmallStore store = storeWithKey(true);
    store.fs.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.FORCE_MAPPED), path -> true);
    BackgroundErrorException failure =
        assertThrows(BackgroundErrorException.class, () -> call.on(store.db, WriteOptions.SYNC));
    assertTrue(failure.inDoubt());
    assertThrows(BackgroundErrorException.class, () -> store.put("key", "later"));
    assertEquals("value", store.get("key"));
  }
}
