package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.internal.base.BatchAccess;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.testing.MemFileSystem;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Savepoints of batches, and visits to their changes. */
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

  /** Writes what it is given into a batch of another store. */
  private record Copier(WriteBatch into, ColumnFamily family) implements BatchVisitor {
    private boolean ofDefault(int id) {
      return id == 0;
    }

    @Override
    public void put(int id, byte[] key, byte[] value) {
      if (ofDefault(id)) {
        into.put(key, value);
      } else {
        into.put(family, key, value);
      }
    }

    @Override
    public void put(int id, byte[] key, byte[] value, long expiryMillis) {
      into.put(family, key, value, expiryMillis);
    }

    @Override
    public void delete(int id, byte[] key) {
      if (ofDefault(id)) {
        into.delete(key);
      } else {
        into.delete(family, key);
      }
    }

    @Override
    public void singleDelete(int id, byte[] key) {
      into.singleDelete(family, key);
    }

    @Override
    public void deleteRange(int id, byte[] from, byte[] to) {
      into.deleteRange(family, from, to);
    }

    @Override
    public void merge(int id, byte[] key, byte[] operand) {
      into.merge(family, key, operand);
    }
  }

  @Test
  void aVisitorSeesAllChangesInOrder() {
    try (Db one = TestStores.open(new MemFileSystem());
        Db two = TestStores.open(new MemFileSystem())) {
      ColumnFamily family = one.createColumnFamily("family");
      WriteBatch batch =
          new WriteBatch()
              .put(A, B)
              .delete(C)
              .put(family, A, C)
              .put(family, ByteBuffer.wrap(B), ByteBuffer.wrap(new byte[0]))
              .put(family, C, A, 1_234)
              .put(family, C, A, Long.MAX_VALUE)
              .delete(family, ByteBuffer.wrap(new byte[] {9, 8, 7}, 1, 1))
              .singleDelete(family, C)
              .deleteRange(family, A, B)
              .deleteRange(family, C, null)
              .merge(family, B, C);
      WriteBatch copy = new WriteBatch();
      batch.forEach(new Copier(copy, two.createColumnFamily("family")));
      assertEquals(batch.count(), copy.count());
      assertArrayEquals(encoded(batch), encoded(copy));
    }
  }

  private static byte[] encoded(WriteBatch batch) {
    BatchEncoder encoder = BatchAccess.encoder(batch);
    return Arrays.copyOf(encoder.bytes(), encoder.size());
  }

  @Test
  void aVisitorRefusesChangesThatItDoesNotExpect() {
    List<String> seen = new ArrayList<>();
    BatchVisitor visitor =
        new BatchVisitor() {
          @Override
          public void put(int family, byte[] key, byte[] value) {
            seen.add("put");
          }

          @Override
          public void delete(int family, byte[] key) {
            seen.add("delete");
          }
        };
    WriteBatch batch = new WriteBatch().put(A, A).singleDelete(B).deleteRange(A, C).delete(C);
    assertThrows(UnsupportedOperationException.class, () -> batch.forEach(visitor));
    assertEquals(List.of("put", "delete"), seen);
    WriteBatch merging = new WriteBatch().merge(A, A);
    assertThrows(UnsupportedOperationException.class, () -> merging.forEach(visitor));
  }

  @Test
  void buffersThatAreAddedDoNotMove() {
    ByteBuffer key = ByteBuffer.wrap(new byte[] {1, 2, 3}, 1, 1);
    WriteBatch batch = new WriteBatch().put(key, key);
    assertEquals(1, key.position());
    try (Db db = TestStores.open(new MemFileSystem())) {
      db.write(batch);
      assertArrayEquals(new byte[] {2}, db.get(new byte[] {2}));
      db.write(new WriteBatch().delete(db.defaultColumnFamily(), key));
      assertNull(db.get(new byte[] {2}));
      assertEquals(1, key.position());
    }
  }

  @Test
  void clearingForgetsSavePoints() {
    WriteBatch batch = new WriteBatch().put(A, A);
    batch.setSavePoint();
    batch.clear();
    assertThrows(BatchStateException.class, batch::rollbackToSavePoint);
  }
}
