package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CompactionStyle;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.CrashHistory.Found;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Crashes while files are dropped unread: those of a range, or the oldest by size. */
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
    int dropped = store.db.deleteFilesInRange(from, to);
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

  /** What a crash leaves while a memtable is flushed, and how many puts came before. */
  private record Image(MemFileSystem disk, int puts) {}

  private static final int FIFO_BYTES = 64 << 10;
  private static final int VALUE_BYTES = 3_000;

  private static byte[] value(int number) {
    byte[] value = new byte[VALUE_BYTES];
    new Random(number).nextBytes(value);
    return value;
  }

  private static SmallStore fifo(MemFileSystem disk) {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder()
            .writeBufferSize(FIFO_BYTES)
            .compactionStyle(CompactionStyle.fifo().maxBytes(FIFO_BYTES))
            .build();
    SmallStore store = new SmallStore();
    store.options = DbOptions.builder().defaultFamilyOptions(family).build();
    store.disk = disk;
    store.fs = new FaultyFileSystem(disk);
    store.open();
    return store;
  }

  /** The keys that are left are the last ones written, without a gap, and not too few. */
  private static int checkNewest(Image image) {
    SmallStore store = fifo(image.disk());
    int first = -1;
    int next = -1;
    try (DbIterator all = store.db.iterate()) {
      for (all.seekToFirst(); all.isValid(); all.next()) {
        int number =
            Integer.parseInt(new String(all.key(), StandardCharsets.US_ASCII).substring(1));
        assertTrue(next < 0 || number == next, "a gap before " + number);
        assertArrayEquals(value(number), all.value());
        first = first < 0 ? number : first;
        next = number + 1;
      }
    }
    store.close();
    int puts = image.puts();
    assertEquals(puts, next);
    int kept = (FIFO_BYTES - FIFO_BYTES / 4) / VALUE_BYTES;
    assertTrue(next - first >= Math.min(puts, kept), "only from " + first + " to " + next);
    return first;
  }

  @Test
  void ofAFifoFamilyTheNewestArePresentWithoutAGap() {
    SmallStore store = fifo(new MemFileSystem());
    List<Image> images = new ArrayList<>();
    MemFileSystem disk = store.disk;
    for (int i = 0; i < 36; i++) {
      int puts = i + 1;
      store.db.put(CrashScript.bytes(key(i)), value(i), WriteOptions.SYNC);
      if (puts % 4 == 0) {
        store.fs.observe(
            (index, operation, path) -> {
              for (CrashMode mode : CrashMode.values()) {
                images.add(new Image(disk.crashImage(mode, index), puts));
              }
            });
        store.flush();
        store.executors.runPending();
        store.fs.observe((index, operation, path) -> {});
      }
    }
    store.close();
    int firstAtEnd = 0;
    for (Image image : images) {
      firstAtEnd = checkNewest(image);
    }
    assertTrue(firstAtEnd > 8, "dropped up to " + firstAtEnd);
  }
}
