package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.ModelWorld.Pinned;
import io.lsmdb.testing.ModelDb;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * A run of random operations on a store, each compared with the model: the choice among them, and
 * those on the store as a whole.
 *
 * <p>Not thread-safe. Draws everything from one seed.
 */
final class ModelRun implements AutoCloseable {
  private static final int MAX_FAMILIES = 5;
  private static final int MAX_SNAPSHOTS = 6;

  private final ModelWorld world;
  private final Random random;
  private final ModelDb model;
  private final ModelWrites writes;
  private final ModelBatches batches;
  private final ModelReads reads;
  private final Function<DbOptions, Db> opener;

  private int familyNames;

  /**
   * Opens the store for the first time.
   *
   * @param seed decides on everything
   * @param opener opens the store, anew after each close
   */
  ModelRun(long seed, Function<DbOptions, Db> opener) {
    this.world = new ModelWorld(seed);
    this.random = world.random;
    this.model = world.model;
    this.writes = new ModelWrites(world);
    this.batches = new ModelBatches(world, writes);
    this.reads = new ModelReads(world);
    this.opener = opener;
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
    while (!world.snapshots.isEmpty()) {
      releaseSnapshot(0);
    }
    checkAll();
    reopen();
    checkAll();
  }

  /** How often each kind of operation was done. */
  Map<String, Integer> performed() {
    return world.performed();
  }

  private void step() {
    if (random.nextInt(10) == 0) {
      advanceClock();
    }
    int choice = random.nextInt(1000);
    if (choice < 500) {
      write(choice);
    } else if (choice < 960) {
      read(choice - 500);
    } else if (choice < 970) {
      takeSnapshot();
    } else if (choice < 980 && !world.snapshots.isEmpty()) {
      releaseSnapshot(random.nextInt(world.snapshots.size()));
    } else {
      stepRarely();
    }
  }

  private void write(int choice) {
    if (choice < 160) {
      writes.put();
    } else if (choice < 200) {
      writes.putWithTimeToLive();
    } else if (choice < 225) {
      writes.touch();
    } else if (choice < 245) {
      writes.compute();
    } else if (choice < 260) {
      writes.putIfAbsent();
    } else if (choice < 350 && world.operator != null) {
      writes.merge();
    } else if (choice < 390) {
      writes.delete();
    } else if (choice < 410) {
      writes.putOnceOrSingleDelete();
    } else if (choice < 420) {
      writes.deleteRange();
    } else if (choice < 424) {
      deleteFilesInRange();
    } else if (choice < 426) {
      writes.tryWhatCountingRefuses();
    } else if (choice < 475) {
      batches.write();
    } else {
      batches.readAndWrite();
    }
  }

  private void read(int choice) {
    if (choice < 150) {
      reads.get();
    } else if (choice < 180) {
      reads.multiGet();
    } else if (choice < 210) {
      reads.containsKey();
    } else if (choice < 220) {
      reads.stream();
    } else if (choice < 225) {
      reads.approximateSize();
    } else if (choice < 240) {
      reads.entryCount();
    } else if (choice < 420) {
      reads.moveCursor();
    } else if (choice < 440) {
      reads.refreshCursor();
    } else {
      reads.openCursor();
    }
  }

  private void stepRarely() {
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> {
        world.db.flush();
        world.count("flush");
      }
      case 3 -> {
        world.db.flush(List.of(world.anyFamily()));
        world.count("flush of one");
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
      default -> reads.refreshCursor();
    }
  }

  /** Lets time pass, also for the snapshots. */
  private void advanceClock() {
    long now = world.clock.addAndGet(random.nextInt(20));
    model.expire(now);
    world.snapshots.forEach(pinned -> pinned.model().expire(now));
  }

  // ---- Snapshots

  private void takeSnapshot() {
    if (world.snapshots.size() == MAX_SNAPSHOTS) {
      releaseSnapshot(random.nextInt(world.snapshots.size()));
    }
    world.snapshots.add(new Pinned(world.settledSnapshot(), model.snapshot()));
    world.count("snapshot");
  }

  /** Reads a snapshot in full for the last time. */
  private void releaseSnapshot(int index) {
    Pinned pinned = world.snapshots.remove(index);
    checkView(pinned.snapshot(), pinned.model());
    pinned.snapshot().close();
  }

  // ---- Compactions

  private void compact() {
    byte[] a = random.nextInt(3) == 0 ? null : world.anyKey();
    byte[] b = random.nextInt(3) == 0 ? null : world.anyKey();
    boolean swap = a != null && b != null && Arrays.compareUnsigned(a, b) > 0;
    world.anyFamily().compact(swap ? b : a, swap ? a : b);
    world.count("compact");
  }

  private void cancelCompaction() {
    CompletableFuture<Void> compaction = world.anyFamily().compactAsync(null, null);
    if (random.nextBoolean()) {
      Thread.onSpinWait();
    }
    compaction.cancel(true);
    world.count("cancelled compaction");
  }

  /** Half of the times when all is in the last level, and no snapshot holds a file back. */
  private void deleteFilesInRange() {
    if (world.counting) {
      return; // some families do not count for a while, but their keys are merged
    }
    ColumnFamily family = world.anyFamily();
    if (random.nextBoolean()) {
      while (!world.snapshots.isEmpty()) {
        releaseSnapshot(0);
      }
      family.compact(null, null);
    }
    writes.deleteFilesInRange(family);
  }

  // ---- Families

  private void createFamily() {
    if (world.families.size() < MAX_FAMILIES) {
      String name = "family " + familyNames++ % MAX_FAMILIES;
      if (!world.families.containsKey(name)) {
        world.families.put(name, world.db.createColumnFamily(name));
        model.createFamily(name);
        world.snapshots.forEach(
            pinned -> {
              if (pinned.model().families().contains(name)) {
                pinned.model().dropFamily(name); // the snapshot saw a former family of that name
              }
            });
        world.count("createColumnFamily");
      }
    }
  }

  private void dropFamily() {
    Db db = world.db;
    ColumnFamily family = world.anyFamily();
    if (family.id() == 0) {
      assertThrows(IllegalArgumentException.class, () -> db.dropColumnFamily(family));
      return;
    }
    db.dropColumnFamily(family);
    world.families.remove(family.name());
    model.dropFamily(family.name());
    assertThrows(DbClosedException.class, () -> family.get(world.anyKey()));
    world.count("dropColumnFamily");
  }

  // ---- Closing and comparing

  private void reopen() {
    close();
    boolean filter = world.filtering && random.nextInt(4) > 0;
    world.db =
        opener.apply(
            TestStores.randomOptions(
                random,
                world.operator,
                world.clock::get,
                world.counting,
                filter ? MarkedKeys::filter : null));
    world.families.clear();
    world.db.columnFamilies().forEach(family -> world.families.put(family.name(), family));
    assertEquals(model.families(), world.families.keySet());
    world.count("open");
  }

  private void checkAll() {
    if (world.filtering) {
      try (Snapshot now = world.settledSnapshot()) {
        checkView(now, model);
      }
    } else {
      checkView(null, model);
    }
    for (ColumnFamily family : world.families.values()) {
      if (family.options().countEntries()) {
        assertEquals(model.entries(family.name()).size(), family.entryCount());
      }
    }
    world.snapshots.forEach(pinned -> checkView(pinned.snapshot(), pinned.model()));
  }

  /** Compares all families with a model, in a snapshot or, if that is null, now. */
  private void checkView(Snapshot snapshot, ModelDb expected) {
    for (ColumnFamily family : world.families.values()) {
      if (expected.families().contains(family.name())) {
        ReadView view = snapshot == null ? family : snapshot.of(family);
        expected.check(view, family.name());
      }
    }
  }

  @Override
  public void close() {
    if (world.db == null) {
      return;
    }
    reads.closeCursors();
    world.snapshots.forEach(pinned -> pinned.snapshot().close());
    world.snapshots.clear();
    world.db.close();
    world.db = null;
  }
}
