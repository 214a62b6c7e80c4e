package io.lsmdb.bench.jmh;

import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The subcommand {@code micro}. Confined to the main thread. */
@Command(
    name = "micro",
    description = {
      "Runs the JMH benchmarks with short settings.",
      "For all of JMH's options: java -cp lsm-bench.jar org.openjdk.jmh.Main -h"
    },
    footerHeading = "%nBenchmarks:%n",
    footer = {
      "  MemTableBenchmark     insert, get, getMissing, seek, scan",
      "  LogBenchmark          encode a batch, append it to the log",
      "  TableBenchmark        filterProbe, filterProbeMissing, blockSearch, cacheHit, seek, scan",
      "  CodecBenchmark        write and read a table: none, native, java",
      "  MergeBenchmark        next over 2 and 10 sorted inputs",
      "  PutBenchmark          buffered, noWal: a whole store",
      "  GetBenchmark          memtable, cachedBlock, missing, expiringMemtable,",
      "                        expiringCachedBlock: a whole store, without and with a time to live",
      "  ScanBenchmark         scan, seekNext10, seekNext10Reused: a whole store",
      "  PrefixScanBenchmark   absent, present, unbounded: many level-0 tables, with and without",
      "                        filters of prefixes",
      "  RangeDeleteBenchmark  present, deleted, scan: among none, 100 and 10,000 deleted ranges",
      "  CalibrationBenchmark  compute, chase: the machine alone"
    },
    mixinStandardHelpOptions = true)
public final class MicroCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = JmhRun.ALL,
      description = "Which benchmarks. Default: all.")
  private String include;

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "1",
      description = "JVMs a benchmark. Default: ${DEFAULT-VALUE}.")
  private int forks;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "3",
      description = "Measured seconds a JVM, after two to warm up. Default: ${DEFAULT-VALUE}.")
  private int iterations;

  /** Used by the command line. */
  public MicroCommand() {}

  @Override
  public Integer call() throws RunnerException {
    new Runner(
            JmhRun.options(include)
                .forks(forks)
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.seconds(1))
                .build())
        .run();
    return 0;
  }
}
