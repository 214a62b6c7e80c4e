package io.lsmdb.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemFileSystemCrashTest {
  private static final Path DIR = Path.of("/db");
  private static final int UNIT = 512;
  private final MemFileSystem fs = new MemFileSystem();

  @BeforeEach
  void makeDirectory() {
    fs.createDirectories(DIR);
  }

  private static Path file(String name) {
    return DIR.resolve(name);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** Makes a durable file. */
  private void durable(String name, byte[] content) {
    try (WritableFile out = fs.create(file(name))) {
      out.append(content, 0, content.length);
      out.force();
    }
    fs.forceDirectory(DIR);
  }

  private static byte[] read(FileSystem fs, String name) {
    try (ReadableFile in = fs.openForRead(file(name))) {
      byte[] content = new byte[(int) in.size()];
      in.read(0, content, 0, content.length);
      return content;
    }
  }

  private static Set<String> names(FileSystem fs) {
    return new TreeSet<>(fs.list(DIR));
  }

  private byte[] afterCrash(CrashMode mode, long seed, String name) {
    return read(fs.crashImage(mode, seed), name);
  }

  @Test
  void whatWasForcedSurvivesEveryCrash() {
    byte[] content = new byte[100_000];
    new Random(1).nextBytes(content);
    durable("a", content);
    try (WritableFile more = fs.create(file("b"))) {
      more.append(content, 0, 5_000);
    }
    for (CrashMode mode : CrashMode.values()) {
      for (int seed = 0; seed < 20; seed++) {
        assertArrayEquals(content, afterCrash(mode, seed, "a"), mode + " " + seed);
      }
    }
  }

  @Test
  void dropAllKeepsNothingThatWasNotForced() {
    durable("a", filled(100, 1));
    durable("b", filled(100, 1));
    WritableFile out = fs.create(file("c"));
    out.append(filled(100, 2), 0, 100);
    out.force();
    fs.delete(file("a"));
    fs.rename(file("b"), file("d"));
    fs.link(file("d"), file("e"));
    MemFileSystem image = fs.crashImage(CrashMode.DROP_ALL, 0);
    assertEquals(Set.of("a", "b"), names(image));
    assertArrayEquals(filled(100, 1), read(image, "a"));
    assertEquals(Set.of("c", "d", "e"), names(fs), "the original goes on");

    fs.forceDirectory(DIR);
    out.append(filled(50, 3), 0, 50);
    image = fs.crashImage(CrashMode.DROP_ALL, 0);
    assertEquals(Set.of("c", "d", "e"), names(image));
    assertArrayEquals(filled(100, 2), read(image, "c"));
  }

  @Test
  void keepAllKeepsEverythingButForcesNothing() {
    WritableFile out = fs.create(file("a"));
    out.append(filled(1_000, 1), 0, 1_000);
    MemFileSystem killed = fs.crashImage(CrashMode.KEEP_ALL, 0);
    assertArrayEquals(filled(1_000, 1), read(killed, "a"));
    assertEquals(Set.of(), names(killed.crashImage(CrashMode.DROP_ALL, 0)));
    killed.forceDirectory(DIR);
    assertEquals(0, read(killed.crashImage(CrashMode.DROP_ALL, 0), "a").length);
    assertEquals(Set.of(), names(fs.crashImage(CrashMode.DROP_ALL, 0)), "images are apart");
  }

  @Test
  void imagesAndOriginalDoNotDisturbEachOther() {
    durable("a", filled(40_000, 1));
    MemFileSystem image = fs.crashImage(CrashMode.KEEP_ALL, 0);
    try (MappedFile here = fs.map(file("a"), 40_000);
        MappedFile there = image.map(file("a"), 40_000)) {
      here.put(0, filled(10, 2), 0, 10);
      there.put(20_000, filled(10, 3), 0, 10);
    }
    byte[] mine = filled(40_000, 1);
    Arrays.fill(mine, 0, 10, (byte) 2);
    byte[] theirs = filled(40_000, 1);
    Arrays.fill(theirs, 20_000, 20_010, (byte) 3);
    assertArrayEquals(mine, read(fs, "a"));
    assertArrayEquals(theirs, read(image, "a"));
  }

  @Test
  void randomSubsetLeavesEachUnitInOneOfItsStates() {
    durable("a", filled(UNIT * 64, 1));
    MappedFile map = fs.map(file("a"), UNIT * 64);
    map.put(100, filled(UNIT * 40, 2), 0, UNIT * 40);
    map.put(200, filled(UNIT * 40, 3), 0, UNIT * 40);
    Set<Integer> seen = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      byte[] content = afterCrash(CrashMode.RANDOM_SUBSET, seed, "a");
      for (int unit = 0; unit < 64; unit++) {
        // Byte 300 of a unit is reached by both writes, or by none.
        int value = content[unit * UNIT + 300];
        boolean written = unit <= 39;
        assertTrue(written ? value >= 1 && value <= 3 : value == 1, "seed " + seed);
        seen.add(value);
        int early = content[unit * UNIT + 150];
        int expected = unit == 0 ? Math.min(value, 2) : unit < 40 ? value : early;
        assertEquals(expected, early, "a unit is torn, seed " + seed);
      }
    }
    assertEquals(Set.of(1, 2, 3), seen);
  }

  @Test
  void randomSubsetLosesUnforcedLengthAndDirectoryChangesOneByOne() {
    durable("old", filled(10, 1));
    try (WritableFile out = fs.create(file("new"))) {
      out.append(filled(5_000, 2), 0, 5_000);
      out.force();
      out.append(filled(5_000, 3), 0, 5_000);
    }
    fs.delete(file("old"));
    Set<Set<String>> states = new HashSet<>();
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      MemFileSystem image = fs.crashImage(CrashMode.RANDOM_SUBSET, seed);
      states.add(names(image));
      if (image.exists(file("new"))) {
        byte[] content = read(image, "new");
        lengths.add(content.length);
        assertTrue(content.length >= 5_000 && content.length <= 10_000);
        assertArrayEquals(filled(5_000, 2), Arrays.copyOf(content, 5_000), "seed " + seed);
      }
      assertEquals(names(image), names(image.crashImage(CrashMode.DROP_ALL, 0)), "settled");
    }
    assertEquals(
        Set.of(Set.of("old"), Set.of("new"), Set.of("old", "new"), Set.<String>of()), states);
    assertTrue(lengths.contains(5_000) && lengths.contains(10_000) && lengths.size() > 5);
  }

  @Test
  void aRenameIsLostOrKeptAsAWhole() {
    durable("CURRENT", filled(10, 1));
    durable("CURRENT.tmp", filled(20, 2));
    fs.rename(file("CURRENT.tmp"), file("CURRENT"));
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < 30; seed++) {
      MemFileSystem image = fs.crashImage(CrashMode.RANDOM_SUBSET, seed);
      int length = read(image, "CURRENT").length;
      lengths.add(length);
      assertEquals(length == 10, image.exists(file("CURRENT.tmp")));
    }
    assertEquals(Set.of(10, 20), lengths);
  }

  @Test
  void tornLastCutsOnlyTheVeryLastWrite() {
    WritableFile a = fs.create(file("a"));
    WritableFile b = fs.create(file("b"));
    a.append(filled(1_000, 1), 0, 1_000);
    b.append(filled(1_000, 2), 0, 1_000);
    b.append(filled(1_000, 3), 0, 1_000);
    Set<Integer> lengths = new HashSet<>();
    for (int seed = 0; seed < 50; seed++) {
      MemFileSystem image = fs.crashImage(CrashMode.TORN_LAST, seed);
      assertArrayEquals(filled(1_000, 1), read(image, "a"));
      byte[] torn = read(image, "b");
      lengths.add(torn.length);
      assertTrue(torn.length >= 1_000 && torn.length < 2_000);
      for (int i = 0; i < torn.length; i++) {
        assertEquals(i < 1_000 ? 2 : 3, torn[i]);
      }
    }
    assertTrue(lengths.size() > 10);
    b.force();
    assertEquals(2_000, afterCrash(CrashMode.TORN_LAST, 0, "b").length, "forced is not torn");
  }

  @Test
  void tornLastLeavesOldBytesUnderAMappedWrite() {
    durable("a", filled(1_000, 1));
    MappedFile map = fs.map(file("a"), 1_000);
    map.put(100, filled(500, 2), 0, 500);
    byte[] content = afterCrash(CrashMode.TORN_LAST, 3, "a");
    int cut = 100;
    while (content[cut] == 2) {
      cut++;
    }
    assertTrue(cut < 600);
    assertArrayEquals(filled(1_000 - cut, 1), Arrays.copyOfRange(content, cut, 1_000));
  }

  @Test
  void garbageTouchesOnlyWhatWasNotForced() {
    durable("a", filled(UNIT * 64, 1));
    MappedFile map = fs.map(file("a"), UNIT * 64);
    map.put(1_000, filled(UNIT * 32, 2), 0, UNIT * 32);
    boolean zeros = false;
    boolean others = false;
    for (int seed = 0; seed < 20; seed++) {
      byte[] content = afterCrash(CrashMode.GARBAGE, seed, "a");
      assertEquals(UNIT * 64, content.length);
      for (int i = 0; i < content.length; i++) {
        if (i < 1_000 || i >= 1_000 + UNIT * 32) {
          assertEquals(1, content[i], "forced byte " + i + ", seed " + seed);
        }
        zeros |= content[i] == 0;
        others |= content[i] < 0 || content[i] > 2;
      }
    }
    assertTrue(zeros && others);
  }

  @Test
  void aMappedRangeIsForcedInWholeUnits() {
    durable("a", new byte[UNIT * 8]);
    MappedFile map = fs.map(file("a"), UNIT * 8);
    map.put(0, filled(UNIT * 8, 1), 0, UNIT * 8);
    map.put(UNIT * 2 + 5, filled(10, 2), 0, 10);
    map.force(UNIT * 2 + 7, UNIT * 3 + 1);
    byte[] expected = new byte[UNIT * 8];
    Arrays.fill(expected, UNIT * 2, UNIT * 4, (byte) 1);
    Arrays.fill(expected, UNIT * 2 + 5, UNIT * 2 + 15, (byte) 2);
    assertArrayEquals(expected, afterCrash(CrashMode.DROP_ALL, 0, "a"));
    map.writeDurably(UNIT * 6 + 1, filled(3, 3), 0, 3);
    Arrays.fill(expected, UNIT * 6, UNIT * 7, (byte) 1);
    Arrays.fill(expected, UNIT * 6 + 1, UNIT * 6 + 4, (byte) 3);
    assertArrayEquals(expected, afterCrash(CrashMode.DROP_ALL, 0, "a"));
  }

  @Test
  void r19_aForceAfterAFailedForceMakesNothingDurable() {
    durable("a", new byte[UNIT * 4]);
    FaultyFileSystem faulty = new FaultyFileSystem(fs);
    MappedFile map = faulty.map(file("a"), UNIT * 4);
    map.put(0, filled(UNIT * 2, 1), 0, UNIT * 2);
    faulty.failAt(1, Fault.IO_ERROR_ONCE);
    assertThrows(StorageException.class, () -> map.force(0, UNIT * 4));
    map.force(0, UNIT * 4);
    assertArrayEquals(new byte[UNIT * 4], afterCrash(CrashMode.DROP_ALL, 0, "a"));
    assertEquals(1, read(fs, "a")[0], "the page cache still shows it");
    map.put(UNIT, filled(1, 2), 0, 1);
    map.force(0, UNIT * 4);
    byte[] content = afterCrash(CrashMode.DROP_ALL, 0, "a");
    assertEquals(0, content[0]);
    assertEquals(2, content[UNIT]);
    assertEquals(1, content[UNIT + 1], "written again, the unit is durable as a whole");
  }

  @Test
  void forcingOneDirectoryLeavesAnotherUnforced() {
    Path other = Path.of("/other");
    fs.createDirectories(other);
    durable("a", filled(10, 1));
    fs.rename(file("a"), other.resolve("a"));
    fs.forceDirectory(other);
    MemFileSystem image = fs.crashImage(CrashMode.DROP_ALL, 0);
    assertTrue(image.exists(file("a")) && image.exists(other.resolve("a")));
    fs.forceDirectory(DIR);
    image = fs.crashImage(CrashMode.DROP_ALL, 0);
    assertFalse(image.exists(file("a")));
    assertEquals(10, image.size(other.resolve("a")));
  }

  @Test
  void directoriesAreRenamedWithTheirFiles() {
    fs.createDirectories(file("c.tmp"));
    try (WritableFile out = fs.create(file("c.tmp").resolve("x"))) {
      out.append(new byte[5], 0, 5);
      out.force();
    }
    fs.forceDirectory(file("c.tmp"));
    fs.rename(file("c.tmp"), file("c"));
    assertEquals(Set.of("c.tmp"), names(fs.crashImage(CrashMode.DROP_ALL, 0)));
    fs.forceDirectory(DIR);
    MemFileSystem image = fs.crashImage(CrashMode.DROP_ALL, 0);
    assertEquals(Set.of("c"), names(image));
    assertEquals(5, image.size(file("c").resolve("x")));
  }

  @Test
  void locksAreFreeInImages() {
    FileSystem.AutoLock lock = fs.lock(file("LOCK"));
    fs.forceDirectory(DIR);
    for (CrashMode mode : CrashMode.values()) {
      fs.crashImage(mode, 0).lock(file("LOCK")).close();
    }
    lock.close();
  }

  @Test
  void theSameSeedGivesTheSameImage() {
    durable("a", filled(5_000, 1));
    MappedFile map = fs.map(file("a"), 5_000);
    map.put(0, filled(5_000, 2), 0, 5_000);
    WritableFile out = fs.create(file("b"));
    out.append(filled(5_000, 3), 0, 5_000);
    for (CrashMode mode : CrashMode.values()) {
      for (int seed = 0; seed < 10; seed++) {
        MemFileSystem one = fs.crashImage(mode, seed);
        MemFileSystem two = fs.crashImage(mode, seed);
        assertEquals(names(one), names(two));
        for (String name : names(one)) {
          assertArrayEquals(read(one, name), read(two, name));
        }
      }
    }
  }

  @Test
  void aFullDiskTakesWhatFitsAndRecovers() {
    fs.setCapacity(10_000);
    durable("a", filled(6_000, 1));
    assertEquals(4_000, fs.freeSpace(DIR));
    WritableFile out = fs.create(file("b"));
    byte[] zeros = new byte[5_000];
    StorageException e =
        assertThrows(StorageException.class, () -> out.append(zeros, 0, zeros.length));
    assertEquals(Reason.DISK_FULL, e.reason());
    assertEquals(0, fs.freeSpace(DIR));
    assertEquals(4_000, fs.size(file("b")));
    assertThrows(StorageException.class, out::force);
    assertEquals(0, fs.crashImage(CrashMode.KEEP_ALL, 0).freeSpace(DIR));
    fs.delete(file("b"));
    fs.link(file("a"), file("c"));
    fs.delete(file("a"));
    assertEquals(4_000, fs.freeSpace(DIR), "a second name takes no space");
    fs.delete(file("c"));
    assertEquals(10_000, fs.freeSpace(DIR));
    durable("d", filled(10_000, 1));
  }

  /** The crash model against a plain one: a byte array per state, a flag per unit. */
  @Test
  void forcedAndCurrentBytesAgreeWithAPlainModel() {
    Seed.check(1, this::checkAgainstPlainModel);
  }

  private void checkAgainstPlainModel(long seed) {
    Random random = new Random(seed);
    int size = 100 * UNIT;
    byte[] current = new byte[size];
    byte[] durable = new byte[size];
    durable("a", current);
    MappedFile map = fs.map(file("a"), size);
    for (int step = 0; step < 500; step++) {
      int from = random.nextInt(size);
      int to = from + random.nextInt(Math.min(size - from, 5_000) + 1);
      if (random.nextInt(3) > 0) {
        byte[] data = filled(to - from, random.nextInt(4));
        map.put(from, data, 0, data.length);
        Arrays.fill(current, from, to, data.length == 0 ? 0 : data[0]);
      } else if (from < to) {
        map.force(from, to);
        int start = from / UNIT * UNIT;
        int end = (to + UNIT - 1) / UNIT * UNIT;
        System.arraycopy(current, start, durable, start, end - start);
      }
      String message = "step " + step;
      assertArrayEquals(current, read(fs, "a"), message);
      assertArrayEquals(durable, afterCrash(CrashMode.DROP_ALL, 0, "a"), message);
    }
  }
}
