package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Random;

/**
 * Measures tables in thread CPU time: build, hit, miss, scan, cold read. A program, not a test.
 *
 * <p>Run with {@code java -cp ... io.lsmdb.internal.table.TableMeasurement [rounds]}.
 */
public final class TableMeasurement {
  private static final int ENTRIES = Integer.getInteger("entries", 1_000_000);
  private static final int FILES = 2;
  private static final int VALUE_BYTES = 100;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final byte[][] keys = new byte[ENTRIES][];
  private final byte[] values = new byte[1 << 20];
  private final MemoryFile[] files = new MemoryFile[FILES];
  private long blackhole;

  private TableMeasurement() {
    Random random = new Random(1);
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = new byte[16];
      random.nextBytes(keys[i]);
    }
    Arrays.sort(keys, Arrays::compareUnsigned);
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i % VALUE_BYTES < VALUE_BYTES / 2 ? random.nextInt() : i % 100);
    }
  }

  /**
   * Runs all measurements.
   *
   * @param arguments number of rounds
   */
  public static void main(String[] arguments) {
    TableMeasurement m = new TableMeasurement();
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    System.out.println("LZ4: " + Lz4Codec.implementation());
    for (int round = 0; round < rounds; round++) {
      System.out.printf("build lz4  %6.0f MB/s raw%n", m.build(BlockCodec.LZ4));
      System.out.printf("build none %6.0f MB/s raw%n", m.build(BlockCodec.NONE));
      m.build(BlockCodec.LZ4);
      m.reads();
    }
    System.out.println(m.blackhole);
  }

  private double build(BlockCodec codec) {
    TableFormat format = new TableFormat(8192, 10, codec);
    long cpu = THREADS.getCurrentThreadCpuTime();
    long stored = 0;
    for (int f = 0; f < FILES; f++) {
      MemoryFile file = new MemoryFile();
      file.bytes = new byte[80 << 20];
      try (TableBuilder builder =
          new TableBuilder(file, "m.sst", format, Tables.identity(), Tables.TIME)) {
        int from = f * (ENTRIES / FILES);
        for (int i = from; i < from + ENTRIES / FILES; i++) {
          int at = (i * 100) % (values.length - 200) / VALUE_BYTES * VALUE_BYTES;
          long trailer = InternalKey.trailer(i * 2654435761L % 1_000_003, ValueKind.PUT);
          builder.add(trailer, keys[i], 0, 16, values, at, VALUE_BYTES);
        }
        stored += builder.finish().fileSize();
      }
      files[f] = MemoryFile.of(file.content());
    }
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    blackhole += stored;
    return ENTRIES * 116e3 / cpu;
  }

  private void reads() {
    ShardedBlockCache cache = new ShardedBlockCache(1L << 30);
    TableReader[] tables = new TableReader[FILES];
    long bytes = 0;
    for (int f = 0; f < FILES; f++) {
      tables[f] = Tables.open(files[f], cache);
      bytes += files[f].length;
    }
    System.out.printf("bytes/entry %.1f ", bytes / (double) ENTRIES);
    System.out.printf("cold get %.0f ns ", gets(tables, 50_000, false));
    System.out.printf("uncached scan %.1f ns ", scan(tables, false));
    System.out.printf("first scan %.1f ns ", scan(tables, true));
    System.out.printf("cached scan %.1f ns ", scan(tables, true));
    System.out.printf("back %.1f ns ", scanBack(tables));
    double harness = harness(1_000_000);
    System.out.printf("harness %.0f ", harness);
    System.out.printf("hit %.0f ns ", gets(tables, 1_000_000, false) - harness);
    System.out.printf("miss %.1f ns ", gets(tables, 2_000_000, true));
    System.out.printf("seek+10 %.0f ns ", seeks(tables));
    System.out.printf("cache %.1f B/entry%n", cache.usage() / (double) ENTRIES);
    for (TableReader table : tables) {
      table.close();
    }
  }

  private double gets(TableReader[] tables, int count, boolean missing) {
    Random random = new Random(5);
    LookupResult out = new LookupResult();
    byte[] key = new byte[16];
    int found = 0;
    long cpu = THREADS.getCurrentThreadCpuTime();
    for (int n = 0; n < count; n++) {
      int i = random.nextInt(ENTRIES);
      if (missing) {
        Bytes.putLong(key, 0, n * 0x9E3779B97F4A7C15L);
        Bytes.putLong(key, 8, n);
      } else {
        System.arraycopy(keys[i], 0, key, 0, 16);
      }
      long hash = Hash.of(key, 0, 16);
      if (tables[i / (ENTRIES / FILES)].get(key, 0, 16, hash, -1L, out)) {
        found++;
        blackhole += out.valueArray[out.valueOffset];
      }
    }
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    if (found != (missing ? 0 : count)) {
      throw new IllegalStateException("found " + found);
    }
    return cpu / (double) count;
  }

  /** What drawing a key costs, which reads two cold cache lines of the harness itself. */
  private double harness(int count) {
    Random random = new Random(5);
    byte[] key = new byte[16];
    long cpu = THREADS.getCurrentThreadCpuTime();
    for (int n = 0; n < count; n++) {
      System.arraycopy(keys[random.nextInt(ENTRIES)], 0, key, 0, 16);
      blackhole += Hash.of(key, 0, 16);
    }
    return (THREADS.getCurrentThreadCpuTime() - cpu) / (double) count;
  }

  private double scan(TableReader[] tables, boolean fillCache) {
    long cpu = THREADS.getCurrentThreadCpuTime();
    int n = 0;
    for (TableReader table : tables) {
      try (InternalIterator it = new TableIterator(table, fillCache)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          n++;
          blackhole += it.keyArray()[it.keyOffset()] + it.valueArray()[it.valueOffset()];
        }
      }
    }
    return (THREADS.getCurrentThreadCpuTime() - cpu) / (double) n;
  }

  private double scanBack(TableReader[] tables) {
    long cpu = THREADS.getCurrentThreadCpuTime();
    int n = 0;
    for (TableReader table : tables) {
      try (InternalIterator it = new TableIterator(table, true)) {
        for (it.seekToLast(); it.isValid(); it.prev()) {
          n++;
          blackhole += it.keyArray()[it.keyOffset()] + it.valueArray()[it.valueOffset()];
        }
      }
    }
    return (THREADS.getCurrentThreadCpuTime() - cpu) / (double) n;
  }

  private double seeks(TableReader[] tables) {
    Random random = new Random(6);
    int count = 100_000;
    long cpu = THREADS.getCurrentThreadCpuTime();
    try (InternalIterator it = new TableIterator(tables[0], true)) {
      for (int n = 0; n < count; n++) {
        it.seek(keys[random.nextInt(ENTRIES / FILES)], 0, 16, -1L);
        for (int i = 0; i < 10 && it.isValid(); i++) {
          blackhole += it.valueArray()[it.valueOffset()];
          it.next();
        }
      }
    }
    return (THREADS.getCurrentThreadCpuTime() - cpu) / (double) count;
  }
}
