package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.UserErrorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/**
 * What is done to each engine: options of the command that are handed on to the child JVMs.
 *
 * <p>Not thread-safe.
 */
final class PlanOptions {
  private static final int MAX_RECORDS = 1_000_000_000;
  private static final int MAX_VALUE = 1 << 20;
  private static final int MAX_THREADS = 64;
  private static final int MAX_RATE = 10_000_000;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      converter = WorkloadName.Converter.class,
      description = "Which workloads. Default: all.")
  List<WorkloadName> workloads = Arrays.asList(WorkloadName.values());

  @Option(
      names = "--records",
      paramLabel = "N",
      description = "Entries of the stores. Default: 1000000.")
  int records = 1_000_000;

  @Option(
      names = "--value-size",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Length of values; keys have 16 bytes. Default: 100.")
  long valueSize = 100;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that call the store. Default: 1.")
  int threads = 1;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Cache of every engine. Default: 512m.")
  long cache = 512L << 20;

  @Option(
      names = "--write-buffer",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description = "Memtables, where an engine has them. Default: 64m.")
  long writeBuffer = 64L << 20;

  @Option(
      names = "--durability",
      paramLabel = "HOW",
      converter = DurabilityConverter.class,
      description = "sync, buffered or no-wal. Default: buffered.")
  Durability durability = Durability.BUFFERED;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Limit of a workload, other than the fills. Default: 30.")
  int seconds = 30;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = {
        "Operations a second of all threads together, for workloads of single operations.",
        "Latencies then count from when an operation was due. Default: as many as can be."
      })
  int rate;

  PlanOptions() {}

  void check() {
    atLeast("--records", records, 100, MAX_RECORDS);
    atLeast("--value-size", valueSize, Records.STAMP_BYTES, MAX_VALUE);
    atLeast("--threads", threads, 1, MAX_THREADS);
    atLeast("--rate", rate, 0, MAX_RATE);
    atLeast("--seconds", seconds, 1, Integer.MAX_VALUE);
    atLeast("--write-buffer", writeBuffer, 1 << 20, Integer.MAX_VALUE);
    atLeast("--cache", cache, 1 << 20, Long.MAX_VALUE);
  }

  private static void atLeast(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new UserErrorException(option + " must be from " + least + " to " + most);
    }
  }

  /** The same settings as arguments. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--workloads=" + join(workloads));
    arguments.add("--records=" + records);
    arguments.add("--value-size=" + valueSize);
    arguments.add("--threads=" + threads);
    arguments.add("--cache=" + cache);
    arguments.add("--write-buffer=" + writeBuffer);
    arguments.add("--durability=" + DurabilityConverter.format(durability));
    arguments.add("--seconds=" + seconds);
    arguments.add("--rate=" + rate);
    return arguments;
  }

  /** The same on a smaller scale and as fast as can be, which warms up the code. */
  PlanOptions warmUp() {
    PlanOptions smaller = new PlanOptions();
    smaller.workloads = workloads;
    smaller.records = Math.min(records, Math.max(20_000, Math.min(records / 4, 100_000)));
    smaller.valueSize = valueSize;
    smaller.threads = threads;
    smaller.cache = cache;
    smaller.writeBuffer = writeBuffer;
    smaller.durability = durability;
    smaller.seconds = 1;
    return smaller;
  }

  BenchEngine.Settings engineSettings() {
    // A copy-on-write B-tree may leave a page for each put of the longest workload.
    long space = records * (Records.KEY_BYTES + valueSize) * 8 + (4L << 30);
    return new BenchEngine.Settings(cache, writeBuffer, durability, space);
  }

  int valueBytes() {
    return (int) valueSize;
  }

  private static String join(List<?> names) {
    return names.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
