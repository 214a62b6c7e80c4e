package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.TestOperators;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * A run of random operations on a store, each compared with the model.
 *
 * <p>Not thread-safe. Draws everything from one seed.
 */
final class ModelRun implements AutoCloseable {
  private static final int MAX_FAMILIES = 5;
  private static final int MAX_SNAPSHOTS = 6;
  private static final int MAX_CURSORS = 5;
  private static final List<WriteOptions> WRITE_OPTIONS =
      List.of(WriteOptions.BUFFERED, WriteOptions.BUFFERED, WriteOptions.NO_WAL, WriteOptions.SYNC);

  private record Pinned(Snapshot snapshot, ModelDb model) {}

  private record OpenCursor(ModelCursor cursor, ColumnFamily family, Pinned snapshot) {}

  private final Random random;
  private final Function<DbOptions, Db> opener;
  private final ModelDb model = new ModelDb();
  private final Map<String, ColumnFamily> families = new TreeMap<>();
  private final List<Pinned> snapshots = new ArrayList<>();
  private final List<OpenCursor> cursors = new ArrayList<>();
  private final Map<String, Integer> performed = new HashMap<>();
  private final AtomicLong clock = new AtomicLong(1_000);
  private final int keySpace;
  private final MergeOperator operator; // null for none
  private final boolean counting; // then nothing expires

  private Db db;
  private int familyNames;
  private long values;

  /**
   * Opens the store for the first time.
   *
   * @param seed decides on everything
   * @param opener opens the store, anew after each close
   */
  ModelRun(long seed, Function<DbOptions, Db> opener) {
    this.random = new Random(seed);
    this.opener = opener;
    this.keySpace = 50 << random.nextInt(5);
    this.counting = seed % 2 == 0;
    this.operator =
        switch (random.nextInt(5)) {
          case 0 -> null; // without one the styles may include fifo
          case 1, 2 -> TestOperators.JOINING;
          default -> TestOperators.HASHING;
        };
    reopen();
  }

  /** Performs some operations, with a comparison in full at intervals and in the end. */
  void run(int operations) {
    for (int i = 0; i < operations; i++) {
      step();
      if (i % 1500 == 1499) {
        checkAll();
      }
    }
    while (!snapshots.isEmpty()) {
      releaseSnapshot(0);
    }
    checkAll();
    reopen();
    checkAll();
  }

  /** How often each kind of operation was done. */
  Map<String, Integer> performed() {
    return performed;
  }

  private void count(String what) {
    performed.merge(what, 1, Integer::sum);
  }

  private void step() {
    if (random.nextInt(10) == 0) {
      advanceClock();
    }
    int choice = random.nextInt(1000);
    if (choice < 240) {
      put();
    } else if (choice < 300) {
      if (counting) {
        put();
      } else {
        putWithExpiry();
      }
    } else if (choice < 430 && operator != null) {
      merge();
    } else if (choice < 500) {
      delete();
    } else if (choice < 520) {
      putOnceOrSingleDelete();
    } else if (choice < 535) {
      deleteRange();
    } else if (choice < 620) {
      writeBatch();
    } else if (choice < 780) {
      get();
    } else if (choice < 810) {
      multiGet();
    } else if (choice < 940) {
      moveCursor();
    } else if (choice < 960) {
      openCursor();
    } else if (choice < 970) {
      takeSnapshot();
    } else if (choice < 980 && !snapshots.isEmpty()) {
      releaseSnapshot(random.nextInt(snapshots.size()));
    } else {
      stepRarely();
    }
  }

  private void stepRarely() {
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> {
        db.flush();
        count("flush");
      }
      case 3 -> {
        db.flush(List.of(anyFamily()));
        count("flush of one");
      }
      case 4, 5 -> compact();
      case 6 -> cancelCompaction();
      case 7, 8 -> createFamily();
      case 9 -> dropFamily();
      case 10 -> {
        if (random.nextInt(4) == 0) {
          reopen();
        }
      }
      default -> {
        if (!cursors.isEmpty()) {
          refreshCursor();
        }
      }
    }
  }

  // ---- Choosing

  private ColumnFamily anyFamily() {
    List<ColumnFamily> all = new ArrayList<>(families.values());
    return all.get(random.nextInt(all.size()));
  }

  private byte[] anyKey() {
    int number = random.nextInt(keySpace);
    return switch (number % 5) {
      case 0 -> new byte[] {(byte) (number / 5), (byte) number};
      case 1 -> TestStores.bytes("a-long-common-prefix/" + number);
      case 2 -> number == 2 ? new byte[0] : Arrays.copyOf(new byte[] {-1, -1, -1}, number % 7);
      case 3 -> TestStores.bytes(number + "/" + "x".repeat(number % 300));
      default -> TestStores.key(number);
    };
  }

  private byte[] anyValue() {
    values++;
    int length =
        switch (random.nextInt(200)) {
          case 0 -> 0;
          case 1 -> 70_000;
          case 2, 3, 4, 5 -> 5_000;
          default -> random.nextInt(300);
        };
    byte[] value = TestStores.value(values, length);
    if (random.nextBoolean()) {
      Arrays.fill(value, length / 4, length, (byte) values); // compressible
    }
    return value;
  }

  private WriteOptions anyWriteOptions() {
    return WRITE_OPTIONS.get(random.nextInt(WRITE_OPTIONS.size()));
  }

  private ReadOptions anyBounds() {
    return switch (random.nextInt(4)) {
      case 0 -> ReadOptions.DEFAULT;
      case 1 -> anyPrefix();
      default -> {
        byte[] a = random.nextInt(4) == 0 ? null : anyKey();
        byte[] b = random.nextInt(4) == 0 ? null : anyKey();
        boolean swap = a != null && b != null && Arrays.compareUnsigned(a, b) > 0;
        yield ReadOptions.builder()
            .lowerBound(swap ? b : a)
            .upperBound(swap ? a : b)
            .fillCache(random.nextBoolean())
            .build();
      }
    };
  }

  /** A prefix that some key may have, or none. */
  private ReadOptions anyPrefix() {
    byte[] key = random.nextInt(4) == 0 ? singleKey() : anyKey();
    byte[] prefix = Arrays.copyOf(key, random.nextInt(8)); // zeros behind a shorter key
    return ReadOptions.builder()
        .prefix(prefix)
        .lowerBound(random.nextInt(4) == 0 ? prefix : null)
        .build();
  }

  /** A key that is only ever put once and then single-deleted, over and over. */
  private byte[] singleKey() {
    return TestStores.bytes("single/" + random.nextInt(20));
  }

  // ---- Writing

  private void put() {
    ColumnFamily family = anyFamily();
    byte[] key = anyKey();
    byte[] value = anyValue();
    db.put(family, key, value, anyWriteOptions());
    model.put(family.name(), key, value);
    count("put");
  }

  private void putWithExpiry() {
    ColumnFamily family = anyFamily();
    byte[] key = anyKey();
    byte[] value = anyValue();
    int timeToLive = 1 + random.nextInt(random.nextBoolean() ? 50 : 5_000);
    Durability durability = anyWriteOptions().durability();
    WriteOptions options =
        WriteOptions.builder()
            .durability(durability)
            .timeToLive(Duration.ofMillis(timeToLive))
            .build();
    if (random.nextBoolean()) {
      db.put(family, key, value, options);
    } else {
      WriteBatch batch = new WriteBatch();
      batch.put(family, key, value);
      db.write(batch, options);
    }
    model.put(family.name(), key, value, clock.get() + timeToLive);
    count("put with expiry");
  }

  /** Lets time pass, also for the snapshots. */
  private void advanceClock() {
    long now = clock.addAndGet(random.nextInt(20));
    model.expire(now);
    snapshots.forEach(pinned -> pinned.model().expire(now));
  }

  private void delete() {
    ColumnFamily family = anyFamily();
    byte[] key = anyKey();
    db.delete(family, key, anyWriteOptions());
    model.delete(family.name(), key);
    count("delete");
  }

  private void deleteRange() {
    ColumnFamily family = anyFamily();
    WriteBatch batch = new WriteBatch();
    addRange(batch, family);
    db.write(batch, anyWriteOptions());
    count("range delete");
  }

  /** Adds a range with a few keys for the most part, and seldom one with many. */
  private void addRange(WriteBatch batch, ColumnFamily family) {
    byte[] a = random.nextInt(6) == 0 ? singleKey() : anyKey();
    byte[] b = random.nextInt(6) == 0 ? singleKey() : anyKey();
    if (random.nextInt(3) > 0) {
      b = Arrays.copyOf(a, a.length + 1);
      b[a.length] = -1; // those that begin with this key
    }
    boolean swap = Arrays.compareUnsigned(a, b) > 0;
    byte[] from = swap ? b : a;
    byte[] to = random.nextInt(100) == 0 ? null : swap ? a : b;
    batch.deleteRange(family, from, to);
    model.deleteRange(family.name(), from, to);
  }

  private void putOnceOrSingleDelete() {
    ColumnFamily family = anyFamily();
    WriteBatch batch = new WriteBatch();
    for (int left = 1 + random.nextInt(6); left > 0; left--) {
      byte[] key = singleKey();
      if (model.get(family.name(), key) == null) {
        byte[] value = anyValue();
        batch.put(family, key, value);
        model.put(family.name(), key, value);
      } else {
        batch.singleDelete(family, key);
        model.delete(family.name(), key);
      }
    }
    db.write(batch, anyWriteOptions());
    count("single delete");
  }

  private void merge() {
    ColumnFamily family = anyFamily();
    byte[] key = anyKey();
    byte[] operand = anyOperand();
    db.merge(family, key, operand, anyWriteOptions());
    mergeIntoModel(family, key, operand);
    count("merge");
  }

  private byte[] anyOperand() {
    return random.nextInt(4) == 0 ? anyValue() : TestStores.value(++values, random.nextInt(40));
  }

  private void mergeIntoModel(ColumnFamily family, byte[] key, byte[] operand) {
    model.change(family.name(), key, base -> TestOperators.apply(operator, base, operand));
  }

  private void writeBatch() {
    WriteBatch batch = new WriteBatch();
    for (int left = random.nextInt(12); left > 0; left--) {
      ColumnFamily family = anyFamily();
      byte[] key = anyKey();
      if (random.nextInt(50) == 0) {
        addRange(batch, family);
        continue;
      }
      switch (operator == null ? random.nextInt(2) * 2 : random.nextInt(4)) {
        case 0 -> {
          batch.delete(family, key);
          model.delete(family.name(), key);
        }
        case 1 -> {
          byte[] operand = anyOperand();
          batch.merge(family, key, operand);
          mergeIntoModel(family, key, operand);
        }
        case 2 -> {
          byte[] value = anyValue();
          long expiry = counting ? Long.MAX_VALUE : clock.get() + random.nextInt(1_000);
          if (counting) {
            batch.put(family, key, value);
          } else {
            batch.put(family, key, value, expiry);
          }
          model.put(family.name(), key, value, expiry);
        }
        default -> {
          byte[] value = anyValue();
          batch.put(family, key, value);
          model.put(family.name(), key, value);
        }
      }
    }
    db.write(batch, anyWriteOptions());
    model.expire(clock.get());
    count("batch");
  }

  // ---- Reading

  /** A view with its model: the store itself or one of the snapshots. */
  private Pinned anyView() {
    return snapshots.isEmpty() || random.nextBoolean()
        ? null
        : snapshots.get(random.nextInt(snapshots.size()));
  }

  private ReadView viewOf(Pinned pinned) {
    return pinned == null ? db : pinned.snapshot();
  }

  private NavigableMap<byte[], byte[]> entries(Pinned pinned, ColumnFamily family) {
    ModelDb seen = pinned == null ? model : pinned.model();
    return seen.families().contains(family.name())
        ? seen.entries(family.name())
        : new TreeMap<>(Arrays::compareUnsigned); // created after the snapshot
  }

  private void get() {
    ColumnFamily family = anyFamily();
    Pinned pinned = anyView();
    byte[] key = anyKey();
    byte[] expected = entries(pinned, family).get(key);
    assertArrayEquals(expected, viewOf(pinned).get(family, key), () -> "get " + ModelDb.show(key));
    count(expected == null ? "get of an absent key" : "get");
  }

  private void multiGet() {
    ColumnFamily family = anyFamily();
    Pinned pinned = anyView();
    List<byte[]> keys = new ArrayList<>();
    for (int left = random.nextInt(20); left > 0; left--) {
      keys.add(anyKey());
    }
    List<byte[]> values = viewOf(pinned).multiGet(family, keys);
    assertEquals(keys.size(), values.size());
    for (int i = 0; i < values.size(); i++) {
      byte[] key = keys.get(i);
      assertArrayEquals(
          entries(pinned, family).get(key), values.get(i), () -> "multiGet " + ModelDb.show(key));
    }
    count("multiGet");
  }

  private void openCursor() {
    if (cursors.size() == MAX_CURSORS) {
      cursors.remove(random.nextInt(cursors.size())).cursor().close();
    }
    ColumnFamily family = anyFamily();
    Pinned pinned = anyView();
    cursors.add(
        new OpenCursor(
            new ModelCursor(viewOf(pinned), family, anyBounds(), entries(pinned, family)),
            family,
            pinned));
    count("iterate");
  }

  private void moveCursor() {
    if (!cursors.isEmpty()) {
      ModelCursor cursor = cursors.get(random.nextInt(cursors.size())).cursor();
      for (int left = random.nextInt(8); left >= 0; left--) {
        cursor.step(random, anyKey());
        count("move");
      }
    }
  }

  private void refreshCursor() {
    OpenCursor open = cursors.get(random.nextInt(cursors.size()));
    boolean isGone =
        families.get(open.family().name()) != open.family()
            || (open.snapshot() != null && !snapshots.contains(open.snapshot()));
    if (isGone) {
      open.cursor().refreshInVain();
    } else {
      open.cursor().refresh(entries(open.snapshot(), open.family()));
      count("refresh");
    }
  }

  // ---- Snapshots

  private void takeSnapshot() {
    if (snapshots.size() == MAX_SNAPSHOTS) {
      releaseSnapshot(random.nextInt(snapshots.size()));
    }
    snapshots.add(new Pinned(db.snapshot(), model.snapshot()));
    count("snapshot");
  }

  /** Reads a snapshot in full for the last time. */
  private void releaseSnapshot(int index) {
    Pinned pinned = snapshots.remove(index);
    checkView(pinned.snapshot(), pinned.model());
    pinned.snapshot().close();
  }

  // ---- Compactions

  private void compact() {
    byte[] a = random.nextInt(3) == 0 ? null : anyKey();
    byte[] b = random.nextInt(3) == 0 ? null : anyKey();
    boolean swap = a != null && b != null && Arrays.compareUnsigned(a, b) > 0;
    db.compact(anyFamily(), swap ? b : a, swap ? a : b);
    count("compact");
  }

  private void cancelCompaction() {
    CompletableFuture<Void> compaction = db.compactAsync(anyFamily(), null, null);
    if (random.nextBoolean()) {
      Thread.onSpinWait();
    }
    compaction.cancel(true);
    count("cancelled compaction");
  }

  // ---- Families

  private void createFamily() {
    if (families.size() < MAX_FAMILIES) {
      String name = "family " + familyNames++ % MAX_FAMILIES;
      if (!families.containsKey(name)) {
        families.put(name, db.createColumnFamily(name));
        model.createFamily(name);
        snapshots.forEach(
            pinned -> {
              if (pinned.model().families().contains(name)) {
                pinned.model().dropFamily(name); // the snapshot saw a former family of that name
              }
            });
        count("createColumnFamily");
      }
    }
  }

  private void dropFamily() {
    ColumnFamily family = anyFamily();
    if (family.id() == 0) {
      assertThrows(IllegalArgumentException.class, () -> db.dropColumnFamily(family));
      return;
    }
    db.dropColumnFamily(family);
    families.remove(family.name());
    model.dropFamily(family.name());
    assertThrows(DbClosedException.class, () -> db.get(family, anyKey()));
    count("dropColumnFamily");
  }

  // ---- Closing and comparing

  private void reopen() {
    close();
    db = opener.apply(TestStores.randomOptions(random, operator, clock::get, counting));
    families.clear();
    db.columnFamilies().forEach(family -> families.put(family.name(), family));
    assertEquals(model.families(), families.keySet());
    count("open");
  }

  private void checkAll() {
    checkView(db, model);
    for (ColumnFamily family : families.values()) {
      if (family.options().countEntries()) {
        assertEquals(model.entries(family.name()).size(), db.entryCount(family));
        count("entryCount");
      }
    }
    snapshots.forEach(pinned -> checkView(pinned.snapshot(), pinned.model()));
  }

  private void checkView(ReadView view, ModelDb expected) {
    for (ColumnFamily family : families.values()) {
      if (expected.families().contains(family.name())) {
        expected.check(view, family);
      }
    }
  }

  @Override
  public void close() {
    if (db == null) {
      return;
    }
    cursors.forEach(open -> open.cursor().close());
    cursors.clear();
    snapshots.forEach(pinned -> pinned.snapshot().close());
    snapshots.clear();
    db.close();
    db = null;
  }
}
