package io.lsmdb.internal.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbLockedException;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What every {@link FileSystem} does, whatever it stands on. */
abstract class FileSystemContract {
  protected FileSystem fs;
  protected Path dir;

  /** Makes the file system and an existing, empty directory in it. */
  abstract void open() throws Exception;

  @BeforeEach
  void setUp() throws Exception {
    open();
  }

  protected Path file(String name) {
    return dir.resolve(name);
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  protected void write(Path file, byte[] content) {
    try (WritableFile out = fs.create(file)) {
      out.append(content, 0, content.length);
      out.force();
    }
  }

  protected byte[] read(Path file) {
    try (ReadableFile in = fs.openForRead(file)) {
      byte[] content = new byte[(int) in.size()];
      assertEquals(content.length, in.read(0, content, 0, content.length));
      return content;
    }
  }

  protected static StorageException assertReason(Reason reason, Executable call) {
    StorageException e = assertThrows(StorageException.class, call);
    assertEquals(reason, e.reason(), e.getMessage());
    return e;
  }

  @Test
  void appendedBytesAreReadBack() {
    byte[] content = random(300_000, 1);
    Path file = file("a");
    try (WritableFile out = fs.create(file)) {
      out.append(content, 0, 10);
      assertEquals(10, out.size());
      out.append(content, 10, content.length - 10);
      out.append(content, 5, 0);
      assertEquals(content.length, out.size());
      try (ReadableFile in = fs.openForRead(file)) {
        assertEquals(content.length, in.size(), "handed over before append returns");
      }
      out.force();
    }
    assertArrayEquals(content, read(file));
    assertEquals(content.length, fs.size(file));
  }

  @Test
  void readsArePositionedAndShortOnlyAtTheEnd() {
    byte[] content = random(200_000, 2);
    write(file("a"), content);
    try (ReadableFile in = fs.openForRead(file("a"))) {
      byte[] to = new byte[150_000];
      assertEquals(150_000, in.read(1_000, to, 0, 150_000));
      assertArrayEquals(Arrays.copyOfRange(content, 1_000, 151_000), to);
      assertEquals(7, in.read(199_993, to, 3, 100));
      assertArrayEquals(
          Arrays.copyOfRange(content, 199_993, 200_000), Arrays.copyOfRange(to, 3, 10));
      assertEquals(content[1_010], to[10], "nothing is touched behind what was read");
      assertEquals(0, in.read(200_000, to, 0, 100));
      assertEquals(0, in.read(1L << 40, to, 0, 100));
      assertEquals(0, in.read(0, to, 0, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> in.read(0, to, 149_999, 2));
    }
  }

  @Test
  void createRefusesAnExistingFile() {
    write(file("a"), bytes("one"));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.create(file("a")));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.create(dir));
    assertArrayEquals(bytes("one"), read(file("a")));
  }

  @Test
  void missingFilesAreNotFound() {
    Path missing = file("missing");
    assertReason(Reason.NOT_FOUND, () -> fs.openForRead(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.map(missing, 10));
    assertReason(Reason.NOT_FOUND, () -> fs.size(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.delete(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.rename(missing, file("b")));
    assertReason(Reason.NOT_FOUND, () -> fs.link(missing, file("b")));
    assertReason(Reason.NOT_FOUND, () -> fs.list(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.forceDirectory(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.realPath(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.create(missing.resolve("a")));
    assertReason(Reason.NOT_FOUND, () -> fs.lock(missing.resolve("LOCK")));
    assertReason(Reason.NOT_FOUND, () -> fs.freeSpace(missing));
    assertReason(Reason.NOT_FOUND, () -> fs.reservesByZeroFill(missing));
    StorageException e = assertThrows(StorageException.class, () -> fs.openForRead(missing));
    assertTrue(e.file().endsWith("missing"), e.file());
  }

  @Test
  void directoriesAreNotFiles() {
    Path sub = file("sub");
    fs.createDirectories(sub);
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.openForRead(sub));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.map(sub, 0));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.size(sub));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.delete(sub));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.link(sub, file("b")));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.lock(sub));
    write(file("a"), bytes("x"));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.rename(file("a"), sub));
  }

  @Test
  void filesAreNotDirectories() {
    write(file("a"), bytes("x"));
    Path below = file("a").resolve("b");
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.createDirectories(file("a")));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.createDirectories(below));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.create(below));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.list(file("a")));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.forceDirectory(file("a")));
    assertFalse(fs.exists(below));
  }

  @Test
  void createDirectoriesMakesParentsAndIsIdempotent() {
    Path deep = dir.resolve("x").resolve("y").resolve("z");
    fs.createDirectories(deep);
    fs.createDirectories(deep);
    assertTrue(fs.exists(deep));
    write(deep.resolve("a"), bytes("x"));
    assertEquals(Set.of("a"), Set.copyOf(fs.list(deep)));
    assertEquals(Set.of("x"), Set.copyOf(fs.list(dir)));
    assertEquals(fs.realPath(deep), fs.realPath(deep.resolve("..").resolve("z")));
  }

  @Test
  void renameReplacesTheTarget() {
    write(file("a"), bytes("new"));
    write(file("b"), bytes("old"));
    try (ReadableFile old = fs.openForRead(file("b"))) {
      fs.rename(file("a"), file("b"));
      fs.forceDirectory(dir);
      assertFalse(fs.exists(file("a")));
      assertArrayEquals(bytes("new"), read(file("b")));
      byte[] to = new byte[3];
      assertEquals(3, old.read(0, to, 0, 3));
      assertArrayEquals(bytes("old"), to, "an open file outlives its name");
    }
  }

  @Test
  void renameMovesADirectoryWithItsFiles() {
    fs.createDirectories(file("d.tmp"));
    write(file("d.tmp").resolve("a"), bytes("x"));
    fs.rename(file("d.tmp"), file("d"));
    assertArrayEquals(bytes("x"), read(file("d").resolve("a")));
    assertFalse(fs.exists(file("d.tmp")));
  }

  @Test
  void renameAcrossDirectories() {
    fs.createDirectories(file("d"));
    write(file("a"), bytes("x"));
    fs.rename(file("a"), file("d").resolve("b"));
    assertArrayEquals(bytes("x"), read(file("d").resolve("b")));
    assertFalse(fs.exists(file("a")));
  }

  @Test
  void linkSharesContentAndRefusesAnExistingTarget() {
    write(file("a"), bytes("x"));
    fs.link(file("a"), file("b"));
    fs.delete(file("a"));
    assertArrayEquals(bytes("x"), read(file("b")));
    write(file("c"), bytes("c"));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.link(file("b"), file("c")));
    assertArrayEquals(bytes("c"), read(file("c")));
  }

  @Test
  void deleteRemovesTheNameAndOpenReadersGoOn() {
    write(file("a"), bytes("x"));
    try (ReadableFile in = fs.openForRead(file("a"))) {
      fs.delete(file("a"));
      assertFalse(fs.exists(file("a")));
      assertEquals(1, in.read(0, new byte[1], 0, 1));
    }
    write(file("a"), bytes("again"));
    assertArrayEquals(bytes("again"), read(file("a")));
  }

  @Test
  void listGivesPlainNames() {
    write(file("a"), bytes("x"));
    write(file("b"), bytes("x"));
    fs.createDirectories(file("c"));
    assertEquals(new TreeSet<>(Set.of("a", "b", "c")), new TreeSet<>(fs.list(dir)));
  }

  @Test
  void mappedBytesAreSeenByReadersAtOnce() {
    write(file("a"), new byte[100_000]);
    try (MappedFile map = fs.map(file("a"), 90_000)) {
      assertEquals(90_000, map.size());
      byte[] data = random(5_000, 3);
      map.put(4_000, data, 100, 4_800);
      map.writeDurably(20_000, data, 0, 5_000);
      map.force(4_000, 8_800);
      map.force(0, 90_000);
      map.force(10, 10);
      byte[] back = new byte[4_800];
      map.get(4_000, back, 0, 4_800);
      assertArrayEquals(Arrays.copyOfRange(data, 100, 4_900), back);
      byte[] all = read(file("a"));
      assertEquals(100_000, all.length);
      assertArrayEquals(back, Arrays.copyOfRange(all, 4_000, 8_800));
      assertArrayEquals(data, Arrays.copyOfRange(all, 20_000, 25_000));
      back = new byte[5_000];
      map.get(20_000, back, 0, 5_000);
      assertArrayEquals(data, back);
    }
  }

  @Test
  void mappingRefusesWhatIsOutside() {
    write(file("a"), new byte[1_000]);
    assertReason(Reason.IO, () -> fs.map(file("a"), 1_001));
    assertEquals(1_000, fs.size(file("a")), "the file does not grow");
    byte[] data = new byte[10];
    try (MappedFile map = fs.map(file("a"), 1_000)) {
      assertThrows(IndexOutOfBoundsException.class, () -> map.put(991, data, 0, 10));
      assertThrows(IndexOutOfBoundsException.class, () -> map.put(-1, data, 0, 10));
      assertThrows(IndexOutOfBoundsException.class, () -> map.get(1L << 32, data, 0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> map.writeDurably(999, data, 0, 2));
      assertThrows(IndexOutOfBoundsException.class, () -> map.force(0, 1_001));
      assertThrows(IndexOutOfBoundsException.class, () -> map.force(10, 9));
    }
    assertEquals(1_000, fs.size(file("a")));
  }

  @Test
  void aMappedFileGrowsByZerosAndCanBeCut() {
    write(file("a"), bytes("head"));
    try (MappedFile map = fs.mapGrowing(file("a"), 1 << 20)) {
      assertEquals(1 << 20, map.size());
      assertEquals(4, fs.size(file("a")), "mapping does not lengthen it");
      map.extend(4, 300_000, MappedFile.LARGEST_UNIT);
      assertEquals(300_000, fs.size(file("a")));
      byte[] data = random(5_000, 3);
      map.put(290_000, data, 0, 5_000);
      map.extend(300_000, 310_001, MappedFile.SMALLEST_UNIT);
      map.put(305_000, data, 0, 5_000);
      map.writeDurably(4, data, 0, 10);
      map.force(290_000, 310_000);
      byte[] expected = new byte[310_001];
      System.arraycopy(bytes("head"), 0, expected, 0, 4);
      System.arraycopy(data, 0, expected, 4, 10);
      System.arraycopy(data, 0, expected, 290_000, 5_000);
      System.arraycopy(data, 0, expected, 305_000, 5_000);
      assertArrayEquals(expected, read(file("a")));

      map.shrink(400_000);
      assertEquals(310_001, fs.size(file("a")), "it is never lengthened by this");
      map.shrink(290_010);
      assertArrayEquals(Arrays.copyOf(expected, 290_010), read(file("a")));
      map.shrink(0);
      map.extend(0, 300_000, MappedFile.LARGEST_UNIT);
      assertArrayEquals(new byte[300_000], read(file("a")), "nothing comes back");
      map.put(299_999, data, 0, 1);
      assertThrows(IndexOutOfBoundsException.class, () -> map.extend(0, (1 << 20) + 1, 4096));
    }
  }

  @Test
  void handlesMayBeClosedTwiceAndThenFail() {
    WritableFile out = fs.create(file("a"));
    out.append(new byte[10], 0, 10);
    out.close();
    out.close();
    assertReason(Reason.IO, () -> out.append(new byte[1], 0, 1));
    assertReason(Reason.IO, out::force);
    ReadableFile in = fs.openForRead(file("a"));
    in.close();
    in.close();
    assertReason(Reason.IO, () -> in.read(0, new byte[1], 0, 1));
    MappedFile map = fs.map(file("a"), 10);
    map.close();
    map.close();
    assertReason(Reason.IO, () -> map.writeDurably(0, new byte[1], 0, 1));
  }

  @Test
  void r42_aLockIsExclusiveAndCanBeTakenAgain() {
    FileSystem.AutoLock lock = fs.lock(file("LOCK"));
    DbLockedException e = assertThrows(DbLockedException.class, () -> fs.lock(file("LOCK")));
    assertTrue(e.getMessage().contains("this process"), e.getMessage());
    assertThrows(
        DbLockedException.class, () -> fs.lock(dir.resolve(".").resolve("LOCK")), "same directory");
    assertTrue(fs.exists(file("LOCK")));
    lock.close();
    lock.close();
    fs.lock(file("LOCK")).close();
    assertTrue(fs.exists(file("LOCK")), "never deleted");
  }

  @Test
  void r42_aHeldLockFileCannotBeOpenedOtherwise() {
    FileSystem.AutoLock lock = fs.lock(file("LOCK"));
    assertThrows(DbLockedException.class, () -> fs.openForRead(file("LOCK")));
    assertThrows(DbLockedException.class, () -> fs.map(file("LOCK"), 0));
    lock.close();
    fs.openForRead(file("LOCK")).close();
  }

  @Test
  void r48_everyOperationWorksInAnInterruptedThreadAndKeepsItsStatus() {
    Thread.currentThread().interrupt();
    try {
      fs.createDirectories(file("d"));
      byte[] content = random(70_000, 4);
      write(file("a"), content);
      assertArrayEquals(content, read(file("a")));
      try (MappedFile map = fs.map(file("a"), 70_000)) {
        map.put(0, content, 0, 10);
        map.force(0, 10);
        map.writeDurably(0, content, 0, 10);
      }
      fs.rename(file("a"), file("b"));
      fs.link(file("b"), file("c"));
      fs.delete(file("b"));
      fs.forceDirectory(dir);
      FileSystem.AutoLock lock = fs.lock(file("LOCK"));
      assertThrows(DbLockedException.class, () -> fs.lock(file("LOCK")));
      lock.close();
      assertEquals(3, fs.list(dir).size());
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void freeSpaceIsPositive() {
    assertTrue(fs.freeSpace(dir) > 0);
    fs.reservesByZeroFill(dir);
  }
}
