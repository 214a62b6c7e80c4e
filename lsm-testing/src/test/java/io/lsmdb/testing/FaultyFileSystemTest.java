package io.lsmdb.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultyFileSystemTest {
  private static final Path DIR = Path.of("/db");
  private final MemFileSystem mem = new MemFileSystem();
  private final FaultyFileSystem fs = new FaultyFileSystem(mem);

  private static Path file(String name) {
    return DIR.resolve(name);
  }

  /** Does every mutating operation once. */
  private static void everything(FileSystem fs) {
    byte[] data = new byte[1_000];
    fs.createDirectories(DIR);
    FileSystem.AutoLock lock = fs.lock(file("LOCK"));
    try (WritableFile out = fs.create(file("a"))) {
      out.append(data, 0, data.length);
      out.force();
      try (MappedFile map = fs.map(file("a"), 1_000)) {
        map.put(0, data, 0, 10);
        map.writeDurably(0, data, 0, 10);
        map.force(0, 10);
      }
      fs.rename(file("a"), file("b"));
      fs.link(file("b"), file("c"));
      fs.delete(file("b"));
      fs.forceDirectory(DIR);
    } finally {
      lock.close();
    }
  }

  @Test
  void everyMutatingOperationIsCountedObservedAndTraced() {
    List<String> observed = new ArrayList<>();
    fs.observe((index, operation, path) -> observed.add(index + " " + operation));
    everything(fs);
    assertEquals(12, fs.operations());
    assertEquals(
        List.of(
            "create directories db",
            "lock LOCK",
            "create a",
            "append a",
            "force a",
            "put a",
            "write durably a",
            "force mapped a",
            "rename a",
            "link c",
            "delete b",
            "force directory db"),
        fs.trace());
    assertEquals("1 create directories", observed.get(0));
    assertEquals("12 force directory", observed.get(11));
  }

  @Test
  void anObserverSeesTheStateBeforeTheOperation() {
    List<MemFileSystem> images = new ArrayList<>();
    fs.observe((index, operation, path) -> images.add(mem.crashImage(CrashMode.KEEP_ALL, 0)));
    everything(fs);
    assertFalse(images.get(2).exists(file("a")));
    assertEquals(0, images.get(3).size(file("a")));
    assertEquals(1_000, images.get(4).size(file("a")));
    assertTrue(images.get(8).exists(file("a")));
    assertTrue(images.get(9).exists(file("b")));
  }

  @Test
  void eachOperationCanFail() {
    for (int n = 1; n <= 12; n++) {
      for (Fault fault : Fault.values()) {
        FaultyFileSystem faulty = new FaultyFileSystem(new MemFileSystem());
        faulty.failAt(n, fault);
        StorageException e = assertThrows(StorageException.class, () -> everything(faulty));
        assertEquals(fault.reason, e.reason());
        assertEquals(n, faulty.operations());
        assertEquals(1, faulty.injectedFaults());
        assertEquals(0, faulty.openHandles(), () -> "left open: " + faulty.openFiles());
      }
    }
  }

  @Test
  void onceIsOnceAndForeverIsForever() {
    mem.createDirectories(DIR);
    fs.failAt(2, Fault.IO_ERROR_ONCE, EnumSet.of(Operation.CREATE), name -> name.endsWith(".x"));
    fs.create(file("1.y")).close();
    fs.create(file("1.x")).close();
    assertThrows(StorageException.class, () -> fs.create(file("2.x")));
    fs.create(file("2.x")).close();
    fs.failAt(1, Fault.DISK_FULL_FOREVER, EnumSet.of(Operation.CREATE), name -> true);
    for (int i = 0; i < 3; i++) {
      StorageException e = assertThrows(StorageException.class, () -> fs.create(file("3.x")));
      assertEquals(Reason.DISK_FULL, e.reason());
    }
    fs.clearFaults();
    fs.create(file("3.x")).close();
    assertEquals(Set.of("1.y", "1.x", "2.x", "3.x"), Set.copyOf(mem.list(DIR)));
  }

  @Test
  void aShortWriteLeavesHalf() {
    mem.createDirectories(DIR);
    byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    WritableFile out = fs.create(file("a"));
    fs.failAt(1, Fault.SHORT_WRITE);
    assertThrows(StorageException.class, () -> out.append(data, 0, 10));
    assertEquals(5, mem.size(file("a")));
    assertThrows(StorageException.class, () -> out.append(data, 0, 10), "failed for good");
    assertThrows(StorageException.class, out::force);
    MappedFile map = fs.map(file("a"), 5);
    fs.failAt(1, Fault.SHORT_WRITE);
    assertThrows(StorageException.class, () -> map.put(0, data, 6, 4));
    byte[] content = new byte[5];
    map.get(0, content, 0, 5);
    assertEquals(
        List.of((byte) 7, (byte) 8, (byte) 3), List.of(content[0], content[1], content[2]));
  }

  @Test
  void readsCanFailToo() {
    everything(fs);
    fs.failAt(2, Fault.IO_ERROR_ONCE, Operation.READING, name -> true);
    try (ReadableFile in = fs.openForRead(file("c"))) {
      assertThrows(StorageException.class, () -> in.read(0, new byte[1], 0, 1));
      assertEquals(1, in.read(0, new byte[1], 0, 1));
    }
    fs.failAt(1, Fault.IO_ERROR_FOREVER, Operation.READING, name -> true);
    assertThrows(StorageException.class, () -> fs.openForRead(file("c")));
    assertThrows(StorageException.class, () -> fs.list(DIR));
    assertThrows(StorageException.class, () -> fs.size(file("c")));
    assertThrows(StorageException.class, () -> fs.map(file("c"), 1));
  }

  @Test
  void openHandlesAreCountedUntilClosed() {
    fs.createDirectories(DIR);
    WritableFile out = fs.create(file("a"));
    ReadableFile in = fs.openForRead(file("a"));
    MappedFile map = fs.map(file("a"), 0);
    FileSystem.AutoLock lock = fs.lock(file("LOCK"));
    assertEquals(4, fs.openHandles());
    assertEquals(List.of("a", "a", "a", "LOCK"), fs.openFiles());
    out.close();
    out.close();
    assertEquals(3, fs.openHandles());
    in.close();
    map.close();
    lock.close();
    lock.close();
    assertEquals(0, fs.openHandles());
  }
}
