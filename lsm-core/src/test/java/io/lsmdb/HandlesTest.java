package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.state.KeyedFamily;
import io.lsmdb.state.Serializers;
import io.lsmdb.testing.MemFileSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Handles that do not belong to the call: of another store, though with the same id, of a closed
 * one, of a dropped family.
 */
class HandlesTest {
  private static final byte[] KEY = bytes("k");

  private final MemFileSystem fs = new MemFileSystem();
  private Db x;
  private Db y;
  private ColumnFamily ofX;
  private ColumnFamily ofY;

  @BeforeEach
  void open() {
    x = open("/x");
    y = open("/y");
    ofX = x.createColumnFamily("one");
    ofY = y.createColumnFamily("one");
    ofX.put(KEY, bytes("of x"));
    ofY.put(KEY, bytes("of y"));
  }

  private Db open(String directory) {
    return DbImpl.open(
        Path.of(directory), TestStores.tinyOptions().build(), TestStores.environment(fs));
  }

  @AfterEach
  void close() {
    x.close();
    y.close();
  }

  @TestFactory
  List<DynamicTest> aFamilyOfAnotherStoreIsRefused() {
    List<ApiCalls.Call> calls = new ArrayList<>(ApiCalls.withFamily(Db.class, y, ofX));
    Snapshot snapshot = y.snapshot();
    calls.addAll(ApiCalls.withFamily(Snapshot.class, snapshot, ofX));
    return tests(
        calls,
        call -> {
          var refused = assertThrows(IllegalArgumentException.class, call::run);
          assertTrue(refused.getMessage().contains("/x"), refused.getMessage());
          assertTrue(refused.getMessage().contains("/y"), refused.getMessage());
        });
  }

  @TestFactory
  List<DynamicTest> aDroppedFamilyIsRefused() {
    Snapshot snapshot = x.snapshot();
    ReadView view = snapshot.of(ofX);
    x.dropColumnFamily(ofX);
    ColumnFamily again = x.createColumnFamily("one");
    again.put(KEY, bytes("again"));
    List<ApiCalls.Call> calls = new ArrayList<>(ApiCalls.withFamily(Db.class, x, ofX));
    calls.addAll(ApiCalls.withFamily(Snapshot.class, snapshot, ofX));
    calls.addAll(uses(ofX));
    calls.addAll(ApiCalls.of(ReadView.class, view, ofX));
    return tests(
        calls,
        call -> {
          var refused = assertThrows(DbClosedException.class, call::run);
          assertTrue(refused.getMessage().contains("/x"), refused.getMessage());
          assertTrue(refused.getMessage().contains("one"), refused.getMessage());
        });
  }

  @TestFactory
  List<DynamicTest> everyCallToAClosedStoreSaysWhichStore() {
    Snapshot snapshot = x.snapshot();
    DbIterator cursor = ofX.iterate();
    cursor.seekToFirst();
    ReadView view = snapshot.of(ofX);
    x.close();
    List<ApiCalls.Call> calls = new ArrayList<>(ApiCalls.of(Db.class, x, ofX));
    calls.addAll(uses(ofX));
    calls.addAll(ApiCalls.of(Snapshot.class, snapshot, ofX));
    calls.addAll(ApiCalls.of(ReadView.class, view, ofX));
    calls.addAll(ApiCalls.of(DbIterator.class, cursor, ofX));
    calls.removeIf(call -> call.method().getName().equals("close"));
    return tests(
        calls,
        call -> {
          var refused = assertThrows(DbClosedException.class, call::run);
          assertTrue(refused.getMessage().contains("/x"), refused.getMessage());
        });
  }

  /** The calls on a handle that use its family: what it is called is known for ever. */
  private static List<ApiCalls.Call> uses(ColumnFamily family) {
    List<ApiCalls.Call> calls = new ArrayList<>(ApiCalls.of(ColumnFamily.class, family, family));
    calls.removeIf(call -> Set.of("id", "name", "options").contains(call.method().getName()));
    return calls;
  }

  private interface Check {
    void run(ApiCalls.Call call) throws Throwable;
  }

  private static List<DynamicTest> tests(List<ApiCalls.Call> calls, Check check) {
    return calls.stream()
        .map(call -> DynamicTest.dynamicTest(call.toString(), () -> check.run(call)))
        .toList();
  }

  @Test
  void aBatchIsRefusedByAnotherStoreThanThatOfItsFamilies() {
    WriteBatch batch = new WriteBatch().put(ofX, KEY, bytes("changed"));
    assertThrows(IllegalArgumentException.class, () -> y.write(batch));
    assertArrayEquals(bytes("of y"), ofY.get(KEY));
    IndexedWriteBatch indexed = new IndexedWriteBatch().put(ofX, KEY, bytes("changed"));
    assertThrows(IllegalArgumentException.class, () -> y.write(indexed));
    x.write(batch);
    x.write(indexed);
    assertArrayEquals(bytes("changed"), ofX.get(KEY));
  }

  @Test
  void aBatchIsOfOneStore() {
    WriteBatch batch = new WriteBatch().put(ofX, KEY, KEY);
    List<ApiCalls.Call> calls = new ArrayList<>(ApiCalls.withFamily(WriteBatch.class, batch, ofY));
    IndexedWriteBatch indexed = new IndexedWriteBatch().put(ofX, KEY, KEY);
    calls.addAll(ApiCalls.withFamily(IndexedWriteBatch.class, indexed, ofY));
    for (ApiCalls.Call call : calls) {
      if (Set.of("get", "iterate").contains(call.method().getName())) {
        continue; // see aView…
      }
      assertThrows(IllegalArgumentException.class, call::run, call::toString);
    }
    assertTrue(batch.count() == 1 && indexed.count() == 1);
    batch.clear();
    batch.put(ofY, KEY, bytes("changed"));
    y.write(batch);
    assertArrayEquals(bytes("changed"), ofY.get(KEY));
  }

  @Test
  void aBatchWithoutFamiliesIsOfAnyStore() {
    WriteBatch batch = new WriteBatch().put(KEY, KEY);
    x.write(batch);
    y.write(batch);
    batch.setSavePoint();
    batch.put(ofX, KEY, bytes("changed"));
    assertThrows(IllegalArgumentException.class, () -> y.write(batch));
    batch.rollbackToSavePoint();
    y.write(batch);
    byte[] tooLong = new byte[WriteBatch.MAX_KEY_LENGTH + 1];
    assertThrows(IllegalArgumentException.class, () -> batch.put(ofX, tooLong, KEY));
    y.write(batch);
    assertArrayEquals(KEY, y.get(KEY));
  }

  @Test
  void aBatchFilledBeforeTheStoreWasOpenedAgainIsRefused() {
    WriteBatch batch = new WriteBatch().put(ofX, KEY, bytes("changed"));
    x.close();
    x = open("/x");
    var refused = assertThrows(IllegalArgumentException.class, () -> x.write(batch));
    assertTrue(refused.getMessage().contains("opened before"), refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> x.flush(List.of(ofX)));
    assertThrows(DbClosedException.class, () -> ofX.get(KEY));
  }

  @Test
  void aFamilyHasOneHandle() {
    assertSame(ofX, x.columnFamily("one").orElseThrow());
    assertSame(ofX, x.getOrCreateColumnFamily("one"));
    assertEquals(List.of(x.defaultColumnFamily(), ofX), x.columnFamilies());
    assertSame(x.defaultColumnFamily(), x.columnFamily("default").orElseThrow());
    x.dropColumnFamily(ofX);
    assertNotSame(ofX, x.createColumnFamily("one"));
  }

  @Test
  void theStoreIsItsDefaultFamily() {
    x.put(KEY, bytes("by the store"));
    assertArrayEquals(bytes("by the store"), x.defaultColumnFamily().get(KEY));
    assertArrayEquals(bytes("of x"), ofX.get(KEY));
    try (Snapshot snapshot = x.snapshot()) {
      x.defaultColumnFamily().delete(KEY);
      assertNull(x.get(KEY));
      assertArrayEquals(bytes("by the store"), snapshot.get(KEY));
      assertArrayEquals(bytes("by the store"), snapshot.of(x.defaultColumnFamily()).get(KEY));
      assertArrayEquals(bytes("of x"), snapshot.of(ofX).get(KEY));
    }
  }

  @Test
  void aFamilyOfASnapshotEndsWithTheSnapshot() {
    Snapshot snapshot = x.snapshot();
    ReadView view = snapshot.of(ofX);
    DbIterator cursor = view.iterate();
    snapshot.close();
    for (ApiCalls.Call call : ApiCalls.of(ReadView.class, view, ofX)) {
      assertThrows(DbClosedException.class, call::run, call::toString);
    }
    assertThrows(DbClosedException.class, () -> snapshot.of(ofX));
    cursor.close();
  }

  @Test
  void aViewBelowAnIndexedBatchIsOfTheStoreOfTheFamily() {
    IndexedWriteBatch batch = new IndexedWriteBatch().put(ofX, KEY, bytes("changed"));
    try (Snapshot wrong = y.snapshot()) {
      for (ColumnFamily family : List.of(ofX, ofY)) {
        assertThrows(IllegalArgumentException.class, () -> batch.get(wrong, family, KEY));
        assertThrows(
            IllegalArgumentException.class,
            () -> batch.iterate(wrong, family, ReadOptions.DEFAULT));
      }
    }
    assertThrows(IllegalArgumentException.class, () -> batch.iterate(ofY, ReadOptions.DEFAULT));
    assertThrows(IllegalArgumentException.class, () -> batch.get(ofY, KEY));
    x.dropColumnFamily(ofX);
    assertThrows(DbClosedException.class, () -> batch.get(ofX, KEY));
    x.close();
    assertThrows(DbClosedException.class, () -> batch.get(ofX, KEY));
  }

  @Test
  void aStateIsKeptInAFamilyOfItsStore() {
    assertThrows(
        IllegalArgumentException.class, () -> new KeyedFamily<>(y, ofX, Serializers.STRING));
    x.dropColumnFamily(ofX);
    assertThrows(
        IllegalArgumentException.class, () -> new KeyedFamily<>(x, ofX, Serializers.STRING));
  }
}
