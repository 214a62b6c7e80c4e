package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.ModelWorld.Pinned;
import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.TestOperators;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The operations of a {@link ModelRun} that fill batches, with savepoints, read them and write
 * them.
 *
 * <p>Not thread-safe. Draws everything from the seed of its world.
 */
final class ModelBatches {
  private final ModelWorld world;
  private final ModelWrites writes;
  private final Random random;

  ModelBatches(ModelWorld world, ModelWrites writes) {
    this.world = world;
    this.writes = writes;
    this.random = world.random;
  }

  /** What the two kinds of batches have in common. */
  private interface Batch {
    void put(ColumnFamily family, byte[] key, byte[] value);

    void put(ColumnFamily family, byte[] key, byte[] value, long expiryMillis);

    void delete(ColumnFamily family, byte[] key);

    void merge(ColumnFamily family, byte[] key, byte[] operand);

    void deleteRange(ColumnFamily family, byte[] from, byte[] to);

    void setSavePoint();

    void rollbackToSavePoint();

    void popSavePoint();

    int count();
  }

  private record Plain(WriteBatch batch) implements Batch {
    @Override
    public void put(ColumnFamily family, byte[] key, byte[] value) {
      batch.put(family, key, value);
    }

    @Override
    public void put(ColumnFamily family, byte[] key, byte[] value, long expiryMillis) {
      batch.put(family, key, value, expiryMillis);
    }

    @Override
    public void delete(ColumnFamily family, byte[] key) {
      batch.delete(family, key);
    }

    @Override
    public void merge(ColumnFamily family, byte[] key, byte[] operand) {
      batch.merge(family, key, operand);
    }

    @Override
    public void deleteRange(ColumnFamily family, byte[] from, byte[] to) {
      batch.deleteRange(family, from, to);
    }

    @Override
    public void setSavePoint() {
      batch.setSavePoint();
    }

    @Override
    public void rollbackToSavePoint() {
      batch.rollbackToSavePoint();
    }

    @Override
    public void popSavePoint() {
      batch.popSavePoint();
    }

    @Override
    public int count() {
      return batch.count();
    }
  }

  private record Indexed(IndexedWriteBatch batch) implements Batch {
    @Override
    public void put(ColumnFamily family, byte[] key, byte[] value) {
      batch.put(family, key, value);
    }

    @Override
    public void put(ColumnFamily family, byte[] key, byte[] value, long expiryMillis) {
      batch.put(family, key, value, expiryMillis);
    }

    @Override
    public void delete(ColumnFamily family, byte[] key) {
      batch.delete(family, key);
    }

    @Override
    public void merge(ColumnFamily family, byte[] key, byte[] operand) {
      batch.merge(family, key, operand);
    }

    @Override
    public void deleteRange(ColumnFamily family, byte[] from, byte[] to) {
      batch.deleteRange(family, from, to);
    }

    @Override
    public void setSavePoint() {
      batch.setSavePoint();
    }

    @Override
    public void rollbackToSavePoint() {
      batch.rollbackToSavePoint();
    }

    @Override
    public void popSavePoint() {
      batch.popSavePoint();
    }

    @Override
    public int count() {
      return batch.count();
    }
  }

  /** The changes that a batch holds, as they are to be made to a model. */
  private final class Changes {
    final List<Consumer<ModelDb>> list = new ArrayList<>();
    final Deque<Integer> savePoints = new ArrayDeque<>();
    final long timeToLive;

    Changes(long timeToLive) {
      this.timeToLive = timeToLive;
    }

    void add(Consumer<ModelDb> change) {
      list.add(change);
    }

    void clear() {
      list.clear();
      savePoints.clear();
    }

    /** Makes the changes as a batch shows them, which asks no clock about what it holds. */
    void showIn(ModelDb model) {
      list.forEach(change -> change.accept(model));
    }

    /** Makes the changes as they are once they are written: what has expired already is gone. */
    void applyTo(ModelDb model) {
      showIn(model);
      model.expire(world.clock.get());
    }
  }

  /** Writes a batch. */
  void write() {
    WriteBatch batch = new WriteBatch();
    Changes changes = new Changes(world.anyTimeToLive());
    fill(new Plain(batch), changes, random.nextInt(12));
    world.db.write(batch, optionsOf(changes));
    changes.applyTo(world.model);
    world.count("batch");
  }

  /** Reads an indexed batch over the store or a snapshot, and writes it, or does not. */
  void readAndWrite() {
    IndexedWriteBatch batch = new IndexedWriteBatch();
    Changes changes = new Changes(world.anyTimeToLive());
    Pinned pinned = world.anyView();
    for (int rounds = 1 + random.nextInt(2); rounds > 0; rounds--) {
      if (random.nextInt(10) == 0) {
        batch.clear();
        changes.clear();
      }
      fill(new Indexed(batch), changes, random.nextInt(12));
      read(batch, changes, pinned);
    }
    if (random.nextBoolean()) {
      world.db.write(batch, optionsOf(changes));
      changes.applyTo(world.model);
      world.count("indexed batch");
    }
  }

  private WriteOptions optionsOf(Changes changes) {
    return world.anyWriteOptions(changes.timeToLive);
  }

  private void fill(Batch batch, Changes changes, int steps) {
    for (int left = steps; left > 0; left--) {
      int choice = random.nextInt(50);
      if (choice == 0) {
        ColumnFamily family = world.anyFamily();
        ModelWrites.Range range = writes.anyRange();
        int before = batch.count();
        batch.deleteRange(family, range.from(), range.to());
        if (batch.count() > before) {
          changes.add(model -> model.deleteRange(family.name(), range.from(), range.to()));
        }
      } else if (choice < 12) {
        moveSavePoint(batch, changes);
      } else if (choice < 24) {
        ColumnFamily family = world.anyFamily();
        byte[] key = world.anyKey();
        batch.delete(family, key);
        changes.add(model -> model.delete(family.name(), key));
      } else if (choice < 36 && world.operator != null && changes.timeToLive == 0) {
        merge(batch, changes);
      } else {
        put(batch, changes);
      }
    }
    assertEquals(changes.list.size(), batch.count());
  }

  private void put(Batch batch, Changes changes) {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    byte[] value = world.anyValue(key);
    boolean ownExpiry = !world.counting && random.nextInt(8) == 0;
    long expiry =
        ownExpiry
            ? world.clock.get() + random.nextInt(1_000)
            : world.expiry(family, changes.timeToLive);
    if (ownExpiry) {
      batch.put(family, key, value, expiry);
    } else {
      batch.put(family, key, value);
    }
    changes.add(model -> model.put(family.name(), key, value, expiry));
  }

  private void merge(Batch batch, Changes changes) {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyMergeKey();
    byte[] operand = world.anyOperand();
    batch.merge(family, key, operand);
    changes.add(
        model ->
            model.change(
                family.name(), key, base -> TestOperators.apply(world.operator, base, operand)));
  }

  private void moveSavePoint(Batch batch, Changes changes) {
    if (random.nextBoolean()) {
      batch.setSavePoint();
      changes.savePoints.push(changes.list.size());
    } else if (changes.savePoints.isEmpty()) {
      assertThrows(BatchStateException.class, batch::rollbackToSavePoint);
      assertThrows(BatchStateException.class, batch::popSavePoint);
    } else if (random.nextInt(3) == 0) {
      batch.popSavePoint();
      changes.savePoints.pop();
    } else {
      batch.rollbackToSavePoint();
      changes.list.subList(changes.savePoints.pop(), changes.list.size()).clear();
      world.count("rollback");
    }
  }

  private void read(IndexedWriteBatch batch, Changes changes, Pinned pinned) {
    ModelDb expected = (pinned == null ? world.model : pinned.model()).snapshot();
    for (String name : world.families.keySet()) {
      if (!expected.families().contains(name)) {
        expected.createFamily(name);
      }
    }
    changes.showIn(expected);
    Snapshot snapshot = pinned == null ? null : pinned.snapshot();
    ColumnFamily family = world.anyFamily();
    for (int left = 4; left > 0; left--) {
      byte[] key = world.anyKey();
      byte[] value = expected.get(family.name(), key);
      byte[] actual = snapshot == null ? batch.get(family, key) : batch.get(snapshot, family, key);
      if (pinned != null || !MarkedKeys.isFiltered(key, value, actual)) {
        assertArrayEquals(value, actual, () -> "get of an indexed batch " + ModelDb.show(key));
      }
    }
    ReadOptions options = world.anyBounds();
    try (ModelCursor cursor =
        new ModelCursor(
            snapshot == null
                ? batch.iterate(family, options)
                : batch.iterate(snapshot, family, options),
            options,
            expected.entries(family.name()))) {
      for (int left = random.nextInt(20); left > 0; left--) {
        cursor.step(random, world.anyKey());
      }
    }
    world.count("read of an indexed batch");
  }
}
