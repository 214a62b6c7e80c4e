package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.testing.Seed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VersionBuilderTest {
  private static List<Long> numbers(List<FileMetadata> files) {
    return files.stream().map(FileMetadata::number).toList();
  }

  @Test
  void levelZeroIsNewestFirstAndOthersFollowTheirKeys() {
    VersionBuilder builder = new VersionBuilder(Version.empty());
    builder.add(0, Stores.file(1, "a", "z", 1, 10));
    builder.add(0, Stores.file(9, "a", "z", 11, 20));
    builder.add(0, Stores.file(3, "a", "z", 21, 30));
    builder.add(2, Stores.file(5, "m", "p", 1, 1));
    builder.add(2, Stores.file(4, "q", "z", 1, 1));
    builder.add(2, Stores.file(7, "a", "l", 1, 1));
    Version version = builder.build();
    assertEquals(List.of(3L, 9L, 1L), numbers(version.files(0)));
    assertEquals(List.of(7L, 5L, 4L), numbers(version.files(2)));
    assertEquals(6, version.fileCount());
    assertEquals(17 + 15 + 14, version.levelSize(2));
  }

  @Test
  void untouchedLevelsAreSharedAndTheBaseStaysAsItIs() {
    VersionBuilder builder = new VersionBuilder(Version.empty());
    builder.add(1, Stores.file(1, "a", "b", 1, 1));
    Version first = builder.build();
    VersionBuilder next = new VersionBuilder(first);
    next.add(2, Stores.file(2, "a", "b", 1, 1));
    Version second = next.build();
    assertSame(first.array(1), second.array(1));
    assertEquals(0, first.files(2).size());
  }

  private static RangeTombstones deleted(String from, String to, long sequence) {
    return new RangeTombstones.Builder()
        .add(from.getBytes(StandardCharsets.UTF_8), sequence)
        .add(to.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  /** How many pieces stay of a range tombstone b to d@50 beside some file. */
  private static int needed(int level, FileMetadata file) {
    VersionBuilder builder = new VersionBuilder(Version.empty());
    builder.add(level, file);
    builder.delete(deleted("b", "d", 50));
    return builder.build().rangeTombstones().size();
  }

  private static FileMetadata cleared(FileMetadata file, long to) {
    FileMetadata.Counts counts = file.counts();
    return new FileMetadata(
        file.number(),
        file.session(),
        file.content(),
        new FileMetadata.Counts(
            counts.entries(),
            counts.tombstones(),
            counts.smallestSequence(),
            counts.largestSequence(),
            counts.expiries(),
            to,
            counts.retained()),
        file.smallest(),
        file.largest());
  }

  @Test
  void aRangeTombstoneStaysAsLongAsAFileNeedsIt() {
    for (int level : List.of(0, 1, 6)) {
      assertEquals(1, needed(level, Stores.file(1, "a", "z", 1, 100)));
      assertEquals(1, needed(level, Stores.file(1, "a", "b", 1, 100)), "b is part of it");
      assertEquals(1, needed(level, Stores.file(1, "cz", "z", 49, 100)));
      assertEquals(0, needed(level, Stores.file(1, "d", "z", 1, 100)), "d is not");
      assertEquals(0, needed(level, Stores.file(1, "a", "az", 1, 100)));
      assertEquals(0, needed(level, Stores.file(1, "a", "z", 50, 100)), "all is newer");
      assertEquals(0, needed(level, cleared(Stores.file(1, "a", "z", 1, 100), 50)));
      assertEquals(1, needed(level, cleared(Stores.file(1, "a", "z", 1, 100), 49)));
    }
  }

  @Test
  void aRangeTombstoneGoesWithTheLastFileThatNeedsIt() {
    VersionBuilder builder = new VersionBuilder(Version.empty());
    builder.add(2, Stores.file(1, "a", "c", 1, 1));
    builder.add(2, Stores.file(2, "x", "z", 1, 1));
    builder.add(5, Stores.file(3, "a", "z", 1, 1));
    builder.delete(deleted("b", "y", 50));
    builder.delete(deleted("c", "d", 60));
    Version version = builder.build();
    assertEquals(3, version.rangeTombstones().size());
    VersionBuilder next = new VersionBuilder(version);
    next.remove(5, 3);
    next.add(5, cleared(Stores.file(4, "a", "z", 1, 1), 50));
    version = next.build();
    assertEquals(3, version.rangeTombstones().size(), "for the files 1 and 2");
    next = new VersionBuilder(version);
    next.remove(2, 1);
    version = next.build();
    assertEquals(2, version.rangeTombstones().size(), "c to d for file 4, d to y for file 2");
    assertArrayEquals(new long[] {60}, version.rangeTombstones().sequences(0));
    next = new VersionBuilder(version);
    next.remove(2, 2);
    next.remove(5, 4);
    version = next.build();
    assertEquals(0, version.rangeTombstones().size());
    assertEquals(60, version.rangeTombstones().largestSequence());
  }

  @Test
  void impossibleChangesAreRefused() {
    VersionBuilder base = new VersionBuilder(Version.empty());
    base.add(1, Stores.file(1, "f", "k", 1, 1));
    base.add(0, Stores.file(2, "f", "k", 5, 8));
    Version version = base.build();
    assertRefused(version, builder -> builder.remove(1, 2));
    assertRefused(version, builder -> builder.remove(3, 1));
    assertRefused(version, builder -> builder.add(1, Stores.file(1, "x", "y", 1, 1)));
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "a", "g", 1, 1)));
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "g", "h", 1, 1)));
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "j", "z", 1, 1)));
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "a", "z", 1, 1)));
    // Level 0: overlap in keys together with overlap in sequences makes "newer" meaningless.
    assertRefused(version, builder -> builder.add(0, Stores.file(3, "a", "g", 8, 9)));
    new VersionBuilder(version).add(0, Stores.file(3, "a", "g", 9, 9));
    new VersionBuilder(version).add(0, Stores.file(3, "l", "m", 5, 8));
  }

  @Test
  void r30_aUserKeyIsNeverSplitOverTwoFilesOfALevel() {
    VersionBuilder base = new VersionBuilder(Version.empty());
    base.add(1, Stores.file(1, "f", "k", 7, 9));
    Version version = base.build();
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "k", "z", 1, 6)));
    assertRefused(version, builder -> builder.add(1, Stores.file(3, "a", "f", 10, 12)));
  }

  private interface Change {
    void apply(VersionBuilder builder);
  }

  private static void assertRefused(Version version, Change change) {
    assertThrows(IllegalStateException.class, () -> change.apply(new VersionBuilder(version)));
  }

  @Test
  void randomEditsAgreeWithAModel() {
    Seed.check(
        30,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          List<TreeMap<Long, FileMetadata>> model = new ArrayList<>();
          for (int i = 0; i < Version.LEVELS; i++) {
            model.add(new TreeMap<>());
          }
          Version version = Version.empty();
          long number = 1;
          for (int step = 0; step < 200; step++) {
            VersionBuilder builder = new VersionBuilder(version);
            int level = random.nextInt(Version.LEVELS);
            if (random.nextInt(3) == 0 && !model.get(level).isEmpty()) {
              long gone = model.get(level).firstKey();
              assertSame(model.get(level).remove(gone), builder.remove(level, gone));
            } else {
              int at = random.nextInt(900);
              FileMetadata file =
                  Stores.file(number, key(at), key(at + random.nextInt(9)), number, number);
              number++;
              boolean fits =
                  level == 0
                      || model.get(level).values().stream()
                          .noneMatch(
                              f -> f.overlaps(file.smallest().userKey(), file.largest().userKey()));
              if (!fits) {
                int target = level;
                assertThrows(IllegalStateException.class, () -> builder.add(target, file));
                continue;
              }
              builder.add(level, file);
              model.get(level).put(file.number(), file);
            }
            version = builder.build();
            check(model, version, random);
          }
        });
  }

  private static String key(int n) {
    return String.format(Locale.ROOT, "common-prefix-%04d", n);
  }

  private static void check(
      List<TreeMap<Long, FileMetadata>> model, Version version, SplittableRandom random) {
    byte[] from = Stores.bytes(key(random.nextInt(900)));
    byte[] to = Stores.bytes(key(random.nextInt(900)));
    for (int level = 0; level < Version.LEVELS; level++) {
      Comparator<FileMetadata> order =
          level == 0
              ? Comparator.comparingLong(FileMetadata::number).reversed()
              : Comparator.comparing(FileMetadata::smallest);
      List<FileMetadata> expected = model.get(level).values().stream().sorted(order).toList();
      assertEquals(expected, version.files(level));
      assertEquals(
          expected.stream().filter(f -> f.overlaps(from, to)).toList(),
          version.overlapping(level, from, to));
      assertEquals(expected, version.overlapping(level, null, null));
      assertEquals(
          expected.stream().filter(f -> f.overlaps(null, to)).toList(),
          version.overlapping(level, null, to));
    }
  }
}
