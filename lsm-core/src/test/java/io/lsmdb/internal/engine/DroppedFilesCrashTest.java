package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.engine.CrashHistory.Found;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Crashes while the files of a range are dropped. */
class DroppedFilesCrashTest {
  private static String key(int number) {
    return String.format("k%03d", number);
  }

  private static Found read(MemFileSystem image) {
    SmallStore store = new SmallStore();
    store.fs = new FaultyFileSystem(image);
    store.open();
    Found found = CrashHistory.read(store.db);
    store.close();
    return found;
  }

  @Test
  void allOfTheFilesAreThereOrNone() {
    SmallStore store = SmallStore.create();
    for (String generation : List.of("old", "new")) {
      for (int i = 0; i < 400; i++) {
        store.put(key(i), generation + i + new Random(i).longs(4).boxed().toList());
      }
      store.executors.during(store.db::compact);
    }
    Found before = CrashHistory.read(store.db);
    List<MemFileSystem> images = new ArrayList<>();
    store.fs.observe(
        (index, operation, path) -> {
          for (CrashMode mode : CrashMode.values()) {
            images.add(store.disk.crashImage(mode, index));
          }
        });
    byte[] from = CrashScript.bytes(key(50));
    byte[] to = CrashScript.bytes(key(350));
    int dropped = store.db.deleteFilesInRange(store.db.defaultColumnFamily(), from, to);
    assertTrue(dropped > 1, dropped + " files");
    Found after = CrashHistory.read(store.db);
    assertFalse(images.isEmpty());
    for (MemFileSystem image : images) {
      Found found = read(image);
      assertTrue(found.equals(before) || found.equals(after), () -> "neither: " + found);
    }
    for (CrashMode mode : CrashMode.values()) {
      assertEquals(after, read(store.disk.crashImage(mode, 1)), "durable on return, " + mode);
    }
    store.close();
  }
}
