package io.lsmdb.bench.jmh;

import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
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
    mixinStandardHelpOptions = true)
public final class MicroCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = "io\\.lsmdb\\.bench\\.jmh\\.",
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
            new OptionsBuilder()
                .include(include)
                .forks(forks)
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(iterations)
                .measurementTime(TimeValue.seconds(1))
                .jvmArgsAppend(jvmArguments())
                .shouldFailOnError(true)
                .build())
        .run();
    return 0;
  }

  /** Grants what the native LZ4 codec needs; a forked JVM does not see the manifest of the jar. */
  private static String[] jvmArguments() {
    return Runtime.version().feature() >= 22
        ? new String[] {"--enable-native-access=ALL-UNNAMED"}
        : new String[0];
  }
}
