package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Machine;
import io.lsmdb.bench.UserErrorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code perf}. Confined to the main thread.
 *
 * <p>No time, however bad, makes it fail.
 */
@Command(
    name = "perf",
    description = {
      "Runs a short form of the JMH benchmarks and compares with a stored baseline.",
      "Ratios are to the baseline after both were divided by what the machine takes for a task of",
      "its own, so that another machine compares. Below 1 is faster. Never fails on a time."
    },
    mixinStandardHelpOptions = true)
public final class PerfCommand implements Callable<Integer> {
  /** Many and short: the least is of a moment in which nothing else ran. */
  private static final int ITERATIONS = 25;

  private static final long MILLIS = 40;
  private static final long WARM_UP_MILLIS = 600;

  /** Ratios within this of 1 say nothing on a machine that does other things too. */
  private static final double NOISE = 0.15;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "REGEX",
      defaultValue = JmhRun.ALL,
      description = "Which benchmarks, beside those of the machine. Default: all.")
  private String include;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      required = true,
      description = "The stored baseline, such as lsm-bench/src/main/perf/baseline.json.")
  private Path baseline;

  @Option(names = "--renew", description = "Write the baseline anew instead of comparing.")
  private boolean renew;

  /** Used by the command line. */
  public PerfCommand() {}

  @Override
  public Integer call() throws IOException, RunnerException {
    Scores before = renew ? null : read();
    PrintWriter out = spec.commandLine().getOut();
    out.println("This takes about two minutes.");
    out.flush();
    Scores now = run();
    if (renew) {
      Files.writeString(baseline, now.toJson());
      out.println("wrote " + baseline);
    } else {
      print(out, before, now);
    }
    out.flush();
    return 0;
  }

  private Scores read() throws IOException {
    if (!Files.isRegularFile(baseline)) {
      throw new UserErrorException("there is no baseline " + baseline + ": make one with --renew");
    }
    try {
      return Scores.fromJson(Files.readString(baseline));
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(baseline + ": " + e.getMessage());
    }
  }

  private Scores run() throws IOException, RunnerException {
    Map<String, String> circumstances = new LinkedHashMap<>();
    circumstances.put("date", LocalDate.now(ZoneOffset.UTC).toString());
    circumstances.putAll(Machine.describe(Path.of(System.getProperty("java.io.tmpdir"))));
    Collection<RunResult> results =
        new Runner(
                JmhRun.options(include)
                    .include(CalibrationBenchmark.class.getName())
                    .forks(1)
                    .warmupIterations(2)
                    .warmupTime(TimeValue.milliseconds(WARM_UP_MILLIS))
                    .measurementIterations(ITERATIONS)
                    .measurementTime(TimeValue.milliseconds(MILLIS))
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    circumstances.put("load at the end", Machine.load());
    return Scores.of(circumstances, results);
  }

  /** Shows all that both have; package-private for tests. */
  static void print(PrintWriter out, Scores before, Scores now) {
    before.circumstances().forEach((name, text) -> circumstance(out, name, text, now));
    double scale = now.calibration() / before.calibration();
    out.printf(
        Locale.ROOT,
        "%nThis machine takes %.2f times as long as that of the baseline for a task of its own.%n"
            + "%n%-36s%12s%12s%9s%12s%n",
        scale,
        "nanoseconds, least of " + ITERATIONS,
        "baseline",
        "now",
        "ratio",
        "for machine");
    double logs = 0;
    int count = 0;
    for (String name : new TreeSet<>(now.nanos().keySet())) {
      Double was = before.nanos().get(name);
      double is = now.nanos().get(name);
      if (was == null) {
        out.printf(Locale.ROOT, "%-36s%12s%12.1f%n", name, "-", is);
        continue;
      }
      double ratio = is / was / scale;
      boolean machine = Scores.isCalibration(name);
      out.printf(Locale.ROOT, "%-36s%12.1f%12.1f%9.2f", name, was, is, is / was);
      out.printf(Locale.ROOT, "%12s%n", machine ? "" : adjusted(ratio));
      if (!machine) {
        logs += Math.log(ratio);
        count++;
      }
    }
    if (count > 0) {
      String mean = String.format(Locale.ROOT, "%.2f", Math.exp(logs / count));
      out.printf(Locale.ROOT, "%-69s%12s%n", "geometric mean", mean + "  ");
    }
    out.println("+ and - mark what is faster or slower by more than a busy machine explains.");
  }

  private static void circumstance(PrintWriter out, String name, String text, Scores now) {
    String current = now.circumstances().getOrDefault(name, "-");
    out.printf(
        Locale.ROOT, "%-20s %s%s%n", name, text, current.equals(text) ? "" : "  ->  " + current);
  }

  private static String adjusted(double ratio) {
    String mark = ratio < 1 - NOISE ? " +" : ratio > 1 + NOISE ? " -" : "  ";
    return String.format(Locale.ROOT, "%.2f%s", ratio, mark);
  }
}
