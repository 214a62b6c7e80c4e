package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.NioFileSystem;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.memtable.MemTablePins;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.Lz4Codec;
import io.lsmdb.internal.table.ShardedBlockCache;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures flushes and compactions: raw MB of keys and values in, per second of thread CPU time. A
 * program, not a test.
 *
 * <p>Run with {@code java -Dio.lsmdb.lz4=native|java -cp ...
 * io.lsmdb.internal.compaction.CompactionMeasurement [rounds [records [block bytes]]]}. Allocation
 * is printed in bytes per entry.
 */
public final class CompactionMeasurement implements AutoCloseable {
  private static final int KEY_BYTES = 16;
  private static final int VALUE_BYTES = 100;

  /** How often the same tables are merged. */
  private static final int MERGES = Integer.getInteger("merges", 3);

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final int records;
  private final int blockSize;
  private final FileSystem fs = new NioFileSystem();
  private final Path directory;
  private final TableCache tables;
  private final ChunkPool pool = new ChunkPool(1L << 30);
  private final AtomicLong numbers = new AtomicLong();
  private final Random contentIds = new Random(7);
  private BlockCodec level0 = BlockCodec.NONE;
  private BlockCodec deeper = BlockCodec.LZ4;
  private long sequence;

  private CompactionMeasurement(int records, int blockSize) throws IOException {
    this.records = records;
    this.blockSize = blockSize;
    directory = Files.createTempDirectory("compaction-measurement-");
    ShardedBlockCache blocks = new ShardedBlockCache(1 << 20);
    tables =
        new TableCache(
            new TableCache.Env(
                fs, directory, blocks, blocks.newOwner(null), 100, Runnable::run, Runnable::run));
  }

  /**
   * Runs all measurements.
   *
   * @param arguments rounds, records and bytes of a block
   * @throws IOException if the directory cannot be made
   */
  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 400_000;
    int blockSize = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 8192;
    System.out.println("LZ4: " + Lz4Codec.implementation() + ", blocks of " + blockSize);
    try (CompactionMeasurement m = new CompactionMeasurement(records, blockSize)) {
      for (int round = 0; round < rounds; round++) {
        m.round();
      }
    }
  }

  private void round() {
    StringBuilder line = new StringBuilder();
    level0 = BlockCodec.NONE;
    mergeLevel0(4, true, line);
    mergeLevel0(10, true, line);
    mergeLevel0(4, false, line);
    mergeDeep(line);
    level0 = BlockCodec.LZ4;
    mergeLevel0(4, true, line);
    deeper = BlockCodec.NONE;
    mergeLevel0(4, true, line);
    deeper = BlockCodec.LZ4;
    System.out.println(line);
  }

  /** Flushes so many memtables with keys of their own, or of all, and merges them to level 1. */
  private void mergeLevel0(int files, boolean scattered, StringBuilder line) {
    List<FileMetadata> inputs = new ArrayList<>();
    Meter flush = new Meter(1);
    for (int i = 0; i < files; i++) {
      MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
      for (int n = i; n < records; n += files) {
        put(table, n, scattered);
      }
      flush.run(() -> inputs.add(0, flush(table)));
      table.release();
    }
    String shape = (scattered ? " " : " seq ") + level0 + "-" + deeper + " ";
    line.append(String.format("flush%s%s | ", shape, flush));
    Meter merge = new Meter(MERGES);
    merge.run(() -> drop(merge(0, inputs, List.of())));
    line.append(String.format("%dx L0%s%s | ", files, shape, merge));
    drop(inputs);
  }

  /** One file of a level into those of the next that it overlaps, an eleventh into ten. */
  private void mergeDeep(StringBuilder line) {
    MemTable table = new MemTable(pool, true, MemTablePins.UNKNOWN);
    MemTable small = new MemTable(pool, true, MemTablePins.UNKNOWN);
    for (int n = 0; n < records; n++) {
      put(n % 11 == 0 ? small : table, n, true);
    }
    List<FileMetadata> low = List.of(flush(table));
    List<FileMetadata> lower = merge(1, low, List.of());
    List<FileMetadata> high = List.of(flush(small));
    List<FileMetadata> upper = merge(0, high, List.of());
    table.release();
    small.release();
    Meter merge = new Meter(MERGES);
    merge.run(() -> drop(merge(1, upper, lower)));
    line.append(String.format("L1-L2 %s | ", merge));
    drop(low);
    drop(lower);
    drop(high);
    drop(upper);
  }

  private void put(MemTable table, int number, boolean scattered) {
    ByteBuffer key = ByteBuffer.allocate(KEY_BYTES);
    key.putLong(scattered ? mix(number) : number).putLong(number);
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer words = ByteBuffer.wrap(value);
    long state = mix(number);
    words.putLong((long) number << 24).putLong(state);
    while (words.position() + Long.BYTES <= 16 + (VALUE_BYTES - 16) / 2) {
      state = state * 0x5851F42D4C957F2DL + 0x14057B7EF767814FL;
      words.putLong(state);
    }
    long trailer = InternalKey.trailer(++sequence, ValueKind.PUT);
    table.add(trailer, key.array(), 0, KEY_BYTES, value, 0, VALUE_BYTES);
  }

  private static long mix(long number) {
    long z = number + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private FileMetadata flush(MemTable table) {
    try (InternalIterator entries = table.iterator()) {
      return new FlushJob(entries, Version.empty(), new long[0], environment(), () -> false)
          .run()
          .table()
          .orElseThrow();
    }
  }

  private List<FileMetadata> merge(int level, List<FileMetadata> high, List<FileMetadata> low) {
    Compaction compaction =
        new Compaction(
            1,
            Compaction.Reason.LEVEL0,
            level,
            level + 1,
            high,
            List.of(),
            low,
            List.of(),
            List.of(),
            Compaction.Work.REWRITE,
            64 << 20,
            Long.MAX_VALUE);
    return new CompactionJob(compaction, new long[0], environment(), () -> false).run().outputs();
  }

  private JobEnvironment environment() {
    return new JobEnvironment(
        fs,
        directory,
        tables,
        numbers::incrementAndGet,
        contentIds::nextLong,
        new JobEnvironment.DatabaseId(1, 2),
        1,
        () -> 1_700_000_000_000L,
        level -> new TableFormat(blockSize, 10, level == 0 ? level0 : deeper),
        DropRules.NONE,
        Runnable::run,
        1);
  }

  private void drop(List<FileMetadata> files) {
    for (FileMetadata file : files) {
      tables.evict(file);
      fs.delete(directory.resolve(FileNames.table(file.number(), file.session())));
    }
  }

  @Override
  public void close() throws IOException {
    tables.close();
    Files.delete(directory);
  }

  /** Thread CPU time and allocation of actions through which all records pass so many times. */
  private final class Meter {
    private final int times;
    private long cpu;
    private long allocated;

    Meter(int times) {
      this.times = times;
    }

    void run(Runnable action) {
      for (int i = 0; i < times; i++) {
        allocated -= THREADS.getCurrentThreadAllocatedBytes();
        cpu -= THREADS.getCurrentThreadCpuTime();
        action.run();
        cpu += THREADS.getCurrentThreadCpuTime();
        allocated += THREADS.getCurrentThreadAllocatedBytes();
      }
    }

    @Override
    public String toString() {
      double raw = (double) times * records * (KEY_BYTES + VALUE_BYTES);
      return String.format("%3.0f (%.0f B)", raw * 1e3 / cpu, (double) allocated / records / times);
    }
  }
}
