package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.internal.version.Stores.Recorder;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A short life of a store, stopped or disturbed at each of its mutating operations. */
class VersionSetCrashTest {
  @Test
  void aLossOfPowerWhileTheEndIsForcedLosesNothing() {
    for (int nameLength = 1; nameLength <= 512; nameLength += 8) { // moves the end over the pages
      MemFileSystem memory = new MemFileSystem();
      memory.createDirectories(Stores.DIRECTORY);
      memory.forceDirectory(Stores.DIRECTORY);
      memory.forceDirectory(Path.of("/"));
      FaultyFileSystem faulty = new FaultyFileSystem(memory);
      VersionSet set = VersionSet.create(Stores.env(faulty, new Recorder()));
      int id = set.nextFamilyId();
      set.logAndApply(Edit.edit().create(id, "n".repeat(nameLength)).build());
      String before = Stores.describe(set);
      String manifest = FileNames.manifest(set.manifestNumber());
      faulty.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.FORCE), manifest::equals);
      assertThrows(StorageException.class, set::close);
      for (int seed = 0; seed < 20; seed++) {
        MemFileSystem image = memory.crashImage(CrashMode.RANDOM_SUBSET, seed);
        try (VersionSet again = VersionSet.recover(Stores.env(image, new Recorder()))) {
          assertEquals(before, Stores.describe(again));
        }
      }
    }
  }

  private static final long ROLL_SIZE = 700;
  private static final int STEPS = 14;
  private static final int DISTURBED_STEPS = 7;

  /** A life of a store: opened, changed, closed, opened, changed. */
  private static final class Life {
    private final FileSystem fs;
    private final Recorder recorder;
    private final boolean deleteObsolete;

    /** States that are allowed after a crash: the acknowledged one, and the one in the making. */
    private String acknowledged;

    private final List<String> inTheMaking = new ArrayList<>();
    private VersionSet set;
    private long sequence;

    Life(FileSystem fs, boolean deleteObsolete) {
      this.fs = fs;
      this.deleteObsolete = deleteObsolete;
      this.recorder = new Recorder();
    }

    void open(boolean fresh) {
      VersionEnv env = Stores.env(fs, recorder, ROLL_SIZE);
      set = fresh ? VersionSet.create(env) : VersionSet.recover(env);
      if (deleteObsolete) {
        set.leftovers().forEach(name -> fs.delete(Stores.DIRECTORY.resolve(name)));
      }
      acknowledge();
    }

    private void acknowledge() {
      acknowledged = Stores.describe(set);
      inTheMaking.clear();
    }

    /** One change of the store; a failure leaves the old state acknowledged. */
    void step() {
      long i = ++sequence;
      Edit edit = Edit.edit().last(1000 + i);
      List<FileMetadata> top = set.current(0).files(0);
      if (top.size() == 3) {
        for (FileMetadata file : top) {
          edit.remove(0, 0, file.number());
        }
        for (FileMetadata file : set.current(0).files(1)) {
          edit.remove(0, 1, file.number());
        }
        edit.add(0, 1, table("a", "z", 2 * i, 2 * i));
      } else {
        edit.add(0, 0, table("c", "k", 2 * i, 2 * i + 1)).flushed(0, 2 * i + 1);
      }
      apply(edit.build());
    }

    private FileMetadata table(String from, String to, long min, long max) {
      FileMetadata file = Stores.file(set.newFileNumber(), set.session(), from, to, min, max);
      Path path = Stores.DIRECTORY.resolve(FileNames.table(file.number(), file.session()));
      try (var out = fs.create(path)) {
        out.append(new byte[(int) file.size()], 0, (int) file.size());
        out.force();
      }
      return file;
    }

    private void apply(VersionEdit edit) {
      StoreStateBuilder builder = new StoreStateBuilder(currentState());
      builder.apply(edit, 0, new HashMap<>(), IllegalStateException::new);
      inTheMaking.add(describe(builder.build(null)));
      set.logAndApply(edit);
      acknowledge();
      deleteObsolete();
    }

    /** The current state, with numbers that make any file of the edit acceptable. */
    private StoreState currentState() {
      StoreState state = set.pin();
      state.unpin();
      return new StoreState(
          state.families(), Long.MAX_VALUE, state.nextFamilyId(), state.lastSequence());
    }

    private String describe(StoreState state) {
      StringBuilder text = new StringBuilder();
      text.append(set.databaseIdHigh()).append(' ').append(set.databaseIdLow());
      for (StoreState.Entry entry : state.families().values()) {
        text.append('\n').append(entry.family()).append(Stores.describe(entry.version()));
      }
      return text.append("\nlast ").append(state.lastSequence()).toString();
    }

    void deleteObsolete() {
      if (deleteObsolete) {
        for (long number : recorder.obsoleteTables) {
          deleteTable(number);
        }
        recorder.obsoleteTables.clear();
        List<Path> paths = List.copyOf(recorder.obsoleteFiles);
        recorder.obsoleteFiles.clear();
        paths.forEach(fs::delete);
      }
    }

    private void deleteTable(long number) {
      for (String name : fs.list(Stores.DIRECTORY)) {
        if (name.startsWith(String.format("%06d-", number))) {
          fs.delete(Stores.DIRECTORY.resolve(name));
        }
      }
    }

    void run() {
      open(true);
      for (int i = 1; i <= STEPS; i++) {
        if (i == 6) {
          set.close();
          open(false);
        }
        if (i == 10) {
          open(false);
        }
        step();
      }
      set.close();
    }
  }

  private static MemFileSystem newDisk() {
    MemFileSystem disk = new MemFileSystem();
    disk.createDirectories(Stores.DIRECTORY);
    disk.forceDirectory(Path.of("/"));
    return disk;
  }

  @Test
  void aCrashAtAnyOperationLeavesTheAcknowledgedStateOrTheOneInTheMaking() {
    MemFileSystem disk = newDisk();
    FaultyFileSystem fs = new FaultyFileSystem(disk);
    Life life = new Life(fs, true);
    int[] images = {0};
    fs.observe(
        (index, operation, path) -> {
          for (CrashMode mode : CrashMode.values()) {
            boolean random = mode != CrashMode.DROP_ALL && mode != CrashMode.KEEP_ALL;
            for (int seed = 0; seed < (random ? 3 : 1); seed++) {
              check(disk.crashImage(mode, 31L * index + seed), life, index + " " + mode + seed);
              images[0]++;
            }
          }
        });
    life.run();
    assertTrue(images[0] > 500, () -> images[0] + " images");
  }

  private static void check(MemFileSystem image, Life life, String where) {
    if (!image.exists(Stores.DIRECTORY.resolve(FileNames.CURRENT))) {
      assertEquals(null, life.acknowledged, where);
      VersionSet.create(Stores.env(image, new Recorder())).close();
      return;
    }
    VersionSet set = VersionSet.recover(Stores.env(image, new Recorder()));
    String found = Stores.describe(set);
    boolean allowed =
        life.acknowledged == null
            ? set.current(0).fileCount() == 0
            : found.equals(life.acknowledged) || life.inTheMaking.contains(found);
    assertTrue(allowed, () -> where + ": " + found + " instead of " + life.acknowledged);
    // A second crash, right after recovery, changes nothing.
    VersionSet again =
        VersionSet.recover(Stores.env(image.crashImage(CrashMode.DROP_ALL, 1), new Recorder()));
    assertEquals(found, Stores.describe(again), where);
  }

  @Test
  void aFailureOfAnyOperationKeepsTheStateAndWritesResume() {
    for (Fault fault : Fault.values()) {
      int met = 0;
      for (int nth = 1; ; nth++) {
        if (!disturb(fault, nth)) {
          break;
        }
        met++;
      }
      assertTrue(met > 30, met + " operations met " + fault);
    }
  }

  /** Runs a life with a fault at one operation; false when it ended before. */
  private static boolean disturb(Fault fault, int nth) {
    MemFileSystem disk = newDisk();
    FaultyFileSystem fs = new FaultyFileSystem(disk);
    Life life = new Life(fs, true);
    life.open(true);
    String where = fault + " at " + nth;
    fs.failAt(nth, fault);
    for (int i = 1; i <= DISTURBED_STEPS; i++) {
      try {
        life.step();
      } catch (StorageException e) {
        fs.clearFaults();
        assertEquals(life.acknowledged, Stores.describe(life.set), where);
        check(disk.crashImage(CrashMode.DROP_ALL, nth), life, where);
        check(disk.crashImage(CrashMode.RANDOM_SUBSET, nth), life, where);
        life.recorder.obsoleteTables.forEach(
            number -> assertFalse(Stores.liveFiles(life.set).contains(number), where));
        life.deleteObsolete();
        life.step();
        check(disk.crashImage(CrashMode.DROP_ALL, nth), life, where);
      }
    }
    boolean met = fs.injectedFaults() > 0;
    fs.clearFaults();
    life.set.close();
    assertEquals(0, fs.openHandles(), () -> where + fs.openFiles());
    VersionSet again = VersionSet.recover(Stores.env(disk, new Recorder()));
    assertEquals(life.acknowledged, Stores.describe(again), where);
    return met;
  }

  @Test
  void aFullDiskIsFollowedByNormalWorkOnceThereIsSpace() {
    SplittableRandom random = new SplittableRandom(5);
    int refused = 0;
    for (int round = 0; round < 30; round++) {
      MemFileSystem disk = newDisk();
      Life life = new Life(disk, true);
      life.open(true);
      life.step();
      disk.setCapacity(disk.usedBytes() + random.nextInt(1500));
      for (int i = 2; i < 12; i++) {
        try {
          life.step();
        } catch (StorageException e) {
          assertEquals(StorageException.Reason.DISK_FULL, e.reason());
          assertEquals(life.acknowledged, Stores.describe(life.set));
          refused++;
        }
      }
      disk.setCapacity(1L << 40);
      life.step();
      check(disk.crashImage(CrashMode.DROP_ALL, round), life, "round " + round);
      life.set.close();
      assertEquals(
          life.acknowledged, Stores.describe(VersionSet.recover(Stores.env(disk, new Recorder()))));
    }
    assertTrue(refused > 50, refused + " changes refused");
  }
}
