package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import org.junit.jupiter.api.Test;

/** Bugs that were found, each with the shortest way to them. */
class RegressionTest {
  @Test
  void aLogSegmentThatWasNewestAtAFlushKeepsWhatCameLater() {
    MemFileSystem fs = new MemFileSystem();
    DbOptions large = DbOptions.builder().build(); // nothing is flushed by itself
    int writes = 60;
    try (Db db = TestStores.open(fs, large)) {
      db.put(key(0), key(0));
      db.flush();
      for (int i = 1; i <= writes; i++) {
        db.put(key(i), value(i, 50_000)); // several segments of 1 MiB and more
      }
      MemFileSystem found = fs.crashImage(CrashMode.KEEP_ALL, 0);
      try (Db again = TestStores.open(found, large)) {
        for (int i = 1; i <= writes; i++) {
          assertArrayEquals(value(i, 50_000), again.get(key(i)), "write " + i);
        }
      }
    }
  }

  @Test
  void replayUsesUpNoFamilyIds() {
    MemFileSystem fs = new MemFileSystem();
    MemFileSystem crashed;
    try (Db db = TestStores.open(fs)) {
      ColumnFamily family = db.createColumnFamily("dropped");
      for (int i = 0; i < 100; i++) {
        family.put(key(i), key(i));
        db.put(key(i), key(i));
      }
      db.dropColumnFamily(family);
      crashed = fs.crashImage(CrashMode.KEEP_ALL, 0);
    }
    try (Db again = TestStores.open(crashed)) {
      assertEquals(2, again.createColumnFamily("next").id());
    }
  }
}
