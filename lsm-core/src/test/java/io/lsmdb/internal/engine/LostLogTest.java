package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.CorruptionException;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Log segments that disappear as whole files after a clean close. */
class LostLogTest {
  private static final int WRITES = 60;

  /** A closed store whose log has several segments, none of which is in tables. */
  private static SmallStore closedStore() {
    SmallStore store = SmallStore.create();
    for (int i = 0; i < WRITES; i++) {
      store.put("k" + i, "v".repeat(300));
    }
    store.close();
    return store;
  }

  private static SmallStore without(SmallStore store, List<String> names) {
    SmallStore copy = new SmallStore();
    copy.disk = store.disk.crashImage(CrashMode.KEEP_ALL, 0);
    names.forEach(name -> copy.disk.delete(CrashScript.DIRECTORY.resolve(name)));
    copy.fs = new FaultyFileSystem(copy.disk);
    return copy;
  }

  private static DbOptions salvage() {
    return DbOptions.builder()
        .salvageLog(true)
        .defaultFamilyOptions(CrashScript.options(false).defaultFamilyOptions())
        .build();
  }

  private static int present(SmallStore store) {
    int present = 0;
    for (int i = 0; i < WRITES; i++) {
      present += store.get("k" + i) == null ? 0 : 1;
    }
    return present;
  }

  @Test
  void eachSegmentThatIsMissingAfterACleanCloseIsNoticedAtEveryOpening() {
    SmallStore store = closedStore();
    List<String> segments = store.files(".log");
    assertTrue(segments.size() >= 3, segments.toString());
    for (int i = 0; i < segments.size(); i++) {
      for (int j = i; j < segments.size(); j++) {
        List<String> missing = segments.subList(i, j + 1);
        SmallStore damaged = without(store, missing);
        String what = "without " + missing + " of " + segments;
        for (int opening = 0; opening < 3; opening++) {
          CorruptionException e = assertThrows(CorruptionException.class, damaged::open, what);
          if (j == segments.size() - 1) {
            assertTrue(e.getMessage().contains("salvageLog"), e.getMessage());
          }
          assertEquals(List.of(), damaged.fs.openFiles(), what);
        }
      }
    }
  }

  @Test
  void aSegmentThatIsPutBackAfterARefusalIsRead() {
    SmallStore store = closedStore();
    List<String> segments = store.files(".log");
    String newest = segments.get(segments.size() - 1);
    SmallStore damaged = without(store, List.of());
    damaged.disk.rename(
        CrashScript.DIRECTORY.resolve(newest), CrashScript.DIRECTORY.resolve("elsewhere"));
    assertThrows(CorruptionException.class, damaged::open);
    damaged.disk.rename(
        CrashScript.DIRECTORY.resolve("elsewhere"), CrashScript.DIRECTORY.resolve(newest));
    damaged.open();
    assertEquals(WRITES, present(damaged));
    damaged.close();
  }

  @Test
  void salvageOpensWithoutTheNewestSegmentsOnceAndForAll() {
    SmallStore store = closedStore();
    List<String> segments = store.files(".log");
    for (int i = 0; i < segments.size(); i++) {
      SmallStore damaged = without(store, segments.subList(i, segments.size()));
      damaged.options = salvage();
      damaged.open();
      int left = present(damaged);
      assertTrue(i == 0 ? left == 0 : left > 0 && left < WRITES, left + " left");
      damaged.options = CrashScript.options(false);
      damaged.reopen();
      assertEquals(left, present(damaged));
      damaged.put("k", "after", WriteOptions.SYNC);
      damaged.reopen();
      assertEquals("after", damaged.get("k"));
      damaged.close();
    }
  }

  @Test
  void aSegmentIsAlsoMissedAfterOpeningsThatWroteNothing() {
    SmallStore store = closedStore();
    store.open();
    store.reopen();
    store.close();
    List<String> segments = store.files(".log");
    SmallStore damaged = without(store, segments.subList(segments.size() - 1, segments.size()));
    assertThrows(CorruptionException.class, damaged::open);
  }

  @Test
  void storesWithLittleOrNothingInTheirLogOpen() {
    SmallStore store = SmallStore.create();
    store.reopen();
    store.put("a", "unlogged", WriteOptions.NO_WAL);
    store.reopen();
    assertEquals("unlogged", store.get("a"));
    ColumnFamily dropped = store.db.createColumnFamily("dropped");
    dropped.put(CrashScript.bytes("b"), CrashScript.bytes("unlogged"), WriteOptions.NO_WAL);
    store.db.dropColumnFamily(dropped);
    store.reopen();
    store.put("c", "logged");
    store.put("d", "unlogged", WriteOptions.NO_WAL);
    store.reopen();
    store.flush();
    store.reopen();
    assertNull(store.get("b"));
    assertEquals("logged", store.get("c"));
    assertEquals("unlogged", store.get("d"));
    store.close();
  }

  @Test
  void aStoreWhoseLogHasFailedPromisesNothingAboutItsEnd() {
    SmallStore store = closedStore();
    store.open();
    store.put("buffered", "v");
    store.fs.failAt(
        1,
        Fault.IO_ERROR_ONCE,
        Set.of(Operation.FORCE, Operation.FORCE_MAPPED, Operation.WRITE_DURABLY),
        name -> true);
    assertThrows(DbException.class, () -> store.put("synced", "v", WriteOptions.SYNC));
    try {
      store.close();
    } catch (DbException e) {
      assertTrue(store.fs.openFiles().isEmpty());
    }
    MemFileSystem image = store.disk.crashImage(CrashMode.DROP_ALL, 0);
    store.disk = image;
    store.fs = new FaultyFileSystem(image);
    store.open();
    assertEquals(WRITES, present(store));
    store.close();
  }
}
