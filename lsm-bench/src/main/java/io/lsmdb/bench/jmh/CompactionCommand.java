package io.lsmdb.bench.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Workload;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rocksdb.RocksDB;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code compaction}: what flushes and one full compaction cost. Confined to the
 * main thread.
 */
@Command(
    name = "compaction",
    description = {
      "Flushes files of level 0 and merges them, in turns with RocksDB where it is built in, with"
          + " blocks of 4, 8 and 16 KiB.",
      "Prints raw MB of keys and values per second of CPU time of the whole process, which counts"
          + " the JIT compiler and the garbage collector too; medians of the rounds after the"
          + " first. java -Dio.lsmdb.lz4=java runs the codec in Java."
    },
    mixinStandardHelpOptions = true)
public final class CompactionCommand implements Callable<Integer> {
  static final long MEMTABLE_BYTES = 256L << 20;
  static final int BLOOM_BITS = 10;
  private static final int[] BLOCK_KIB = {4, 8, 16};

  @Spec private CommandSpec spec;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Records of 16 + 100 bytes. Default: ${DEFAULT-VALUE}.")
  private int records;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "10",
      description = "Files of level 0. Default: ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "6",
      description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(names = "--sequential", description = "Put keys in order, so that no files overlap.")
  private boolean sequential;

  private String codec; // of this library

  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Used by the command line. */
  public CompactionCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Compactable.Opener> engines = new LinkedHashMap<>();
    boolean hasRocks = hasRocks(out);
    for (int kib : BLOCK_KIB) {
      engines.put("lsmdb " + kib + " KiB", at -> new LsmdbCompaction(at, kib << 10));
      if (hasRocks) {
        engines.put("rocksdb " + kib + " KiB", at -> new RocksCompaction(at, kib << 10));
      }
    }
    Map<String, List<double[]>> results = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, Compactable.Opener> engine : engines.entrySet()) {
        double[] result = measure(engine.getValue());
        if (round > 0 || rounds == 1) {
          results.computeIfAbsent(engine.getKey(), name -> new ArrayList<>()).add(result);
        }
      }
    }
    out.println("LZ4 of lsmdb: " + codec);
    out.printf("%-16s %22s %22s%n", "raw MB/CPU s", "flush (min-max)", "compaction (min-max)");
    results.forEach(
        (name, all) -> out.printf("%-16s %22s %22s%n", name, median(all, 0), median(all, 1)));
    out.flush();
    return 0;
  }

  private static boolean hasRocks(PrintWriter out) {
    try {
      RocksDB.loadLibrary();
      return true;
    } catch (LinkageError | RuntimeException missing) {
      out.println("rocksdb: not built in (" + missing.getClass().getSimpleName() + ")");
      return false;
    }
  }

  /** Raw MB per CPU second of the flushes and of the compaction. */
  private double[] measure(Compactable.Opener opener) throws Exception {
    Path directory = Files.createTempDirectory("lsmdb-compaction-");
    try (Compactable store = opener.open(directory)) {
      if (store instanceof LsmdbCompaction lsmdb) {
        codec = lsmdb.codec();
      }
      long flushing = 0;
      for (int file = 0; file < files; file++) {
        fill(store, file);
        flushing -= process.getProcessCpuTime();
        store.flush();
        flushing += process.getProcessCpuTime();
      }
      long compacting = -process.getProcessCpuTime();
      store.compact();
      compacting += process.getProcessCpuTime();
      double rawBytes = (double) records * (Workload.KEY_BYTES + Workload.VALUE_BYTES);
      return new double[] {rawBytes * 1e3 / flushing, rawBytes * 1e3 / compacting};
    } finally {
      Directories.delete(directory);
    }
  }

  private void fill(Compactable store, int file) throws Exception {
    byte[] key = new byte[Workload.KEY_BYTES];
    byte[] value = new byte[Workload.VALUE_BYTES];
    int from = sequential ? (int) ((long) records * file / files) : file;
    int to = sequential ? (int) ((long) records * (file + 1) / files) : records;
    for (int n = from; n < to; n += sequential ? 1 : files) {
      if (sequential) {
        ByteBuffer.wrap(key).putLong(n).putLong(n);
      } else {
        Workload.fillKey(key, n);
      }
      Workload.fillValue(value, n);
      store.put(key, value);
    }
  }

  private static String median(List<double[]> results, int column) {
    List<Double> sorted = new ArrayList<>();
    results.forEach(result -> sorted.add(result[column]));
    Collections.sort(sorted);
    return String.format(
        "%.0f (%.0f-%.0f)",
        sorted.get(sorted.size() / 2), sorted.get(0), sorted.get(sorted.size() - 1));
  }
}
