package io.lsmdb.internal.version;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import io.lsmdb.internal.version.VersionEdit.DeletedRanges;
import io.lsmdb.internal.version.VersionEdit.DropClock;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/** Small things that the tests of this package share. */
final class Stores {
  static final Path DIRECTORY = Path.of("/store");

  private Stores() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A description of a table whose entries have one sequence each. */
  static FileMetadata file(
      long number, String from, String to, long minSequence, long maxSequence) {
    return file(number, 0x5E55104L, from, to, minSequence, maxSequence);
  }

  static FileMetadata file(
      long number, long session, String from, String to, long minSequence, long maxSequence) {
    return new FileMetadata(
        number,
        session,
        new FileMetadata.Content(number * 1_000_003, 10 + number % 90, (int) number * 31, 1_700L),
        new FileMetadata.Counts(2, 1, minSequence, maxSequence),
        new InternalKey(bytes(from), InternalKey.trailer(maxSequence, ValueKind.PUT)),
        new InternalKey(bytes(to), InternalKey.trailer(minSequence, ValueKind.DELETE)));
  }

  /** Puts a file of the right name and size where a table should be. */
  static FileMetadata stored(FileSystem fs, FileMetadata file) {
    write(fs, FileNames.table(file.number(), file.session()), new byte[(int) file.size()]);
    return file;
  }

  static void write(FileSystem fs, String name, byte[] content) {
    try (WritableFile out = fs.create(DIRECTORY.resolve(name))) {
      out.append(content, 0, content.length);
      out.force();
    }
    fs.forceDirectory(DIRECTORY);
  }

  static void replace(FileSystem fs, String name, byte[] content) {
    fs.delete(DIRECTORY.resolve(name));
    write(fs, name, content);
  }

  static byte[] read(FileSystem fs, String name) {
    try (ReadableFile in = fs.openForRead(DIRECTORY.resolve(name))) {
      byte[] content = new byte[(int) in.size()];
      int n = in.read(0, content, 0, content.length);
      if (n != content.length && content.length > 0) {
        throw new AssertionError("short read");
      }
      return content;
    }
  }

  static LongSupplier random(long seed) {
    return new SplittableRandom(seed)::nextLong;
  }

  static VersionEnv env(FileSystem fs, Recorder recorder) {
    return env(fs, recorder, VersionEnv.DEFAULT_MANIFEST_ROLL_SIZE);
  }

  static VersionEnv env(FileSystem fs, Recorder recorder, long rollSize) {
    return new VersionEnv(fs, DIRECTORY, random(7), rollSize, recorder);
  }

  /** Everything that must survive, as text. */
  static String describe(VersionSet set) {
    StringBuilder text = new StringBuilder();
    text.append(set.databaseIdHigh()).append(' ').append(set.databaseIdLow());
    for (Family family : set.families()) {
      text.append('\n').append(family).append(describe(set.current(family.id())));
    }
    return text.append("\nlast ").append(set.lastSequence()).toString();
  }

  static String describe(Version version) {
    StringBuilder text = new StringBuilder();
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.files(level)) {
        text.append(" L").append(level).append(':').append(file.number());
        text.append('/').append(file.session()).append(file.content()).append(file.counts());
        text.append(new TreeMap<>(Map.of(file.smallest(), 1, file.largest(), 2)));
      }
    }
    return text.toString();
  }

  /** The numbers of the tables that must not be deleted: those of versions in use, or in doubt. */
  static Set<Long> liveFiles(VersionSet set) {
    Set<Long> numbers = new TreeSet<>(set.references.numbers());
    numbers.addAll(set.givenUp.doubtful());
    return numbers;
  }

  /** Builds edits in one line. */
  static final class Edit {
    private final VersionEdit.Builder changes = VersionEdit.builder();

    static Edit edit() {
      return new Edit();
    }

    Edit create(int id, String name) {
      changes.createFamily(new CreatedFamily(id, name, 0, FamilySettings.NONE));
      return this;
    }

    Edit create(int id, String name, String mergeOperator, int prefixLength) {
      changes.createFamily(
          new CreatedFamily(
              id, name, 0, new FamilySettings(mergeOperator, prefixLength, 0, false, false, null)));
      return this;
    }

    Edit remove(int family, int level, long number) {
      changes.removeFiles(List.of(new RemovedFile(family, level, number)));
      return this;
    }

    Edit add(int family, int level, FileMetadata file) {
      changes.addFile(family, level, file);
      return this;
    }

    Edit flushed(int family, long sequence) {
      changes.flushed(family, sequence);
      return this;
    }

    Edit drop(int family) {
      changes.dropFamily(family);
      return this;
    }

    Edit dropClocks(List<DropClock> clocks) {
      changes.dropClocks(clocks);
      return this;
    }

    Edit delete(int family, RangeTombstones ranges) {
      changes.deleteRanges(new DeletedRanges(family, ranges));
      return this;
    }

    Edit last(long sequence) {
      changes.lastSequence(sequence);
      return this;
    }

    VersionEdit build() {
      return build(0);
    }

    VersionEdit build(long nextFileNumber) {
      return changes.nextFileNumber(nextFileNumber).build();
    }
  }

  /** Remembers what the version set tells. */
  static final class Recorder implements VersionEnv.Listener {
    final List<String> published = new ArrayList<>();
    final List<Long> obsoleteTables = new ArrayList<>();
    final List<Path> obsoleteFiles = new ArrayList<>();

    @Override
    public synchronized void published(int family, Version version) {
      published.add(family + ":" + version.fileCount());
    }

    @Override
    public synchronized void tableObsolete(FileMetadata file) {
      obsoleteTables.add(file.number());
    }

    @Override
    public synchronized void fileObsolete(Path file) {
      obsoleteFiles.add(file);
    }
  }
}
