package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.record.RecordDamageTest;
import io.lsmdb.internal.record.RecordFileType;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.internal.version.Stores.Recorder;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The common damage to record files, in a manifest. */
class ManifestRecordDamageTest extends RecordDamageTest {
  /** What the manifest describes after each edit. */
  private final List<String> states = new ArrayList<>();

  private VersionSet store(MemFileSystem on, int edits) {
    on.createDirectories(Stores.DIRECTORY);
    VersionEnv env =
        new VersionEnv(
            on,
            Stores.DIRECTORY,
            Stores.random(edits), // so that each number of edits has a salt of its own
            VersionEnv.DEFAULT_MANIFEST_ROLL_SIZE,
            new Recorder());
    VersionSet set = VersionSet.create(env);
    states.clear();
    states.add(Stores.describe(set));
    for (int i = 1; i <= edits; i++) {
      set.logAndApply(
          i % 2 == 0
              ? Edit.edit().last(70 + i).build()
              : Edit.edit().create(set.nextFamilyId(), "family " + i).build());
      states.add(Stores.describe(set));
    }
    return set;
  }

  private Subject subject(MemFileSystem on, String name) {
    CurrentFile current = CurrentFile.read(on, Stores.DIRECTORY);
    List<String> expected = List.copyOf(states);
    return new Subject(
        Stores.read(on, name),
        current.durableLength(),
        content -> {
          MemFileSystem copy = on.crashImage(CrashMode.KEEP_ALL, 0);
          Stores.replace(copy, name, content);
          try (VersionSet set = VersionSet.recover(Stores.env(copy, new Recorder()))) {
            int found = expected.indexOf(Stores.describe(set));
            assertTrue(found >= 0, "a state that never was");
            return new Read(
                found + 1, set.cutTail().map(ManifestReader.CutTail::offset).orElse(-1L));
          }
        });
  }

  @Override
  protected RecordFileType type() {
    return ManifestFormat.MANIFEST;
  }

  @Override
  protected boolean isFilledAhead() {
    return false;
  }

  @Override
  protected Subject killed() {
    MemFileSystem on = new MemFileSystem();
    return subject(on, FileNames.manifest(store(on, 4).manifestNumber()));
  }

  @Override
  protected Subject closed() {
    MemFileSystem on = new MemFileSystem();
    VersionSet set = store(on, 3);
    String name = FileNames.manifest(set.manifestNumber());
    set.close(OptionalLong.of(77));
    return subject(on, name);
  }

  @Override
  protected byte[] older() {
    MemFileSystem on = new MemFileSystem();
    VersionSet set = store(on, 12);
    return Stores.read(on, FileNames.manifest(set.manifestNumber()));
  }
}
