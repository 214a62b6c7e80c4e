package io.lsmdb.bench.basics;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Workload;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * All measurements of one engine in this JVM, after a smaller run of the same code to warm up.
 *
 * <p>Not thread-safe. Figures are CPU nanoseconds of the calling thread per operation, which other
 * processes disturb least. Every read is checked for the length it must have.
 */
final class BasicsWorker {
  private static final int WARM_ENTRIES = 200_000;
  private static final int MEMTABLE_ENTRIES = 100_000;
  private static final int MEMTABLE_GETS = 1_000_000;

  /** Together with the first puts they stay below the size of a memtable. */
  private static final int OVERWRITES = 150_000;

  private static final int IDLE_FAMILIES = 100;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Engine.Opener opener;
  private final Path directory;
  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final byte[] value = new byte[Workload.VALUE_BYTES];
  private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);

  BasicsWorker(Engine.Opener opener, Path directory) {
    this.opener = opener;
    this.directory = directory;
  }

  /**
   * Measures everything.
   *
   * @param entries how many the large store gets
   * @param idleFamilies whether the heap that families take is of interest
   */
  Map<Figure, Double> run(int entries, boolean idleFamilies) throws Exception {
    for (int i = 0; i < 2; i++) {
      tables(WARM_ENTRIES);
      memtable();
    }
    tables(entries);
    memtable();
    if (idleFamilies) {
      families();
    }
    return figures;
  }

  private void tables(int entries) throws Exception {
    Path store = Files.createDirectory(directory.resolve("tables"));
    try (Engine engine = opener.open(store)) {
      long process = processCpu();
      measure(Figure.PUT, entries, i -> put(engine, i, i));
      engine.compact();
      figures.put(Figure.PUT_ALL, (double) (processCpu() - process) / entries);
      // The first pass fills the cache.
      for (int pass = 0; pass < 2; pass++) {
        measure(Figure.GET, entries, i -> get(engine, random(i, entries)));
      }
      measure(Figure.GET_MISSING, entries, i -> getMissing(engine, i));
    }
    Directories.delete(store);
  }

  private void memtable() throws Exception {
    Path store = Files.createDirectory(directory.resolve("memtable"));
    try (Engine engine = opener.open(store)) {
      for (int i = 0; i < MEMTABLE_ENTRIES; i++) {
        put(engine, i, i);
      }
      measure(Figure.MEMTABLE_GET, MEMTABLE_GETS, i -> get(engine, random(i, MEMTABLE_ENTRIES)));
      measure(
          Figure.MEMTABLE_OVERWRITE, OVERWRITES, i -> put(engine, random(i, MEMTABLE_ENTRIES), i));
    }
    Directories.delete(store);
  }

  private void families() throws Exception {
    Path store = Files.createDirectory(directory.resolve("families"));
    try (Engine engine = opener.open(store)) {
      engine.createFamily("first");
      long before = heapInUse();
      for (int i = 0; i < IDLE_FAMILIES; i++) {
        engine.createFamily("idle-" + i);
      }
      figures.put(Figure.IDLE_FAMILY, (double) (heapInUse() - before) / IDLE_FAMILIES);
    }
    Directories.delete(store);
  }

  private void put(Engine engine, long number, long valueNumber) throws Exception {
    Workload.fillKey(key, number);
    Workload.fillValue(value, valueNumber);
    engine.put(key, value);
  }

  private void get(Engine engine, long number) throws Exception {
    Workload.fillKey(key, number);
    int length = engine.get(key, value);
    if (length != Workload.VALUE_BYTES) {
      throw new IllegalStateException("key " + number + " has a value of " + length + " bytes");
    }
  }

  private void getMissing(Engine engine, long number) throws Exception {
    Workload.fillAbsentKey(key, number);
    if (engine.get(key, value) >= 0) {
      throw new IllegalStateException("a key is there that was never put");
    }
  }

  private static long random(long step, int bound) {
    return Long.remainderUnsigned(Workload.mix(step), bound);
  }

  private void measure(Figure figure, int operations, Operation operation) throws Exception {
    long start = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < operations; i++) {
      operation.run(i);
    }
    long nanos = threads.getCurrentThreadCpuTime() - start;
    figures.put(figure, (double) nanos / operations);
  }

  private static long processCpu() {
    return ProcessHandle.current()
        .info()
        .totalCpuDuration()
        .orElseThrow(() -> new IllegalStateException("this system does not tell CPU time"))
        .toNanos();
  }

  private static long heapInUse() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** One operation of a loop. */
  @FunctionalInterface
  private interface Operation {
    void run(int i) throws Exception;
  }
}
