package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ReadOptions;
import io.lsmdb.StorageException;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.iterator.SkipContract;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.TableIterator;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Lookups and cursors over the tables of a version. */
class VersionReadTest {
  private static final int KEYS = 120;

  private final FaultyFileSystem fs = new FaultyFileSystem(new MemFileSystem());
  private TableCache cache = Tables.cache(fs, 100, Runnable::run);
  private long number;

  private FileMetadata write(TreeMap<InternalKey, String> entries) {
    return Tables.write(fs, ++number, entries);
  }

  /** Random tables on all levels, the older the deeper; fills the model with all entries. */
  private Version build(SplittableRandom random, TreeMap<InternalKey, String> model) {
    fs.createDirectories(Stores.DIRECTORY);
    VersionBuilder builder = new VersionBuilder(Version.empty());
    long sequence = 1;
    for (int level : new int[] {6, 4, 1}) {
      for (int start = random.nextInt(20); start < KEYS; ) {
        TreeMap<InternalKey, String> entries = new TreeMap<>();
        int end = Math.min(KEYS, start + 1 + random.nextInt(40));
        for (int k = start; k < end; k++) {
          for (int i = random.nextInt(3); i > 0; i--) {
            entries.put(Tables.put(k, sequence), "v" + sequence++);
          }
        }
        if (!entries.isEmpty()) {
          builder.add(level, write(entries));
          model.putAll(entries);
        }
        start = end + random.nextInt(10);
      }
    }
    for (int table = 0; table < 4; table++) {
      TreeMap<InternalKey, String> entries = new TreeMap<>();
      for (int i = 0; i < 25; i++) {
        entries.put(Tables.put(random.nextInt(KEYS), sequence), "v" + sequence++);
      }
      builder.add(0, write(entries));
      model.putAll(entries);
    }
    return builder.build();
  }

  @Test
  void lookupsFindTheNewestVisibleVersion() {
    Seed.check(
        15,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          TreeMap<InternalKey, String> model = new TreeMap<>();
          Version version = new VersionReadTest().check(random, model);
          assertTrue(version.fileCount() > 4);
        });
  }

  private Version check(SplittableRandom random, TreeMap<InternalKey, String> model) {
    Version version = build(random, model);
    long max = 2L + model.size();
    LookupResult found = new LookupResult();
    for (int i = 0; i < 600; i++) {
      byte[] key = Stores.bytes("xx" + Tables.key(random.nextInt(KEYS + 4)));
      long search = InternalKey.searchTrailer(random.nextLong(max));
      byte[] userKey = Arrays.copyOfRange(key, 2, key.length);
      Map.Entry<InternalKey, String> expected =
          model.ceilingEntry(new InternalKey(userKey, search));
      boolean there = expected != null && Arrays.equals(expected.getKey().userKey(), userKey);
      boolean got = version.get(key, 2, key.length - 2, search, cache, found);
      assertEquals(there, got);
      if (there) {
        assertEquals(expected.getKey().trailer(), found.trailer);
        assertEquals(
            expected.getValue(),
            Tables.text(found.valueArray, found.valueOffset, found.valueLength));
      }
    }
    return version;
  }

  private static String show(InternalIterator it) {
    return it.isValid()
        ? Tables.text(it.keyArray(), it.keyOffset(), it.keyLength())
            + "@"
            + it.trailer()
            + "="
            + Tables.text(it.valueArray(), it.valueOffset(), it.valueLength())
        : "-";
  }

  private static String show(Map.Entry<InternalKey, String> entry) {
    return entry == null
        ? "-"
        : Tables.text(entry.getKey().userKey(), 0, entry.getKey().userKey().length)
            + "@"
            + entry.getKey().trailer()
            + "="
            + entry.getValue();
  }

  @Test
  void levelCursorsMoveLikeASortedMap() {
    Seed.check(10, seed -> new VersionReadTest().walk(new SplittableRandom(seed)));
  }

  private void walk(SplittableRandom random) {
    Version version = build(random, new TreeMap<>());
    cache = Tables.cache(fs, 2, Runnable::run);
    List<LevelIterator> cursors = new ArrayList<>();
    version.addIterators(cache, ReadOptions.DEFAULT, 0, cursors);
    assertEquals(version.files(0).size() + 3, cursors.size());
    int opened = fs.openHandles();
    assertEquals(0, opened);
    int index = 0;
    for (FileMetadata file : version.files(0)) {
      walk(cursors.get(index++), List.of(file), random);
    }
    for (int level : new int[] {1, 4, 6}) {
      walk(cursors.get(index++), version.files(level), random);
    }
    cursors.forEach(InternalIterator::close);
    cursors.forEach(InternalIterator::close);
    cache.close();
    assertEquals(0, fs.openHandles());
  }

  @Test
  void mergedLevelsMoveLikeASortedMap() {
    Seed.check(10, seed -> new VersionReadTest().walkMerged(new SplittableRandom(seed)));
  }

  private void walkMerged(SplittableRandom random) {
    Version version = build(random, new TreeMap<>());
    List<LevelIterator> cursors = new ArrayList<>();
    version.addIterators(cache, ReadOptions.DEFAULT, 0, cursors);
    List<FileMetadata> files = new ArrayList<>();
    for (int level : new int[] {0, 1, 4, 6}) {
      files.addAll(version.files(level));
    }
    try (InternalIterator merged = MergingIterator.of(cursors)) {
      walk(merged, files, random);
    }
    cache.close();
  }

  private void walk(InternalIterator it, List<FileMetadata> files, SplittableRandom random) {
    TreeMap<InternalKey, String> model = contents(files);
    InternalKey at = null;
    assertFalse(it.isValid());
    for (int i = 0; i < 400; i++) {
      int choice = random.nextInt(at == null ? 4 : 12);
      InternalKey target =
          new InternalKey(
              Stores.bytes(Tables.key(random.nextInt(KEYS + 2))),
              InternalKey.searchTrailer(random.nextLong(400)));
      byte[] key = target.userKey();
      Map.Entry<InternalKey, String> expected;
      switch (choice) {
        case 0 -> {
          it.seekToFirst();
          expected = model.firstEntry();
        }
        case 1 -> {
          it.seekToLast();
          expected = model.lastEntry();
        }
        case 2 -> {
          it.seek(key, 0, key.length, target.trailer());
          expected = model.ceilingEntry(target);
        }
        case 3 -> {
          it.seekBefore(key, 0, key.length, target.trailer());
          expected = model.lowerEntry(target);
        }
        case 4, 5, 6 -> {
          it.next();
          expected = model.higherEntry(at);
        }
        case 7 -> expected = SkipContract.skip(model, it, target.trailer());
        case 8 -> expected = SkipContract.skipBack(model, it, target.trailer());
        default -> {
          it.prev();
          expected = model.lowerEntry(at);
        }
      }
      assertEquals(show(expected), show(it));
      at = expected == null ? null : expected.getKey();
    }
  }

  private TreeMap<InternalKey, String> contents(List<FileMetadata> files) {
    TreeMap<InternalKey, String> model = new TreeMap<>();
    TableCache own = Tables.cache(fs, 100, Runnable::run);
    for (FileMetadata file : files) {
      TableHandle handle = own.retained(file);
      try (InternalIterator it = new TableIterator(handle.reader(), false)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          byte[] key = Stores.bytes(Tables.text(it.keyArray(), it.keyOffset(), it.keyLength()));
          model.put(
              new InternalKey(key, it.trailer()),
              Tables.text(it.valueArray(), it.valueOffset(), it.valueLength()));
        }
      }
      handle.release();
    }
    own.close();
    return model;
  }

  @Test
  void r34_aReadErrorAtAFilesFirstBlockSurfacesAndNeverSkipsTheFile() {
    fs.createDirectories(Stores.DIRECTORY);
    VersionBuilder builder = new VersionBuilder(Version.empty());
    for (int table = 0; table < 3; table++) {
      TreeMap<InternalKey, String> entries = new TreeMap<>();
      for (int k = 0; k < 30; k++) {
        entries.put(Tables.put(100 * table + k, 1), "v");
      }
      builder.add(1, write(entries));
    }
    Version version = builder.build();
    for (boolean backward : new boolean[] {false, true}) {
      for (Operation operation : List.of(Operation.OPEN, Operation.READ)) {
        for (int nth = 1; ; nth++) {
          if (!readWithFault(version, operation, nth, backward)) {
            assertTrue(nth > 3, operation + " was met " + nth + " times");
            break;
          }
        }
      }
    }
  }

  /** Reads all 90 entries with one fault on the way; false when the fault was not met. */
  private boolean readWithFault(Version version, Operation operation, int nth, boolean backward) {
    TableCache fresh = Tables.cache(fs, 1, Runnable::run);
    List<LevelIterator> cursors = new ArrayList<>();
    version.addIterators(fresh, ReadOptions.DEFAULT, 0, cursors);
    int before = fs.injectedFaults();
    fs.failAt(nth, Fault.IO_ERROR_ONCE, Set.of(operation), name -> true);
    int seen = 0;
    boolean failed = false;
    try (InternalIterator it = cursors.get(0)) {
      try {
        for (start(it, backward); it.isValid(); step(it, backward)) {
          seen++;
        }
      } catch (StorageException e) {
        failed = true;
        assertFalse(it.isValid());
        fs.clearFaults();
        seen = 0;
        for (start(it, backward); it.isValid(); step(it, backward)) {
          seen++;
        }
      }
    }
    fs.clearFaults();
    fresh.close();
    assertEquals(90, seen);
    assertEquals(0, fs.openHandles());
    assertEquals(failed, fs.injectedFaults() > before);
    return failed;
  }

  private static void start(InternalIterator it, boolean backward) {
    if (backward) {
      it.seekToLast();
    } else {
      it.seekToFirst();
    }
  }

  private static void step(InternalIterator it, boolean backward) {
    if (backward) {
      it.prev();
    } else {
      it.next();
    }
  }
}
