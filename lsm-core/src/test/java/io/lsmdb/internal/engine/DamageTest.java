package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CorruptionException;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.ReadOptions;
import io.lsmdb.StorageException;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Damage of every kind to every file of a closed store: a typed error that names the file, or right
 * data, never wrong data.
 */
class DamageTest {
  /** What may end a log that was closed, in bytes: the mark of a force, and the end record. */
  private static final int MARK_AND_END = 2 * 24;

  /** A closed store with tables in several levels, a log with content, two families. */
  private static SmallStore closedStore(long seed) {
    SmallStore store = SmallStore.create();
    ColumnFamily other = store.db.createColumnFamily("other");
    Random random = new Random(seed);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < CrashScript.KEYS; i++) {
        store.put("k" + i, "v" + random.nextInt() + "-".repeat(random.nextInt(300)));
        other.put(CrashScript.bytes("u" + i), CrashScript.bytes("v" + random.nextInt()));
      }
      store.delete("k" + round);
      if (round == 0) {
        store.flush();
        store.compact();
      } else if (round == 1) {
        store.flush();
      }
    }
    store.put("k7", "last", WriteOptions.SYNC);
    store.close();
    return store;
  }

  static byte[] content(MemFileSystem disk, String name) {
    Path file = CrashScript.DIRECTORY.resolve(name);
    byte[] bytes = new byte[(int) disk.size(file)];
    try (var in = disk.openForRead(file)) {
      int at = 0;
      while (at < bytes.length) {
        at += in.read(at, bytes, at, bytes.length - at);
      }
    }
    return bytes;
  }

  static void replace(MemFileSystem disk, String name, byte[] bytes) {
    Path file = CrashScript.DIRECTORY.resolve(name);
    disk.delete(file);
    try (WritableFile out = disk.create(file)) {
      out.append(bytes, 0, bytes.length);
    }
  }

  private interface Damage {
    void to(MemFileSystem disk);
  }

  /** One closed store and what it holds. */
  private static final class Case {
    final MemFileSystem disk;
    final CrashHistory.Found expected;
    final List<String> files;
    int refused;

    Case(long seed) {
      SmallStore store = closedStore(seed);
      disk = store.disk;
      files = new ArrayList<>(disk.list(CrashScript.DIRECTORY));
      files.remove("LOCK");
      SmallStore intact = on(copy(), CrashScript.options(false));
      intact.open();
      expected = CrashHistory.read(intact.db);
    }

    MemFileSystem copy() {
      return disk.crashImage(CrashMode.KEEP_ALL, 0);
    }

    static SmallStore on(MemFileSystem image, DbOptions options) {
      SmallStore store = new SmallStore();
      store.options = options;
      store.disk = image;
      store.fs = new FaultyFileSystem(image);
      return store;
    }

    /** Damages a copy; the file named is to be refused by name, or does not matter. */
    boolean refuses(String what, Damage damage) {
      MemFileSystem image = copy();
      damage.to(image);
      SmallStore store = on(image, CrashScript.options(false));
      boolean opened = false;
      try {
        store.open();
        opened = true;
        assertEquals(expected, CrashHistory.read(store.db), "wrong data after " + what);
        return false;
      } catch (CorruptionException e) {
        assertNotNull(e.file(), what);
        refused++;
        return true;
      } catch (StorageException e) {
        assertNotNull(e.file(), what);
        refused++;
        return true;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("after " + what + ": " + e, e);
      } finally {
        closeQuietly(store, opened, what);
      }
    }

    private static void closeQuietly(SmallStore store, boolean opened, String what) {
      if (opened) {
        try {
          store.close();
        } catch (DbException e) {
          assertNotNull(e.getMessage());
        }
      }
      assertEquals(List.of(), store.fs.openFiles(), "left open after " + what);
    }
  }

  @Test
  void flippedBitsAreFoundOrDoNoHarm() {
    Seed.check(
        1,
        seed -> {
          Random random = new Random(seed);
          Case store = new Case(seed);
          int flips = 0;
          for (String name : store.files) {
            byte[] bytes = content(store.disk, name);
            for (int i = 0; i < 120; i++) {
              int at = i < 40 && i < bytes.length ? i : random.nextInt(bytes.length);
              byte[] flipped = bytes.clone();
              flipped[at] ^= (byte) (1 << random.nextInt(8));
              String what = "a flip in " + name + " at " + at;
              store.refuses(what, disk -> replace(disk, name, flipped));
              flips++;
            }
          }
          assertTrue(store.refused > flips / 2, store.refused + " of " + flips);
        });
  }

  @Test
  void truncatedFilesAreFound() {
    Seed.check(
        1,
        seed -> {
          Random random = new Random(seed);
          Case store = new Case(seed);
          for (String name : store.files) {
            byte[] bytes = content(store.disk, name);
            for (int i = 0; i < 25; i++) {
              int length = i == 0 ? 0 : i == 1 ? bytes.length - 1 : random.nextInt(bytes.length);
              byte[] cut = Arrays.copyOf(bytes, length);
              String what = name + " cut from " + bytes.length + " to " + length;
              boolean refused = store.refuses(what, disk -> replace(disk, name, cut));
              // Without its end record a log says no more that it was closed; no data is missing,
              // nor
              // without the mark before that.
              boolean endAlone = isLog(name) && length >= bytes.length - MARK_AND_END;
              assertTrue(refused || endAlone, what + " is not noticed");
            }
          }
        });
  }

  @Test
  void missingForeignAndMisplacedFilesAreFound() {
    Seed.check(
        2,
        seed -> {
          Case store = new Case(seed);
          Case foreign = new Case(seed + 1);
          for (String name : store.files) {
            Path path = CrashScript.DIRECTORY.resolve(name);
            boolean missed = store.refuses("without " + name, disk -> disk.delete(path));
            // The oldest segments may hold nothing that is not in tables; then no data is missing.
            assertTrue(missed || isLog(name), name);
            assertTrue(
                store.refuses(
                    name + " is a directory",
                    disk -> {
                      disk.delete(path);
                      disk.createDirectories(path);
                    }),
                name + " is a directory");
            byte[] noise = new byte[5_000];
            new Random(seed).nextBytes(noise);
            assertTrue(store.refuses(name + " is noise", disk -> replace(disk, name, noise)), name);
            for (String other : store.files) {
              if (!other.equals(name)) {
                byte[] bytes = content(store.disk, other);
                String what = name + " holds " + other;
                assertTrue(store.refuses(what, disk -> replace(disk, name, bytes)), what);
              }
            }
            for (String other : foreign.files) {
              if (!other.equals("CURRENT") && kind(other).equals(kind(name))) {
                byte[] bytes = content(foreign.disk, other);
                String what = name + " holds the " + other + " of another store";
                store.refuses(what, disk -> replace(disk, name, bytes));
              }
            }
          }
        });
  }

  private static boolean isLog(String name) {
    return name.endsWith(".log");
  }

  private static String kind(String name) {
    return name.startsWith("MANIFEST-") ? "MANIFEST" : name.substring(name.lastIndexOf('.') + 1);
  }

  @Test
  void unknownVersionsAreNamed() {
    Case store = new Case(1);
    for (String name : store.files) {
      if (!name.equals("CURRENT")) {
        byte[] bytes = content(store.disk, name);
        int at = name.endsWith(".sst") ? -1 : 8;
        if (at >= 0) {
          byte[] changed = bytes.clone();
          changed[at] = 99;
          assertTrue(store.refuses("version of " + name, disk -> replace(disk, name, changed)));
        }
      }
    }
  }

  @Test
  void anErrorOfAReadNamesFileAndOffsetAndOtherReadsGoOn() {
    Case store = new Case(2);
    String table =
        store.files.stream().filter(name -> name.endsWith(".sst")).findFirst().orElseThrow();
    byte[] bytes = content(store.disk, table);
    bytes[40] ^= 1;
    MemFileSystem image = store.copy();
    replace(image, table, bytes);
    SmallStore damaged = Case.on(image, CrashScript.options(false));
    damaged.open();
    CorruptionException found =
        assertThrows(CorruptionException.class, () -> CrashHistory.read(damaged.db));
    assertTrue(found.file().endsWith(table), found.file());
    assertTrue(found.offset() >= 0, found.getMessage());
    assertEquals("last", damaged.get("k7"));
    damaged.put("k8", "new", WriteOptions.SYNC);
    assertEquals("new", damaged.get("k8"));
  }

  @Test
  void salvageOpensWithWhatIsLeftOfTheLog() {
    Seed.check(
        1,
        seed -> {
          Random random = new Random(seed);
          Case store = new Case(seed);
          DbOptions salvage =
              DbOptions.builder()
                  .salvageLog(true)
                  .defaultFamilyOptions(CrashScript.options(false).defaultFamilyOptions())
                  .build();
          int different = 0;
          for (String name : store.files) {
            for (int i = 0; isLog(name) && i < 60; i++) {
              byte[] bytes = content(store.disk, name);
              bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
              MemFileSystem image = store.copy();
              replace(image, name, i < 50 ? bytes : Arrays.copyOf(bytes, 200 + 3 * i));
              SmallStore opened = Case.on(image, salvage);
              opened.open();
              CrashHistory.Found found = CrashHistory.read(opened.db);
              different += found.equals(store.expected) ? 0 : 1;
              opened.put("k0", "after", WriteOptions.SYNC);
              opened.options = CrashScript.options(false);
              opened.reopen();
              assertEquals("after", opened.get("k0"));
              opened.close();
            }
          }
          assertTrue(different > 0);
        });
  }

  @Test
  void aDirectoryThatIsAFileIsRefused() {
    MemFileSystem disk = new MemFileSystem();
    disk.createDirectories(CrashScript.DIRECTORY.getParent());
    disk.create(CrashScript.DIRECTORY).close();
    SmallStore store = Case.on(disk, CrashScript.options(false));
    try {
      store.open();
      fail("opened");
    } catch (StorageException e) {
      assertEquals(StorageException.Reason.WRONG_FILE_TYPE, e.reason());
    }
  }

  @Test
  void aDamagedFilterFailsTheScanOfAPrefixWhichThenKeepsNoTable() {
    SmallStore store = new SmallStore();
    store.options =
        DbOptions.builder()
            .defaultFamilyOptions(ColumnFamilyOptions.builder().prefixLength(2).build())
            .build();
    store.open();
    store.put("ab1", "old");
    store.flush();
    String damaged = store.files(".sst").get(0);
    store.put("ab1", "new");
    store.flush();
    store.close();
    byte[] bytes = content(store.disk, damaged);
    int filter = Bytes.getInt(bytes, bytes.length - 76 + 16); // it follows the data
    bytes[filter] ^= 1;
    replace(store.disk, damaged, bytes);
    store.open();
    ReadOptions prefix = ReadOptions.prefix(CrashScript.bytes("ab"));
    assertThrows(CorruptionException.class, () -> store.db.iterate(prefix));
    store.compact();
    store.executors.runPending();
    assertFalse(store.files(".sst").contains(damaged), "merged, and nobody reads it any more");
    store.close();
  }
}
