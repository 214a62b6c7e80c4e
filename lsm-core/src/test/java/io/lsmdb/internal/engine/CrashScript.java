package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CompactionStyle;
import io.lsmdb.Compression;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.Durability;
import io.lsmdb.MergeOperator;
import io.lsmdb.TimeSource;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.CrashHistory.Change;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestEnvironments;
import io.lsmdb.testing.TestOperators;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A seeded run of everything that a store can do, told to a {@link CrashHistory}.
 *
 * <p>Used by one thread; background work runs between the steps, or beside those that wait for it.
 */
final class CrashScript {
  static final Path DIRECTORY = Path.of("/store").toAbsolutePath();
  static final int KEYS = 24;
  static final EngineTuning TUNING = new EngineTuning(2 << 10, 16 << 10, 3 << 10, 1_000);
  static final MergeOperator OPERATOR = TestOperators.JOINING;
  private static final int MAX_FAMILIES = 5;
  private static final List<CompactionStyle> LOOSE_STYLES =
      List.of(
          CompactionStyle.leveled(),
          CompactionStyle.fifo().maxBytes(64 << 10),
          CompactionStyle.universal());

  final CrashHistory history;
  private final Random random;
  private final boolean atomicFlush;
  private final long seed;
  private FileSystem fileSystem;
  private SteppedExecutors executors;
  private Db db;
  private int values;
  private int opens;

  CrashScript(FileSystem fileSystem, long seed, boolean atomicFlush) {
    this.fileSystem = fileSystem;
    this.seed = seed;
    this.random = new Random(seed);
    this.atomicFlush = atomicFlush;
    this.history = new CrashHistory(atomicFlush);
  }

  /** Options that make everything small, so that a short run reaches every part of the engine. */
  static DbOptions options(boolean atomicFlush) {
    return options(atomicFlush, CompactionStyle.leveled());
  }

  private static DbOptions options(boolean atomicFlush, CompactionStyle style) {
    return builder(atomicFlush, style).build();
  }

  /** The same with a clock, and a style of its own for the loose family, which has no operator. */
  static DbOptions options(
      boolean atomicFlush, CompactionStyle style, CompactionStyle loose, TimeSource clock) {
    return builder(atomicFlush, style)
        .familyOptions(Map.of(CrashHistory.LOOSE, family(loose).build()))
        .timeSource(clock)
        .build();
  }

  private static DbOptions.Builder builder(boolean atomicFlush, CompactionStyle style) {
    return DbOptions.builder()
        .atomicFlush(atomicFlush)
        .blockCacheSize(256 << 10)
        .maxOpenFiles(16)
        .defaultFamilyOptions(family(style).mergeOperator(OPERATOR).build());
  }

  private static ColumnFamilyOptions.Builder family(CompactionStyle style) {
    return ColumnFamilyOptions.builder()
        .writeBufferSize(64 << 10)
        .maxWriteBufferNumber(16)
        .targetFileSize(4 << 10)
        .maxBytesForLevelBase(16 << 10)
        .maxBytesForLevelMultiplier(4)
        .compactionStyle(style)
        .level0FileNumCompactionTrigger(3)
        .level0SlowdownWritesTrigger(100)
        .level0StopWritesTrigger(200)
        .blockSize(1024)
        .compression(List.of(Compression.NONE, Compression.LZ4));
  }

  Db db() {
    return db;
  }

  SteppedExecutors executors() {
    return executors;
  }

  /** Opens the store on the file system of the script. */
  void open() {
    openUntold();
    history.allDurable();
  }

  /** Opens the store without a word to the history. */
  void openUntold() {
    executors = new SteppedExecutors(seed + opens);
    db =
        DbImpl.open(
            DIRECTORY,
            options(
                atomicFlush,
                opens % 2 == 0 ? CompactionStyle.universal() : CompactionStyle.leveled(),
                LOOSE_STYLES.get(opens % 3),
                history.clock::get),
            TestEnvironments.of(fileSystem, seed * 31 + ++opens, executors),
            TUNING);
  }

  /** Leaves the open store alone, as a crash does, and goes on with another file system. */
  void crashed(FileSystem image) {
    fileSystem = image;
  }

  /** Does one thing. */
  void step() {
    history.clock.addAndGet(random.nextInt(3));
    int choice = random.nextInt(110);
    if (choice >= 104) {
      touch(random.nextInt(4) == 0 ? Durability.NO_WAL : anyLogged());
    } else if (choice >= 100) {
      deleteFiles();
    } else if (choice < 3) {
      deleteRange(
          choice == 0
              ? WriteOptions.NO_WAL
              : choice == 1 ? WriteOptions.SYNC : WriteOptions.BUFFERED);
    } else if (choice < 55) {
      write(choice < 12 ? WriteOptions.SYNC : WriteOptions.BUFFERED, 1, 100);
    } else if (choice < 70) {
      write(choice < 58 ? WriteOptions.SYNC : WriteOptions.BUFFERED, 4, 60);
    } else if (choice < 74) {
      write(WriteOptions.BUFFERED, 2, 9000);
    } else if (choice < 84) {
      write(WriteOptions.NO_WAL, 1 + random.nextInt(3), 100);
    } else if (choice < 87) {
      flushAll();
    } else if (choice < 90) {
      flushOne();
    } else if (choice < 93) {
      compact();
    } else if (choice < 95) {
      create();
    } else if (choice < 97) {
      drop();
    } else if (choice < 98) {
      reopen();
    } else if (choice < 99) {
      db.write(new WriteBatch(), WriteOptions.SYNC);
      history.synced();
    } else {
      executors.runPending();
    }
    if (random.nextInt(4) == 0) {
      executors.runPending();
    }
  }

  void write(WriteOptions options, int most, int size) {
    String prefix = prefix(options);
    List<Change> changes = new ArrayList<>();
    List<String> families = history.families();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      String family = families.get(random.nextInt(families.size()));
      String key = prefix + random.nextInt(KEYS);
      int kind = random.nextInt(5);
      String filler = "-".repeat(random.nextInt(size));
      String value = kind == 0 ? null : "v" + ++values + filler;
      boolean isMerge = kind == 1 && !family.equals(CrashHistory.LOOSE);
      long expiry = kind == 2 ? anyExpiry() : CrashHistory.NEVER;
      changes.add(new Change(family, key, value, isMerge, expiry));
    }
    write(options, changes);
  }

  private long anyExpiry() {
    return history.clock.get() + 1 + random.nextInt(40);
  }

  private Durability anyLogged() {
    return random.nextBoolean() ? Durability.SYNC : Durability.BUFFERED;
  }

  /** Touches a key: to the history as much as putting what is there once more. */
  private void touch(Durability durability) {
    boolean unlogged = durability == Durability.NO_WAL;
    String family = anyFamily();
    String key = (unlogged ? "u" : "k") + random.nextInt(KEYS);
    int timeToLive = 1 + random.nextInt(40);
    WriteOptions options =
        WriteOptions.builder()
            .durability(durability)
            .timeToLive(Duration.ofMillis(timeToLive))
            .build();
    byte[] there = family(family).get(bytes(key));
    Change change = new Change(family, key, text(there), false, history.clock.get() + timeToLive);
    if (!family.equals(CrashHistory.LOOSE)) {
      assertEquals(history.visible(family, key), change.value());
    }
    Runnable touch = () -> assertArrayEquals(there, family(family).touch(bytes(key), options));
    if (there == null) {
      touch.run();
      if (durability == Durability.SYNC) {
        history.synced();
      }
    } else if (unlogged) {
      history.beginUnlogged(List.of(change));
      touch.run();
    } else {
      history.beginLogged(List.of(change));
      touch.run();
      history.endLogged(durability == Durability.SYNC);
    }
  }

  /** Drops files of the loose family, if it is there. */
  private void deleteFiles() {
    if (!history.families().contains(CrashHistory.LOOSE)) {
      create(CrashHistory.LOOSE);
    } else {
      if (random.nextInt(4) > 0) {
        compact(CrashHistory.LOOSE);
      }
      byte[] from = random.nextInt(4) > 0 ? null : bytes("k" + random.nextInt(KEYS));
      byte[] to = random.nextInt(4) > 0 ? null : bytes("u" + random.nextInt(KEYS));
      family(CrashHistory.LOOSE).deleteFilesInRange(from, to);
      history.learn(CrashHistory.read(db));
    }
  }

  /** Lets nothing expire that is in the store; the history is not told. */
  void keepAll() {
    WriteOptions forever =
        WriteOptions.builder().timeToLive(Duration.ofSeconds(Long.MAX_VALUE)).build();
    for (String name : history.families()) {
      for (int i = 0; i < KEYS; i++) {
        family(name).touch(bytes("k" + i), forever);
        family(name).touch(bytes("u" + i), forever);
      }
    }
    executors.during(db::flush);
    history.learn(CrashHistory.read(db));
  }

  /** Deletes a range: to the history as much as deleting each key that it may have. */
  private void deleteRange(WriteOptions options) {
    String family = anyFamily();
    String prefix = prefix(options);
    int from = random.nextInt(KEYS);
    int length = 1 + random.nextInt(random.nextInt(4) == 0 ? KEYS : 3);
    List<Change> changes = new ArrayList<>();
    String begin = prefix + from;
    String end = prefix + (from + length);
    if (begin.compareTo(end) > 0) {
      String smaller = end;
      end = begin;
      begin = smaller;
    }
    for (int i = 0; i < KEYS; i++) {
      String key = prefix + i;
      if (begin.compareTo(key) <= 0 && key.compareTo(end) < 0) {
        changes.add(new Change(family, key, null, false));
      }
    }
    byte[] first = bytes(begin);
    byte[] last = bytes(end);
    write(options, changes, () -> family(family).deleteRange(first, last, options));
  }

  private static String prefix(WriteOptions options) {
    return options.equals(WriteOptions.NO_WAL) ? "u" : "k";
  }

  void write(WriteOptions options, List<Change> changes) {
    write(options, changes, () -> apply(options, changes));
  }

  private void write(WriteOptions options, List<Change> changes, Runnable write) {
    if (options.equals(WriteOptions.NO_WAL)) {
      history.beginUnlogged(changes);
      write.run();
    } else {
      history.beginLogged(changes);
      write.run();
      history.endLogged(options.equals(WriteOptions.SYNC));
    }
  }

  private void apply(WriteOptions options, List<Change> changes) {
    if (changes.size() == 1) {
      Change change = changes.get(0);
      ColumnFamily family = family(change.family());
      byte[] key = bytes(change.key());
      if (change.value() == null) {
        family.delete(key, options);
      } else if (change.isMerge()) {
        family.merge(key, bytes(change.value()), options);
      } else if (change.expiry() == CrashHistory.NEVER) {
        family.put(key, bytes(change.value()), options);
      } else {
        WriteBatch put = new WriteBatch().put(family, key, bytes(change.value()), change.expiry());
        db.write(put, options);
      }
      return;
    }
    WriteBatch batch = new WriteBatch();
    for (Change change : changes) {
      ColumnFamily family = family(change.family());
      byte[] key = bytes(change.key());
      if (change.value() == null) {
        batch.delete(family, key);
      } else if (change.isMerge()) {
        batch.merge(family, key, bytes(change.value()));
      } else {
        batch.put(family, key, bytes(change.value()), change.expiry());
      }
    }
    db.write(batch, options);
  }

  void flushAll() {
    executors.during(db::flush);
    history.flushed(history.families());
  }

  private void flushOne() {
    String name = anyFamily();
    executors.during(() -> db.flush(List.of(family(name))));
    history.flushed(List.of(name));
  }

  private void compact() {
    compact(anyFamily());
  }

  void compact(String name) {
    executors.during(() -> family(name).compact(null, null));
    history.flushed(List.of(name));
  }

  private void create() {
    List<String> families = history.families();
    int number = random.nextInt(MAX_FAMILIES);
    String name = number == 0 ? CrashHistory.LOOSE : "f" + number;
    if (!families.contains(name)) {
      create(name);
    }
  }

  void create(String name) {
    history.beginCreate(name);
    db.createColumnFamily(name);
    history.endSchemaChange();
  }

  private void drop() {
    String name = anyFamily();
    if (!name.equals("default")) {
      drop(name);
    }
  }

  void drop(String name) {
    history.beginDrop(name);
    executors.during(() -> db.dropColumnFamily(family(name)));
    history.endSchemaChange();
  }

  void reopen() {
    close();
    open();
  }

  void close() {
    closeUntold();
    history.allDurable();
  }

  /** Closes the store without a word to the history. */
  void closeUntold() {
    executors.during(db::close);
  }

  private String anyFamily() {
    List<String> families = history.families();
    return families.get(random.nextInt(families.size()));
  }

  private ColumnFamily family(String name) {
    return db.columnFamily(name).orElseThrow();
  }

  private static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
