package io.lsmdb.internal.engine;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestEnvironments;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A store in memory with everything small, whose background work runs when a test lets it. */
final class SmallStore {
  DbOptions options = CrashScript.options(false);
  EngineTuning tuning = CrashScript.TUNING;
  MemFileSystem disk = new MemFileSystem();
  FaultyFileSystem fs = new FaultyFileSystem(disk);
  SteppedExecutors executors;
  Db db;
  private long opens;

  static SmallStore create() {
    SmallStore store = new SmallStore();
    store.open();
    return store;
  }

  void open() {
    executors = new SteppedExecutors(opens);
    db =
        DbImpl.open(
            CrashScript.DIRECTORY, options, TestEnvironments.of(fs, ++opens, executors), tuning);
  }

  void close() {
    executors.during(db::close);
  }

  void reopen() {
    close();
    open();
  }

  /** Leaves the store as it is, and opens what a crash would leave. */
  void crash(CrashMode mode) {
    disk = disk.crashImage(mode, opens);
    fs = new FaultyFileSystem(disk);
    open();
  }

  void put(String key, String value) {
    put(key, value, WriteOptions.BUFFERED);
  }

  void put(String key, String value, WriteOptions durability) {
    db.put(CrashScript.bytes(key), CrashScript.bytes(value), durability);
  }

  void delete(String key) {
    db.delete(CrashScript.bytes(key));
  }

  String get(String key) {
    byte[] value = db.get(CrashScript.bytes(key));
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  void flush() {
    executors.during(db::flush);
  }

  void compact() {
    executors.during(() -> db.compact(null, null));
  }

  /** Names of the files there are. */
  List<String> files(String suffix) {
    return disk.list(CrashScript.DIRECTORY).stream()
        .filter(name -> name.endsWith(suffix))
        .sorted()
        .toList();
  }
}
