package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Compression;
import io.lsmdb.CorruptionException;
import io.lsmdb.DbException;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.ReadOptions;
import io.lsmdb.Snapshot;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.table.TableRegions;
import io.lsmdb.internal.version.ManifestRegions;
import io.lsmdb.internal.wal.LogRegions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.HostileRegion;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Files of every type with changes under right checksums, in stores that are used in every way: a
 * typed error or some data, never another exception, an endless loop or a large allocation.
 */
class HostileFilesTest {
  private static final int KEYS = 40;
  private static final int MAX_MOVES = 1_000;
  private static final int MAX_READS = 20_000;
  private static final String PLAIN = "plain";

  /** Two families, one without merge operator; tables of several blocks without a cache. */
  private static DbOptions options(Compression compression) {
    ColumnFamilyOptions.Builder family =
        ColumnFamilyOptions.builder()
            .writeBufferSize(64 << 10)
            .blockSize(256)
            .targetFileSize(4 << 10)
            .compression(List.of(compression));
    ColumnFamilyOptions plain = family.prefixLength(2).build();
    return DbOptions.builder()
        .blockCacheSize(0)
        .familyOptions(Map.of(PLAIN, plain))
        .defaultFamilyOptions(family.prefixLength(0).mergeOperator(CrashScript.OPERATOR).build())
        .build();
  }

  private static byte[] key(int i) {
    return CrashScript.bytes(String.format("k%03d", i));
  }

  /** A closed store with every kind of entry in tables of two levels and in the log. */
  private static MemFileSystem store(DbOptions options) {
    SmallStore store = new SmallStore();
    store.options = options;
    store.open();
    ColumnFamily plain = store.db.createColumnFamily(PLAIN);
    Random random = new Random(1);
    for (int round = 0; round < 3; round++) {
      for (int i = round; i < KEYS; i += 1 + round) {
        byte[] value = CrashScript.bytes("v" + i + "-".repeat(random.nextInt(300)));
        if (i % 5 == 1) {
          store.db.merge(key(i), value);
        } else if (i % 7 == 2) {
          store.db.delete(key(i));
        } else if (i % 7 == 3) {
          store.db.put(
              key(i), value, WriteOptions.builder().timeToLive(Duration.ofDays(1)).build());
        } else {
          store.db.put(key(i), value);
        }
        plain.put(key(i), value);
      }
      plain.singleDelete(key(4 * round));
      store.db.deleteRange(key(30 + round), key(33 + round));
      if (round == 0) {
        store.flush();
        store.compact();
        store.executors.during(() -> plain.compact(null, null));
      } else if (round == 1) {
        store.flush();
      }
    }
    store.close();
    return store.disk;
  }

  /** One closed store, and what may be changed in each of its files. */
  private static final class Victim {
    private final DbOptions options;
    private final MemFileSystem disk;
    private final List<String> files;
    private final List<byte[]> contents = new ArrayList<>();
    private final List<List<HostileRegion>> regions = new ArrayList<>();
    private int refused;

    Victim(Compression compression) {
      options = options(compression);
      disk = store(options);
      files = new ArrayList<>(disk.list(CrashScript.DIRECTORY));
      files.remove("LOCK");
      for (String name : files) {
        byte[] content = DamageTest.content(disk, name);
        contents.add(content);
        if (name.endsWith(".sst")) {
          regions.add(TableRegions.of(content));
        } else if (name.endsWith(".log")) {
          regions.add(LogRegions.of(content));
        } else {
          regions.add(
              name.equals("CURRENT")
                  ? ManifestRegions.ofCurrent(content)
                  : ManifestRegions.of(content));
        }
      }
    }

    void attack(long seed) {
      Random random = new Random(seed);
      int file = random.nextInt(files.size());
      List<HostileRegion> parts = regions.get(file);
      byte[] changed = contents.get(file).clone();
      StringBuilder what = new StringBuilder("seed " + seed + ", " + files.get(file));
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        HostileRegion part = parts.get(random.nextInt(parts.size()));
        part.mutate(changed, random);
        what.append(", ").append(part.name()).append(" at ").append(part.from());
      }
      use(files.get(file), changed, what.toString());
    }

    /** Changes each byte of a file that stands under a checksum, in three ways. */
    void attackEveryByte(String name) {
      int file = files.indexOf(name);
      for (HostileRegion part : regions.get(file)) {
        for (int at = part.from(); at < part.to(); at++) {
          for (int mask : new int[] {1, 0x80, 0xFF}) {
            byte[] changed = contents.get(file).clone();
            changed[at] ^= (byte) mask;
            part.repair().accept(changed);
            use(name, changed, name + " at " + at + " with " + mask);
          }
        }
      }
    }

    private void use(String file, byte[] changed, String what) {
      MemFileSystem image = disk.crashImage(CrashMode.KEEP_ALL, 0);
      DamageTest.replace(image, file, changed);
      SmallStore store = new SmallStore();
      store.options = options;
      store.disk = image;
      store.fs = new FaultyFileSystem(image);
      AtomicInteger reads = new AtomicInteger();
      store.fs.observe(
          (index, operation, path) -> {
            if (reads.incrementAndGet() > MAX_READS) {
              throw new AssertionError("endless reading of " + path);
            }
          });
      try {
        Usage usage = new Usage(store);
        usage.openAndUse();
        refused += usage.refusals > 0 ? 1 : 0;
      } catch (Throwable e) {
        throw new AssertionError("after " + what + ": " + e, e);
      }
      assertTrue(reads.get() <= MAX_READS, "endless reading after " + what);
    }
  }

  /** Everything that is done to a store whose files may be bad; typed errors are counted. */
  private static final class Usage {
    private final SmallStore store;
    private int refusals;

    Usage(SmallStore store) {
      this.store = store;
    }

    void openAndUse() {
      attempt(
          () -> {
            store.open();
            try {
              useAll();
            } finally {
              store.close();
            }
          });
      attempt(
          () -> {
            store.open();
            try {
              read();
            } finally {
              store.close();
            }
          });
      assertEquals(List.of(), store.fs.openFiles());
    }

    private void attempt(Runnable action) {
      try {
        action.run();
      } catch (DbException e) {
        refusals++;
        checkTyped(e);
      }
    }

    /** A failure of background work has a typed cause. */
    private static void checkTyped(DbException failure) {
      for (Throwable e = failure; e != null; e = e.getCause()) {
        if (!(e instanceof DbException) && !(e instanceof IOException)) {
          throw new AssertionError("not a typed error: " + e, failure);
        }
      }
    }

    private void useAll() {
      read();
      attempt(() -> store.put("k005", "new"));
      attempt(store::flush);
      for (ColumnFamily family : store.db.columnFamilies()) {
        attempt(() -> store.executors.during(() -> family.compact(null, null)));
      }
      attempt(store.executors::runPending);
      read();
    }

    private void read() {
      for (ColumnFamily family : store.db.columnFamilies()) {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < KEYS; i += 3) {
          byte[] key = key(i);
          keys.add(key);
          attempt(() -> family.get(key));
        }
        attempt(() -> family.multiGet(keys));
        attempt(() -> scan(family, ReadOptions.DEFAULT));
        attempt(() -> scan(family, ReadOptions.prefix(CrashScript.bytes("k01"))));
        try (Snapshot snapshot = store.db.snapshot()) {
          attempt(() -> snapshot.of(family).get(key(7)));
        }
      }
    }

    private void scan(ColumnFamily family, ReadOptions options) {
      try (DbIterator it = family.iterate(options)) {
        attempt(
            () -> {
              it.seekToFirst();
              walk(it, true);
            });
        it.refresh();
        attempt(
            () -> {
              it.seekToLast();
              walk(it, false);
            });
        for (int i = 0; i < KEYS; i += 5) {
          byte[] key = key(i);
          it.refresh();
          attempt(() -> turn(it, key));
        }
      }
    }

    private static void walk(DbIterator it, boolean forward) {
      byte[] last = null;
      for (int moves = 0; it.isValid(); moves++) {
        assertTrue(moves < MAX_MOVES, "an endless scan");
        byte[] key = it.key();
        it.value();
        if (last != null) {
          int order = Arrays.compareUnsigned(key, last);
          assertTrue(forward ? order > 0 : order < 0, "keys out of order");
        }
        last = key;
        if (forward) {
          it.next();
        } else {
          it.prev();
        }
      }
    }

    private static void turn(DbIterator it, byte[] key) {
      it.seek(key);
      for (int i = 0; i < 3 && it.isValid(); i++) {
        it.next();
      }
      for (int i = 0; i < 5 && it.isValid(); i++) {
        it.prev();
      }
      it.seekForPrev(key);
      for (int i = 0; i < 3 && it.isValid(); i++) {
        it.prev();
      }
      for (int i = 0; i < 5 && it.isValid(); i++) {
        it.next();
      }
    }
  }

  private static void attack(int rounds, int attacksOfARound) {
    Seed.check(
        rounds,
        seed -> {
          Victim raw = new Victim(Compression.NONE);
          Victim packed = new Victim(Compression.LZ4);
          for (int i = 0; i < attacksOfARound; i++) {
            Victim victim = i % 4 == 0 ? packed : raw;
            victim.attack(seed * 1_000_000 + i);
          }
          int refused = raw.refused + packed.refused;
          assertTrue(refused > attacksOfARound / 4, refused + " of " + attacksOfARound);
        });
  }

  @Test
  void hostileFilesAreRefusedByTypedErrorsOrDoNoHarm() {
    attack(1, 600);
  }

  @Test
  void everyByteOfCurrentIsRefusedOrDoesNoHarm() {
    new Victim(Compression.NONE).attackEveryByte("CURRENT");
  }

  @Test
  @Tag("soak")
  void manyHostileFilesAreRefusedByTypedErrorsOrDoNoHarm() {
    attack(10, 12_000);
  }

  @Test
  @Tag("soak")
  void everyByteOfEveryFileIsRefusedOrDoesNoHarm() {
    Victim victim = new Victim(Compression.NONE);
    victim.files.forEach(victim::attackEveryByte);
  }

  @Test
  void anOperandInTheLogOfAFamilyWithoutOperatorIsNamedWithItsPlace() {
    Victim victim = new Victim(Compression.NONE);
    int found = 0;
    for (int file = 0; file < victim.files.size(); file++) {
      String name = victim.files.get(file);
      for (HostileRegion part : victim.regions.get(file)) {
        byte[] changed = victim.contents.get(file).clone();
        boolean isPut = part.name().equals("payload") && changed[part.from()] == ValueKind.PUT;
        if (name.endsWith(".log") && isPut && changed[part.from() + 1] != 0) {
          changed[part.from()] = ValueKind.MERGE;
          part.repair().accept(changed);
          SmallStore store = new SmallStore();
          store.options = victim.options;
          store.disk = victim.disk.crashImage(CrashMode.KEEP_ALL, 0);
          DamageTest.replace(store.disk, name, changed);
          store.fs = new FaultyFileSystem(store.disk);
          try {
            store.open();
            store.close(); // the operation is in a table already, and is not replayed
          } catch (CorruptionException e) {
            assertTrue(e.file().endsWith(name), e.file());
            assertTrue(e.offset() > 0 && e.offset() <= part.from(), e.getMessage());
            assertTrue(e.getMessage().contains("without merge operator"), e.getMessage());
            found++;
          }
        }
      }
    }
    assertTrue(found > 5, "puts to a family without operator in the log: " + found);
  }
}
