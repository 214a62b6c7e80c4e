package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.testing.MemFileSystem;
import org.junit.jupiter.api.Test;

/** Savepoints of batches. */
class WriteBatchTest {
  private static final byte[] A = TestStores.bytes("a");
  private static final byte[] B = TestStores.bytes("b");
  private static final byte[] C = TestStores.bytes("c");

  @Test
  void rollsBackToTheNewestSavePointFirst() {
    WriteBatch batch = new WriteBatch().put(A, A);
    int size = batch.sizeInBytes();
    batch.setSavePoint();
    batch.put(B, B);
    batch.setSavePoint();
    batch.put(C, C).delete(A);
    batch.rollbackToSavePoint();
    assertEquals(2, batch.count());
    batch.rollbackToSavePoint();
    assertEquals(1, batch.count());
    assertEquals(size, batch.sizeInBytes());
    batch.put(C, B);
    MemFileSystem fs = new MemFileSystem();
    try (Db db = TestStores.open(fs)) {
      db.write(batch);
    }
    try (Db db = TestStores.open(fs)) {
      assertArrayEquals(A, db.get(A));
      assertNull(db.get(B));
      assertArrayEquals(B, db.get(C));
    }
  }

  @Test
  void poppingASavePointKeepsItsChanges() {
    WriteBatch batch = new WriteBatch();
    batch.setSavePoint();
    batch.put(A, A);
    batch.setSavePoint();
    batch.put(B, B);
    batch.popSavePoint();
    assertEquals(2, batch.count());
    batch.rollbackToSavePoint();
    assertEquals(0, batch.count());
    assertEquals(0, batch.sizeInBytes());
  }

  @Test
  void refusesToGoBackWithoutASavePoint() {
    WriteBatch batch = new WriteBatch().put(A, A);
    assertThrows(BatchStateException.class, batch::rollbackToSavePoint);
    assertThrows(BatchStateException.class, batch::popSavePoint);
    batch.setSavePoint();
    batch.popSavePoint();
    assertThrows(BatchStateException.class, batch::rollbackToSavePoint);
    assertEquals(1, batch.count());
  }

  @Test
  void clearingForgetsSavePoints() {
    WriteBatch batch = new WriteBatch().put(A, A);
    batch.setSavePoint();
    batch.clear();
    assertThrows(BatchStateException.class, batch::rollbackToSavePoint);
  }
}
