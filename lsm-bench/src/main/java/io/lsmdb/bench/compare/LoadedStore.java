package io.lsmdb.bench.compare;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Records.WrongResultException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * An open store in a directory of its own, with what it must hold.
 *
 * <p>Confined to one thread, except for what its methods say. Owns engine and directory, and
 * removes the directory when closed.
 */
final class LoadedStore implements AutoCloseable {
  /** Of the log files of all engines that have any. */
  private static final String LOG_SUFFIX = ".log";

  private final Path directory;
  private final BenchEngine engine;
  private final PlanOptions plan;
  private final KeyOrder order;

  /** Whether generations are certain: not when several threads may put the same key. */
  private final boolean exact;

  private final int[] newest;
  private final LongAdder entries = new LongAdder();
  private final List<Inserts> inserts = new ArrayList<>();
  private final List<Closeable> cursors = new ArrayList<>();

  /** Opens an empty store in a directory that does not exist yet. */
  LoadedStore(BenchEngine.Opener opener, Path directory, KeyOrder order, PlanOptions plan)
      throws Exception {
    this(opener, directory, order, Merging.NONE, plan);
  }

  /** Opens an empty store with a merge operator. */
  LoadedStore(
      BenchEngine.Opener opener, Path directory, KeyOrder order, Merging merging, PlanOptions plan)
      throws Exception {
    this.directory = Files.createDirectory(directory);
    this.engine = opener.open(directory, plan.engineSettings(merging));
    this.order = order;
    this.plan = plan;
    this.exact = plan.threads == 1;
    this.newest = new int[plan.records];
    for (int i = 0; i < plan.threads; i++) {
      inserts.add(new Inserts(i));
    }
  }

  BenchEngine engine() {
    return engine;
  }

  /** Buffers for one thread; may be called by any. */
  Records newRecords() {
    return new Records(order, plan.valueBytes());
  }

  /** An entry more; may be called by any thread. */
  void added(long number) {
    if (number < 0) {
      throw new IllegalArgumentException("keys count from 0");
    }
    entries.increment();
  }

  long entries() {
    return entries.sum();
  }

  /** How many puts of a key came before; may be called by any thread. */
  long nextGeneration(long number) {
    return ++newest[(int) number];
  }

  long newest(long number) {
    return newest[(int) number];
  }

  /** Fails if a value is not the newest of its key, where that is certain. */
  void checkNewest(long number, long generation) {
    if (number < newest.length) {
      checkGeneration(number, generation, newest[(int) number]);
    }
  }

  void checkGeneration(long number, long generation, long expected) {
    if (exact && generation != expected) {
      throw new WrongResultException(
          "key " + number + " has value " + generation + " instead of " + expected);
    }
  }

  /** Closes cursors at the end of the measurement; may be called by any thread. */
  synchronized <C extends Closeable> C closing(C cursor) {
    cursors.add(cursor);
    return cursor;
  }

  synchronized void closeCursors() throws IOException {
    for (Closeable cursor : cursors) {
      cursor.close();
    }
    cursors.clear();
  }

  /** Reads all entries, and fails unless they are as they were put. Leaves them in the cache. */
  void verify() throws Exception {
    Records records = newRecords();
    long found = 0;
    try (BenchEngine.Cursor cursor = engine.cursor()) {
      for (boolean valid = cursor.seekToFirst(); valid; valid = cursor.next()) {
        cursor.key(records.key);
        long number = records.number();
        checkNewest(number, records.check(number, cursor.value(records.value)));
        found++;
      }
    }
    if (found != entries()) {
      throw new WrongResultException("the store has " + found + " entries instead of " + entries());
    }
  }

  /** Puts in numbers above all, for one thread. */
  Inserts inserts(int thread) {
    return inserts.get(thread);
  }

  /** Bytes on disk. */
  long bytesOnDisk() throws Exception {
    long told = engine.bytesOnDisk();
    return told >= 0 ? told : Directories.size(directory);
  }

  /** Bytes on disk without those of logs. */
  long bytesOfData() throws Exception {
    long logs = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(LOG_SUFFIX)).toList()) {
        logs += Files.size(file);
      }
    }
    return bytesOnDisk() - logs;
  }

  @Override
  public void close() throws IOException {
    closeCursors();
    engine.close();
    Directories.delete(directory);
  }

  /** The numbers that one thread adds to the store. Not thread-safe. */
  final class Inserts {
    private final int thread;
    private long count;

    Inserts(int thread) {
      this.thread = thread;
    }

    long next() {
      return number(count++);
    }

    private long number(long index) {
      return plan.records + thread + index * plan.threads;
    }

    /** The newest number but some. */
    long latest(long rank) {
      return rank < count ? number(count - 1 - rank) : plan.records - 1 - (rank - count);
    }
  }
}
