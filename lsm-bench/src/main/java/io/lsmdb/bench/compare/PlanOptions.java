package io.lsmdb.bench.compare;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/**
 * What the comparison does to each engine.
 *
 * <p>Not thread-safe.
 */
final class PlanOptions extends StoreOptions {
  private static final int RECORDS = 1_000_000;
  private static final long CACHE = 512L << 20;
  private static final long WRITE_BUFFER = 64L << 20;
  private static final int MAX_THREADS = 64;
  private static final int MAX_RATE = 10_000_000;

  /** Bytes of a value in workloads with large values. */
  static final int LARGE_VALUE = 1000;

  /** How many times larger than the cache the data of such workloads is. */
  private static final int LARGER_THAN_CACHE = 4;

  /** RocksDB's least cache that has shards of 16 MiB, and then some. */
  private static final long LEAST_CACHE = 32L << 20;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      converter = WorkloadName.Converter.class,
      description = "Which workloads. Default: all.")
  List<WorkloadName> workloads = Arrays.asList(WorkloadName.values());

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that call the store. Default: 1.")
  int threads = 1;

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

  PlanOptions() {
    super(RECORDS, CACHE, WRITE_BUFFER);
  }

  @Override
  void check() {
    super.check();
    within("--threads", threads, 1, MAX_THREADS);
    within("--rate", rate, 0, MAX_RATE);
    within("--seconds", seconds, 1, Integer.MAX_VALUE);
  }

  @Override
  List<String> arguments() {
    List<String> arguments = super.arguments();
    arguments.add("--workloads=" + join(workloads));
    arguments.add("--threads=" + threads);
    arguments.add("--seconds=" + seconds);
    arguments.add("--rate=" + rate);
    return arguments;
  }

  /** The same on a smaller scale and as fast as can be, which warms up the code. */
  PlanOptions warmUp() {
    PlanOptions smaller = copy();
    smaller.records = Math.min(records, Math.max(20_000, Math.min(records / 4, 100_000)));
    smaller.seconds = 1;
    smaller.rate = 0;
    return smaller;
  }

  /** The plan of workloads with large values: fewer records, a cache smaller than the data. */
  PlanOptions withLargeValues() {
    PlanOptions large = copy();
    large.valueSize = LARGE_VALUE;
    large.records = Math.max(100, records * 3 / 10);
    long data = large.records * large.entryBytes();
    large.cache = Math.min(cache, Math.max(LEAST_CACHE, data / LARGER_THAN_CACHE));
    return large;
  }

  private PlanOptions copy() {
    PlanOptions copy = new PlanOptions();
    copy.workloads = workloads;
    copy.records = records;
    copy.valueSize = valueSize;
    copy.threads = threads;
    copy.cache = cache;
    copy.writeBuffer = writeBuffer;
    copy.durability = durability;
    copy.seconds = seconds;
    copy.rate = rate;
    return copy;
  }

  private static String join(List<?> names) {
    return names.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
