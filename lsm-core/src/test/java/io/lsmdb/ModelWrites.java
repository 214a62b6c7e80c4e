package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.TestOperators;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * The operations of a {@link ModelRun} that write one thing.
 *
 * <p>Not thread-safe. Draws everything from the seed of its world.
 */
final class ModelWrites {
  private final ModelWorld world;
  private final Random random;
  private final ModelDb model;

  ModelWrites(ModelWorld world) {
    this.world = world;
    this.random = world.random;
    this.model = world.model;
  }

  // ---- Puts

  void put() {
    put(0, "put");
  }

  /** A put of a value that expires, or that stays where others expire; plain when counting. */
  void putWithTimeToLive() {
    long timeToLive = world.counting || random.nextInt(8) == 0 ? ModelWorld.NEVER : world.soon();
    put(timeToLive, "put with time to live");
  }

  private void put(long timeToLive, String what) {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    byte[] value = world.anyValue(key);
    WriteOptions options = world.anyWriteOptions(timeToLive);
    switch (random.nextInt(4)) {
      case 0 -> family.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value), options);
      case 1 -> world.db.write(new WriteBatch().put(family, key, value), options);
      default -> family.put(key, value, options);
    }
    model.put(family.name(), key, value, world.expiry(family, timeToLive));
    world.count(what);
  }

  void putIfAbsent() {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    byte[] value = world.anyValue(key);
    long timeToLive = world.anyTimeToLive();
    WriteOptions options = world.anyWriteOptions(timeToLive);
    byte[] before = family.putIfAbsent(key, value, options);
    world.observe(family, key, before, "putIfAbsent");
    if (before == null) {
      model.put(family.name(), key, value, world.expiry(family, timeToLive));
    }
    world.count(before == null ? "putIfAbsent of an absent key" : "putIfAbsent");
  }

  void compute() {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    byte[] value = world.anyValue(key);
    int choice = random.nextInt(6);
    long timeToLive = world.anyTimeToLive();
    WriteOptions options = world.anyWriteOptions(timeToLive);
    byte[][] given = new byte[1][];
    if (choice == 0) {
      assertThrows(
          ArithmeticException.class,
          () ->
              family.compute(
                  key,
                  before -> {
                    throw new ArithmeticException("as the test wants it");
                  },
                  options));
      world.count("compute that throws");
      return;
    }
    byte[] returned =
        family.compute(
            key,
            before -> {
              given[0] = before;
              return choice == 1 ? before : choice == 2 ? null : value;
            },
            options);
    world.observe(family, key, given[0], "compute");
    if (choice == 1) {
      assertArrayEquals(given[0], returned);
    } else if (choice == 2) {
      assertNull(returned);
      model.delete(family.name(), key);
    } else {
      assertArrayEquals(value, returned);
      model.put(family.name(), key, value, world.expiry(family, timeToLive));
    }
    world.count("compute");
  }

  void touch() {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    long timeToLive = random.nextInt(3) == 0 ? 0 : putAgain();
    WriteOptions options = world.anyWriteOptions(timeToLive);
    if (timeToLive == 0 && family.options().timeToLiveMillis() == 0) {
      assertThrows(IllegalArgumentException.class, () -> family.touch(key, options));
      world.count("touch without a time");
      return;
    }
    byte[] value = family.touch(key, options);
    world.observe(family, key, value, "touch");
    if (value != null) {
      model.put(family.name(), key, value, world.expiry(family, timeToLive));
    }
    world.count(value == null ? "touch of an absent key" : "touch");
  }

  private long putAgain() {
    return world.counting || random.nextInt(4) == 0 ? ModelWorld.NEVER : world.soon();
  }

  /** What would make entries vanish without a write is refused where they are counted. */
  void tryWhatCountingRefuses() {
    ColumnFamily family = world.anyFamily();
    if (!family.options().countEntries()) {
      return;
    }
    byte[] key = world.anyKey();
    WriteOptions options = world.anyWriteOptions(world.soon());
    Db db = world.db;
    assertThrows(IllegalStateException.class, () -> family.put(key, key, options));
    assertThrows(IllegalStateException.class, () -> family.touch(key, options));
    WriteBatch batch = new WriteBatch().put(family, key, key, world.clock.get() + 1);
    assertThrows(IllegalStateException.class, () -> db.write(batch));
    assertThrows(IllegalStateException.class, () -> family.deleteFilesInRange(null, null));
    world.count("refused when counting");
  }

  // ---- Merges

  void merge() {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyMergeKey();
    byte[] operand = world.anyOperand();
    family.merge(key, operand, world.anyWriteOptions());
    model.change(family.name(), key, base -> TestOperators.apply(world.operator, base, operand));
    world.count("merge");
  }

  // ---- Deletions

  void delete() {
    ColumnFamily family = world.anyFamily();
    byte[] key = world.anyKey();
    family.delete(key, world.anyWriteOptions());
    model.delete(family.name(), key);
    world.count("delete");
  }

  void deleteRange() {
    ColumnFamily family = world.anyFamily();
    Range range = anyRange();
    family.deleteRange(range.from(), range.to(), world.anyWriteOptions());
    model.deleteRange(family.name(), range.from(), range.to());
    world.count("range delete");
  }

  /** A range of keys; a bound of null is none. */
  record Range(byte[] from, byte[] to) {}

  /** A range with a few keys for the most part, and seldom one with many. */
  Range anyRange() {
    byte[] a = random.nextInt(6) == 0 ? world.singleKey() : world.anyKey();
    byte[] b = random.nextInt(6) == 0 ? world.singleKey() : world.anyKey();
    if (random.nextInt(3) > 0) {
      b = Arrays.copyOf(a, a.length + 1);
      b[a.length] = -1; // those that begin with this key
    }
    boolean swap = Arrays.compareUnsigned(a, b) > 0;
    return new Range(swap ? b : a, random.nextInt(100) == 0 ? null : swap ? a : b);
  }

  /** Puts single keys that are absent, and removes those that are present; none of them expires. */
  void putOnceOrSingleDelete() {
    ColumnFamily family = world.anyFamily();
    WriteBatch plain = new WriteBatch();
    IndexedWriteBatch indexed = new IndexedWriteBatch();
    for (int left = 1 + random.nextInt(6); left > 0; left--) {
      byte[] key = world.singleKey();
      if (model.get(family.name(), key) == null) {
        byte[] value = world.anyValue();
        plain.put(family, key, value);
        indexed.put(family, key, value);
        model.put(family.name(), key, value);
      } else {
        plain.singleDelete(family, key);
        indexed.singleDelete(family, key);
        model.delete(family.name(), key);
      }
      assertArrayEquals(model.get(family.name(), key), indexed.get(family, key));
    }
    WriteOptions options = world.anyWriteOptions(ModelWorld.NEVER);
    if (random.nextBoolean()) {
      world.db.write(plain, options);
    } else {
      world.db.write(indexed, options);
    }
    world.count("single delete");
  }

  /** Drops files of a range: the model learns what is left, which is as it was or absent. */
  void deleteFilesInRange(ColumnFamily family) {
    Range range = world.anyDroppableRange();
    byte[] from = range.from();
    byte[] to = range.to();
    int dropped = family.deleteFilesInRange(from, to);
    NavigableMap<byte[], byte[]> left = new TreeMap<>(Arrays::compareUnsigned);
    try (DbIterator cursor =
        family.iterate(ReadOptions.builder().lowerBound(from).upperBound(to).build())) {
      for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
        left.put(cursor.key(), cursor.value());
      }
    }
    NavigableMap<byte[], byte[]> before = ModelWorld.range(model.entries(family.name()), from, to);
    for (byte[] key : List.copyOf(before.keySet())) {
      byte[] value = left.remove(key);
      if (value == null && dropped > 0) {
        model.delete(family.name(), key);
        world.count("drop with a file");
      } else {
        world.observe(family, key, value, "deleteFilesInRange");
      }
    }
    assertEquals(0, left.size(), "keys that were absent before");
    world.count("deleteFilesInRange");
  }
}
