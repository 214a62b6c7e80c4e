package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CorruptionException;
import io.lsmdb.DbClosedException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.internal.version.Stores.Recorder;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VersionSetTest {
  private final MemFileSystem memory = new MemFileSystem();
  private final FaultyFileSystem fs = new FaultyFileSystem(memory);
  private final Recorder recorder = new Recorder();

  @BeforeEach
  void createDirectory() {
    memory.createDirectories(Stores.DIRECTORY);
    memory.forceDirectory(Stores.DIRECTORY);
    memory.forceDirectory(Path.of("/"));
  }

  private VersionSet create() {
    return VersionSet.create(Stores.env(fs, recorder));
  }

  private VersionSet recover() {
    return VersionSet.recover(Stores.env(fs, recorder));
  }

  /** A new table, there on disk. */
  private FileMetadata table(VersionSet set, String from, String to, long sequence) {
    FileMetadata file =
        Stores.file(set.newFileNumber(), set.session(), from, to, sequence, sequence);
    return Stores.stored(memory, file);
  }

  private static Edit edit() {
    return Edit.edit();
  }

  @Test
  void aNewStoreHasTheDefaultFamily() {
    try (VersionSet set = create()) {
      assertEquals(List.of(new Family(0, "default", 0, FamilySettings.NONE, 0, 0)), set.families());
      assertEquals(0, set.current(0).fileCount());
      assertEquals(0, set.lastSequence());
      assertThrows(IllegalStateException.class, this::create);
    }
    assertThrows(IllegalArgumentException.class, () -> recover().current(1));
  }

  @Test
  void rangeTombstonesSurviveAsLongAsTheyAreNeeded() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "z", 5);
    set.logAndApply(edit().add(0, 6, file).last(5).build());
    // More than goes into one record of a manifest that is written anew.
    RangeTombstones.Builder pieces = new RangeTombstones.Builder();
    for (int i = 0; i < 60_000; i++) {
      byte[] bound = String.format("m%036d", i).getBytes(StandardCharsets.UTF_8);
      pieces.add(bound, i % 3 == 0 ? new long[0] : new long[] {100L + i, 50});
    }
    RangeTombstones deleted = pieces.add(new byte[] {'y'}).build();
    set.logAndApply(edit().last(70_000).delete(0, deleted).build());
    assertPieces(deleted, set);
    set = VersionSet.recover(Stores.env(crash(), new Recorder())); // replays the edit
    assertPieces(deleted, set);
    set.close();
    set = recover(); // reads the manifest that was written at the opening
    assertPieces(deleted, set);
    set.logAndApply(edit().remove(0, 6, file.number()).build());
    assertEquals(0, set.current(0).rangeTombstones().pieces());
    set.close();
    try (VersionSet again = recover()) {
      assertEquals(0, again.current(0).rangeTombstones().pieces());
    }
  }

  private static void assertPieces(RangeTombstones expected, VersionSet set) {
    RangeTombstones actual = set.current(0).rangeTombstones();
    assertEquals(expected.pieces(), actual.pieces());
    assertEquals(expected.size(), actual.size());
    for (int piece = 0; piece < expected.pieces(); piece++) {
      assertArrayEquals(expected.from(piece), actual.from(piece));
      assertArrayEquals(expected.sequences(piece), actual.sequences(piece));
    }
  }

  @Test
  void changesSurviveACleanCloseAndADeathOfTheProcess() {
    VersionSet set = create();
    int family = set.nextFamilyId();
    set.logAndApply(edit().create(family, "événements", "concat", 2).build());
    FileMetadata low = table(set, "a", "m", 5);
    FileMetadata high = table(set, "n", "z", 6);
    set.logAndApply(edit().add(family, 0, low).add(0, 1, high).flushed(family, 5).last(9).build());
    set.logAndApply(edit().remove(family, 0, low.number()).add(family, 6, low).build());
    String before = Stores.describe(set);
    assertEquals(before, Stores.describe(VersionSet.recover(Stores.env(crash(), new Recorder()))));
    set.close();
    VersionSet again = recover();
    assertEquals(before, Stores.describe(again));
    assertEquals(9, again.lastSequence());
    assertEquals(5, again.family(family).flushedSequence());
    assertNotEquals(set.session(), again.session());
    assertTrue(again.newFileNumber() > high.number());
    assertTrue(again.nextFamilyId() > family);
    assertTrue(again.cutTail().isEmpty());
    again.close();
    again.close();
    assertEquals(0, fs.openHandles());
  }

  private MemFileSystem crash() {
    return memory.crashImage(CrashMode.DROP_ALL, 1);
  }

  @Test
  void publicationFollowsDurabilityInOrder() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(
        edit().add(0, 0, file).build(),
        () -> {
          assertEquals(0, set.current(0).fileCount());
          VersionSet other = VersionSet.recover(Stores.env(crash(), new Recorder()));
          assertEquals(1, other.current(0).fileCount());
          assertEquals(List.of(), recorder.published);
        });
    assertEquals(List.of("0:1"), recorder.published);
  }

  @Test
  void refusedEditsChangeNothing() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 1, file).build());
    String before = Stores.describe(set);
    FileMetadata other = table(set, "b", "c", 2);
    List<VersionEdit> impossible =
        List.of(
            edit().remove(0, 1, 99).build(),
            edit().add(0, 2, file).build(),
            edit().add(0, 1, other).build(),
            edit().add(3, 0, other).build(),
            edit().add(0, 2, other).add(0, 3, other).build(),
            edit().add(0, 0, Stores.file(1 << 20, "a", "b", 9, 9)).build(),
            edit().create(0, "default").build(),
            edit().create(5, "never given out").build(),
            edit().drop(0).build(),
            edit().drop(4).build(),
            edit().flushed(4, 1).build(),
            edit().remove(0, 1, file.number()).remove(0, 1, file.number()).build());
    long size = Stores.read(memory, FileNames.manifest(set.manifestNumber())).length;
    for (VersionEdit edit : impossible) {
      assertThrows(IllegalStateException.class, () -> set.logAndApply(edit), edit.toString());
      assertEquals(before, Stores.describe(set));
    }
    assertEquals(size, Stores.read(memory, FileNames.manifest(set.manifestNumber())).length);
    set.logAndApply(edit().remove(0, 1, file.number()).add(0, 1, other).build());
    assertEquals(List.of(file.number()), recorder.obsoleteTables);
  }

  @Test
  void r39_emptyAndOverlongAndMalformedFamilyNamesAreRefused() {
    VersionSet set = create();
    int id = set.nextFamilyId();
    for (String name : List.of("", "x".repeat(1025), "é".repeat(513), "\uD800", "default")) {
      assertThrows(
          IllegalStateException.class, () -> set.logAndApply(edit().create(id, name).build()));
    }
    set.logAndApply(edit().create(id, "x".repeat(1024)).build());
    int second = set.nextFamilyId();
    assertThrows(
        IllegalStateException.class,
        () -> set.logAndApply(edit().create(second, "x".repeat(1024)).build()));
    set.close();
    assertEquals("x".repeat(1024), recover().family(id).name());
  }

  @Test
  void familyIdsAreNeverUsedAgain() {
    VersionSet set = create();
    int id = set.nextFamilyId();
    set.logAndApply(edit().create(id, "a").build());
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(id, 0, file).build());
    set.logAndApply(edit().drop(id).build());
    assertEquals(List.of(file.number()), recorder.obsoleteTables);
    set.close();
    assertTrue(recover().nextFamilyId() > id);
    assertTrue(recover().nextFamilyId() > id);
  }

  @Test
  void aTableIsObsoleteWhenItsLastVersionIsReleasedAndOnlyOnce() {
    VersionSet set = create();
    FileMetadata first = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, first).build());
    Version reader = set.current(0);
    reader.retain();
    StoreState pinned = set.pin();
    FileMetadata second = table(set, "a", "b", 2);
    set.logAndApply(edit().remove(0, 0, first.number()).add(0, 1, second).build());
    assertEquals(List.of(), recorder.obsoleteTables);
    assertEquals(Set.of(first.number(), second.number()), Stores.liveFiles(set));
    reader.release();
    assertEquals(List.of(), recorder.obsoleteTables);
    pinned.unpin();
    assertEquals(List.of(first.number()), recorder.obsoleteTables);
    assertEquals(Set.of(second.number()), Stores.liveFiles(set));
    assertFalse(reader.tryRetain());
    assertThrows(IllegalStateException.class, reader::retain);
    set.logAndApply(edit().remove(0, 1, second.number()).add(0, 5, second).build());
    assertEquals(List.of(first.number()), recorder.obsoleteTables);
    set.logAndApply(edit().remove(0, 5, second.number()).build());
    assertEquals(List.of(first.number(), second.number()), recorder.obsoleteTables);
  }

  @Test
  void aMovedTableKeepsItsObject() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, file).build());
    FileMetadata copy = Stores.file(file.number(), file.session(), "a", "b", 1, 1);
    set.logAndApply(edit().remove(0, 0, file.number()).add(0, 3, copy).build());
    assertSame(file, set.current(0).files(3).get(0));
    FileMetadata changed = Stores.file(file.number(), file.session(), "a", "c", 1, 1);
    assertThrows(
        IllegalStateException.class,
        () -> set.logAndApply(edit().remove(0, 3, file.number()).add(0, 4, changed).build()));
  }

  @Test
  void nothingHappensAfterClose() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, file).build());
    Version version = set.current(0);
    version.retain();
    set.logAndApply(edit().remove(0, 0, file.number()).build());
    set.close();
    version.release();
    assertEquals(List.of(), recorder.obsoleteTables);
    assertThrows(DbClosedException.class, () -> set.logAndApply(edit().last(5).build()));
    VersionSet again = recover();
    assertTrue(
        again.leftovers().contains(FileNames.table(file.number(), file.session())),
        () -> again.leftovers().toString());
  }

  @Test
  void r20_sequencesAndNumbersAreNeverLowered() {
    VersionSet set = create();
    set.logAndApply(edit().last(100).build(50));
    set.logAndApply(edit().last(40).flushed(0, 70).build(20));
    set.logAndApply(edit().flushed(0, 30).build());
    assertEquals(100, set.lastSequence());
    assertEquals(70, set.family(0).flushedSequence());
    set.logAndApply(edit().add(0, 0, table(set, "a", "b", 200)).build());
    assertEquals(200, set.lastSequence());
    set.close();
    VersionSet again = recover();
    assertEquals(200, again.lastSequence());
    assertEquals(70, again.family(0).flushedSequence());
    assertTrue(again.newFileNumber() > 50);
  }

  @Test
  void r22_numbersOfLeftOverFilesAreNotUsedAgain() {
    create().close();
    Stores.write(memory, FileNames.table(5000, 3), new byte[1]);
    Stores.write(memory, FileNames.manifest(6000), new byte[1]);
    Stores.write(memory, FileNames.temporary(7000), new byte[1]);
    VersionSet set = recover();
    assertTrue(set.newFileNumber() > 7000);
    assertTrue(
        set.leftovers()
            .containsAll(
                List.of(
                    FileNames.table(5000, 3),
                    FileNames.manifest(6000),
                    FileNames.temporary(7000))));
  }

  @Test
  void r23_aSessionIsNeverThatOfAFileInTheDirectory() {
    create().close();
    long taken = Stores.random(7).getAsLong();
    Stores.write(memory, FileNames.table(900, taken), new byte[1]);
    assertNotEquals(taken, recover().session());
  }

  @Test
  void r24_nothingIsAppendedBehindAPartialWriteAndWritesResume() {
    VersionSet set = create();
    FileMetadata first = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, first).build());
    String manifest = FileNames.manifest(set.manifestNumber());
    fs.failAt(1, Fault.SHORT_WRITE, Set.of(Operation.APPEND), manifest::equals);
    FileMetadata lost = table(set, "a", "b", 2);
    assertThrows(StorageException.class, () -> set.logAndApply(edit().add(0, 0, lost).build()));
    fs.clearFaults();
    long size = memory.size(Stores.DIRECTORY.resolve(manifest));
    assertEquals(Set.of(first.number(), lost.number()), Stores.liveFiles(set));
    assertEquals(List.of(), recorder.obsoleteTables);
    assertThrows(
        IllegalStateException.class, () -> set.logAndApply(edit().add(0, 0, lost).build()));
    FileMetadata second = table(set, "a", "b", 3);
    set.logAndApply(edit().add(0, 0, second).build());
    assertEquals(size, memory.size(Stores.DIRECTORY.resolve(manifest)));
    assertNotEquals(manifest, FileNames.manifest(set.manifestNumber()));
    assertEquals(List.of(lost.number()), recorder.obsoleteTables);
    assertEquals(List.of(Stores.DIRECTORY.resolve(manifest)), recorder.obsoleteFiles);
    String state = Stores.describe(set);
    VersionSet other = VersionSet.recover(Stores.env(crash(), new Recorder()));
    assertEquals(state, Stores.describe(other));
  }

  @Test
  void r25_aForceThatFailedButPersistedKeepsTheTablesOfBothOutcomes() {
    VersionSet set = create();
    FileMetadata first = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, first).build());
    String manifest = FileNames.manifest(set.manifestNumber());
    fs.failAt(1, Fault.IO_ERROR_ONCE, Set.of(Operation.FORCE), manifest::equals);
    FileMetadata second = table(set, "a", "b", 2);
    VersionEdit edit = edit().remove(0, 0, first.number()).add(0, 1, second).build();
    assertThrows(ForceFailedException.class, () -> set.logAndApply(edit));
    assertEquals(List.of(), recorder.obsoleteTables);
    assertEquals(1, set.current(0).files(0).size());
    for (CrashMode mode : CrashMode.values()) {
      for (int seed = 0; seed < 20; seed++) {
        MemFileSystem image = memory.crashImage(mode, seed);
        VersionSet after = VersionSet.recover(Stores.env(image, new Recorder()));
        assertEquals(1, after.current(0).fileCount());
      }
    }
  }

  @Test
  void r26_aFailedNewManifestLeavesTheGoodOneAlone() {
    for (int nth = 1; ; nth++) {
      MemFileSystem disk = new MemFileSystem();
      disk.createDirectories(Stores.DIRECTORY);
      FaultyFileSystem faulty = new FaultyFileSystem(disk);
      Recorder events = new Recorder();
      VersionSet set = VersionSet.create(Stores.env(faulty, events, 100));
      for (int i = 0; i < 8; i++) {
        set.logAndApply(edit().last(10 + i).build());
      }
      String before = Stores.describe(set);
      long good = set.manifestNumber();
      faulty.failAt(nth, Fault.IO_ERROR_ONCE);
      boolean failed = false;
      while (set.manifestNumber() == good && !failed) {
        try {
          set.logAndApply(edit().last(1).build());
        } catch (StorageException e) {
          failed = true;
        }
      }
      faulty.clearFaults();
      if (faulty.injectedFaults() == 0) {
        assertTrue(nth > 6, "the fault was never met");
        return;
      }
      if (!failed) {
        // The mark behind a durable edit: a success, and the reason for the new manifest.
        continue;
      }
      assertEquals(set.manifestNumber() != good, events.obsoleteFiles.contains(manifest(good)));
      assertEquals(before, Stores.describe(set));
      MemFileSystem image = disk.crashImage(CrashMode.DROP_ALL, nth);
      VersionSet other = VersionSet.recover(Stores.env(image, new Recorder()));
      assertEquals(before, Stores.describe(other));
      set.logAndApply(edit().last(99).build());
      assertEquals(99, set.lastSequence());
      set.close();
      VersionSet again = VersionSet.recover(Stores.env(disk, new Recorder()));
      assertEquals(99, again.lastSequence());
      again.close();
      assertEquals(0, faulty.openHandles());
    }
  }

  private static Path manifest(long number) {
    return Stores.DIRECTORY.resolve(FileNames.manifest(number));
  }

  @Test
  void theManifestIsReplacedWhenItHasGrown() {
    VersionSet set = VersionSet.create(Stores.env(fs, recorder, 2000));
    long first = set.manifestNumber();
    for (int i = 1; i <= 200; i++) {
      set.logAndApply(edit().last(i).build());
      assertTrue(memory.size(manifest(set.manifestNumber())) < 2200);
    }
    assertTrue(set.manifestNumber() > first);
    assertTrue(recorder.obsoleteFiles.contains(manifest(first)));
    assertFalse(recorder.obsoleteFiles.contains(manifest(set.manifestNumber())));
    set.close();
    assertEquals(200, recover().lastSequence());
  }

  @Test
  void theEndOfTheLogIsKnownAfterACleanCloseUntilItMayHaveChanged() {
    create().close(OptionalLong.of(7));
    VersionSet refused = recover();
    assertEquals(OptionalLong.of(7), refused.loggedAtClose());
    refused.close();
    VersionSet again = recover();
    assertEquals(OptionalLong.of(7), again.loggedAtClose());
    Path copy = Path.of("/copy");
    memory.createDirectories(copy);
    StoreState pinned = again.pin();
    again.export(copy, pinned);
    pinned.unpin();
    VersionEnv env = new VersionEnv(memory, copy, Stores.random(99), 1 << 20, new Recorder());
    assertEquals(OptionalLong.empty(), VersionSet.recover(env).loggedAtClose());
    VersionSet killed = VersionSet.recover(Stores.env(crash(), new Recorder()));
    assertEquals(OptionalLong.empty(), killed.loggedAtClose());
    again.close(OptionalLong.empty());
    assertEquals(OptionalLong.empty(), recover().loggedAtClose());
  }

  @Test
  void r4_aCreationThatWasInterruptedCanBeRepeated() {
    Stores.write(memory, FileNames.manifest(1), new byte[10]);
    Stores.write(memory, FileNames.temporary(2), new byte[10]);
    VersionSet set = create();
    assertEquals(
        Set.of(FileNames.manifest(1), FileNames.temporary(2)), Set.copyOf(set.leftovers()));
    set.close();
    recover().close();
  }

  @Test
  void aStoreThatLostItsCurrentFileIsNotReplacedByAnEmptyOne() {
    VersionSet set = create();
    set.logAndApply(edit().add(0, 0, table(set, "a", "b", 1)).build());
    set.close();
    memory.delete(Stores.DIRECTORY.resolve("CURRENT"));
    assertThrows(CorruptionException.class, this::create);
  }

  @Test
  void r3_aStoreWithoutOneOfItsTablesOrWithAShortOneIsRefused() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, file).build());
    set.close();
    String name = FileNames.table(file.number(), file.session());
    String path = Stores.DIRECTORY.resolve(name).toString();
    Stores.replace(memory, name, new byte[(int) file.size() - 1]);
    assertEquals(path, assertThrows(CorruptionException.class, this::recover).file());
    memory.delete(Stores.DIRECTORY.resolve(name));
    assertEquals(path, assertThrows(CorruptionException.class, this::recover).file());
    Stores.write(memory, name, new byte[(int) file.size()]);
    recover().close();
  }

  @Test
  void r10_leftOverTemporaryFilesDoNoHarm() {
    create().close();
    for (int i = 0; i < 40; i++) {
      Stores.write(memory, FileNames.temporary(i), new byte[i]);
    }
    recover().close();
    recover().close();
  }

  @Test
  void r37_outputsInTheMakingAreNeverLeftovers() {
    create().close();
    VersionSet set = recover();
    FileMetadata output = table(set, "a", "b", 1);
    assertFalse(set.leftovers().contains(FileNames.table(output.number(), output.session())));
    assertFalse(set.leftovers().contains(FileNames.manifest(set.manifestNumber())));
    set.logAndApply(edit().last(4).build());
    assertEquals(List.of(), recorder.obsoleteTables);
  }

  @Test
  void r40_aCheckpointDescribesThePinnedStateWhateverHappensMeanwhile() {
    VersionSet set = create();
    FileMetadata file = table(set, "a", "b", 1);
    set.logAndApply(edit().add(0, 0, file).build());
    String before = Stores.describe(set);
    StoreState pinned = set.pin();
    set.logAndApply(edit().remove(0, 0, file.number()).build());
    assertEquals(List.of(), recorder.obsoleteTables);
    Path copy = Path.of("/copy");
    memory.createDirectories(copy);
    String name = FileNames.table(file.number(), file.session());
    memory.link(Stores.DIRECTORY.resolve(name), copy.resolve(name));
    set.export(copy, pinned);
    pinned.unpin();
    assertEquals(List.of(file.number()), recorder.obsoleteTables);
    VersionEnv env = new VersionEnv(memory, copy, Stores.random(99), 1 << 20, new Recorder());
    VersionSet restored = VersionSet.recover(env);
    assertEquals(before, Stores.describe(restored));
    assertNotEquals(set.session(), restored.session());
  }
}
