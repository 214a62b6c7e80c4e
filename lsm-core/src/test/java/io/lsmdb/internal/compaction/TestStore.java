package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.LevelOptions;
import io.lsmdb.internal.compaction.pick.Picker;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.compaction.pick.Pickers;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.iterator.EntryListIterator;
import io.lsmdb.internal.iterator.EntryListIterator.Item;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionBuilder;
import io.lsmdb.internal.version.VersionEdit;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The least that flushes and compactions need around them: one family's tables without log and
 * manifest, beside a model of what it should read as. Not thread-safe.
 */
final class TestStore {
  static final Path DIRECTORY = Path.of("/store");
  private static final long SESSION = 0xC0FFEE;

  final FileSystem fs;
  final TableCache tables;
  final LevelOptions options;
  Executor executor = Runnable::run;
  BooleanSupplier cancelled = () -> false;
  Picker picker = Pickers.of(CompactionStyle.leveled());
  long now = 1_700_000_000_000L;
  long expiryClock = Expiry.BEFORE_ALL;

  Version version = Version.empty();
  final TreeSet<Long> snapshots = new TreeSet<>();
  final byte[][] cursors = new byte[Version.LEVELS][];
  private final List<Item> memtable = new ArrayList<>();
  private final TreeMap<String, TreeMap<Long, String>> model = new TreeMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Random contentIds = new Random(7);
  private long sequence;

  TestStore(FileSystem fs, LevelOptions options) {
    this.fs = fs;
    this.options = options;
    fs.createDirectories(DIRECTORY);
    ShardedBlockCache blocks = new ShardedBlockCache(1 << 20);
    tables =
        new TableCache(
            new TableCache.Env(
                fs, DIRECTORY, blocks, blocks.newOwner(null), 10, Runnable::run, Runnable::run));
  }

  static LevelOptions options(int targetFileSize) {
    return new LevelOptions(4, 6, 2L * targetFileSize, 3, targetFileSize, 1, Long.MAX_VALUE);
  }

  JobEnvironment environment() {
    return new JobEnvironment(
        fs,
        DIRECTORY,
        tables,
        numbers::incrementAndGet,
        contentIds::nextLong,
        new JobEnvironment.DatabaseId(1, 2),
        SESSION,
        () -> now,
        level -> new TableFormat(256, 10, BlockCodec.NONE),
        new DropRules(null, expiryClock, null),
        executor,
        4);
  }

  void put(String key, String value) {
    write(key, value, ValueKind.PUT);
  }

  /** Puts a value that expires, which the model does not know of. */
  void putExpiring(String key, long expiry) {
    sequence++;
    memtable.add(
        new Item(
            bytes(key),
            InternalKey.trailer(sequence, ValueKind.PUT_EXPIRING),
            ByteBuffer.allocate(Long.BYTES + 1).putLong(expiry).array()));
  }

  void delete(String key) {
    write(key, null, ValueKind.DELETE);
  }

  private void write(String key, String value, int kind) {
    sequence++;
    memtable.add(
        new Item(
            bytes(key), InternalKey.trailer(sequence, kind), bytes(value == null ? "" : value)));
    model
        .computeIfAbsent(key, k -> new TreeMap<>())
        .put(sequence, value == null ? "-" : "=" + value);
  }

  long snapshot() {
    snapshots.add(sequence);
    return sequence;
  }

  void flush() {
    memtable.sort(null);
    FlushJob.Result result;
    try (EntryListIterator entries = new EntryListIterator(memtable)) {
      result = new FlushJob(entries, version, snapshotArray(), environment(), cancelled).run();
    }
    memtable.clear();
    result
        .table()
        .ifPresent(
            file -> {
              VersionBuilder builder = new VersionBuilder(version);
              builder.add(0, file);
              version = builder.build();
            });
  }

  PickerInput pickerInput() {
    return new PickerInput(
        1, version, options, List.of(), cursors, snapshotArray(), now, expiryClock);
  }

  /** Picks, runs and applies; false when there is nothing to do. */
  boolean compactOnce() {
    Optional<Compaction> picked = picker.pick(pickerInput());
    picked.ifPresent(this::runAndApply);
    return picked.isPresent();
  }

  void compactRange(String from, String to) {
    int level = 0;
    while (true) {
      Optional<Compaction> picked =
          picker.pickRange(
              pickerInput(),
              from == null ? null : bytes(from),
              to == null ? null : bytes(to),
              level,
              0);
      if (picked.isEmpty()) {
        return;
      }
      runAndApply(picked.get());
      level = picked.get().outputLevel();
    }
  }

  CompactionJob.Result runAndApply(Compaction compaction) {
    CompactionJob.Result result = run(compaction);
    VersionBuilder builder = new VersionBuilder(version);
    Set<FileMetadata> obsolete = new HashSet<>();
    for (VersionEdit.RemovedFile removed : result.edit().removed()) {
      obsolete.add(builder.remove(removed.level(), removed.number()));
    }
    for (VersionEdit.AddedFile added : result.edit().added()) {
      builder.add(added.level(), added.file());
      obsolete.remove(added.file());
    }
    version = builder.build();
    cursors[compaction.level()] = compaction.cursor();
    for (FileMetadata file : obsolete) {
      tables.evict(file);
      fs.delete(DIRECTORY.resolve(FileNames.table(file.number(), file.session())));
    }
    return result;
  }

  CompactionJob.Result run(Compaction compaction) {
    return new CompactionJob(compaction, snapshotArray(), environment(), cancelled).run();
  }

  private long[] snapshotArray() {
    return snapshots.stream().mapToLong(Long::longValue).toArray();
  }

  /** Every view of every key reads as the model says; memtables must be empty. */
  void check(String where) {
    check(where, 1, 0);
  }

  /** As {@link #check(String)}, for one in so many keys and views. */
  void check(String where, int oneIn, int which) {
    List<Long> views = new ArrayList<>(snapshots);
    views.add(sequence);
    int n = which;
    for (long view : views) {
      for (Map.Entry<String, TreeMap<Long, String>> entry : model.entrySet()) {
        if (n++ % oneIn != 0) {
          continue;
        }
        Map.Entry<Long, String> newest = entry.getValue().floorEntry(view);
        String expected = newest == null ? "-" : newest.getValue();
        assertEquals(expected, read(entry.getKey(), view), where + " " + entry.getKey());
      }
    }
    assertEquals(liveNames(), new TreeSet<>(fs.list(DIRECTORY)), where);
  }

  String read(String key, long view) {
    LookupResult out = new LookupResult();
    byte[] bytes = bytes(key);
    boolean found =
        version.get(bytes, 0, bytes.length, InternalKey.searchTrailer(view), tables, out);
    if (!found || ValueKind.isTombstone(InternalKey.kind(out.trailer))) {
      return "-";
    }
    return "="
        + new String(out.valueArray, out.valueOffset, out.valueLength, StandardCharsets.UTF_8);
  }

  TreeSet<String> liveNames() {
    TreeSet<String> names = new TreeSet<>();
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.files(level)) {
        names.add(FileNames.table(file.number(), file.session()));
      }
    }
    return names;
  }

  long entries() {
    long sum = 0;
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.files(level)) {
        sum += file.counts().entries();
      }
    }
    return sum;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
