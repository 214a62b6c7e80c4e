package io.lsmdb.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.Machine;
import io.lsmdb.bench.Progress;
import io.lsmdb.bench.Terminal;
import io.lsmdb.bench.UserErrorException;
import io.lsmdb.bench.compare.Results.EngineResults;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code compare}: rounds of one JVM per engine, in turns, then medians.
 *
 * <p>Confined to the main thread. Children end with this process.
 */
@Command(
    name = "compare",
    description = {
      "Compares with other stores, on this machine, in the same run.",
      "Other stores are not part of the jar: build them in with -Ppeers, or name their jars."
    },
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JvmOptions jvms = new JvmOptions(2L << 30);

  @Mixin private PlanOptions plan;

  @Option(names = "--rounds", paramLabel = "N", description = "JVMs per engine. Default: 3.")
  private int rounds = 3;

  @Option(
      names = "--quick",
      description =
          "Under 5 minutes for two engines: less of everything that is not given otherwise.")
  private boolean quick;

  @Option(names = "--all-figures", description = "Print every figure, not only the main ones.")
  private boolean allFigures;

  private Progress progress;
  private int stepsDone;
  private int stepsOfAll;

  /** Used by the command line. */
  public CompareCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    beQuick();
    check();
    PrintWriter out = spec.commandLine().getOut();
    Path parent = jvms.newDirectory("compare-");
    Results results = new Results();
    try {
      results.machine().putAll(Machine.describe(parent));
      describeSettings(results.settings());
      stepsOfAll = 2 * rounds * jvms.engines.size() * plan.workloads.size();
      progress = new Progress(out, Terminal.isInteractive(), "workloads", System::nanoTime);
      for (int round = 0; round < rounds; round++) {
        for (EngineName engine : inTurns(round)) {
          runChild(engine, results.engine(engine), parent);
        }
      }
      progress.end();
    } finally {
      Directories.delete(parent);
    }
    results.machine().put("load at the end", Machine.load());
    new TextReport(out).print(results, allFigures);
    jvms.write(results.toJson(), HtmlReport.of(results));
    return failed(results) ? 1 : 0;
  }

  private void beQuick() {
    if (quick) {
      plan.records = unlessGiven("--records", plan.records, 100_000);
      plan.seconds = unlessGiven("--seconds", plan.seconds, 2);
      rounds = unlessGiven("--rounds", rounds, 2);
      plan.cache = unlessGiven("--cache", plan.cache, 128L << 20);
      plan.writeBuffer = unlessGiven("--write-buffer", plan.writeBuffer, 4L << 20);
      jvms.heap = unlessGiven("--heap", jvms.heap, 1L << 30);
    }
  }

  private int unlessGiven(String option, int given, int otherwise) {
    return (int) unlessGiven(option, (long) given, (long) otherwise);
  }

  private long unlessGiven(String option, long given, long otherwise) {
    return spec.commandLine().getParseResult().hasMatchedOption(option) ? given : otherwise;
  }

  private void check() {
    plan.check();
    if (rounds < 1) {
      throw new UserErrorException("--rounds must be at least 1");
    }
    jvms.check(plan.cache);
  }

  private void describeSettings(Map<String, String> settings) {
    settings.put("records", Integer.toString(plan.records));
    settings.put("keys", Records.KEY_BYTES + " bytes");
    settings.put("values", plan.valueSize + " bytes, about half of them random");
    PlanOptions large = plan.withLargeValues();
    settings.put(
        "workloads -1k",
        String.format(
            Locale.ROOT,
            "%,d records, values of %,d bytes, cache %s",
            large.records,
            large.valueSize,
            ByteSize.format(large.cache)));
    settings.put("threads", Integer.toString(plan.threads));
    settings.put("rounds", rounds + ", one JVM per engine and round, in turns");
    settings.put("heap", ByteSize.format(jvms.heap));
    settings.put("cache", ByteSize.format(plan.cache));
    settings.put("memtables", ByteSize.format(plan.writeBuffer));
    settings.put(Results.DURABILITY, DurabilityConverter.format(plan.durability));
    settings.put(
        "rate",
        plan.rate == 0
            ? "as many operations as can be"
            : String.format(
                Locale.ROOT,
                "%,d operations a second in all; latencies from when each was due",
                plan.rate));
    settings.put("seconds", plan.seconds + " at most for a workload that does not fill");
  }

  /** The engines, each round beginning with the next one. */
  private List<EngineName> inTurns(int round) {
    List<EngineName> order = new ArrayList<>(jvms.engines);
    Collections.rotate(order, -round);
    return order;
  }

  private void runChild(EngineName engine, EngineResults results, Path parent)
      throws IOException, InterruptedException {
    int begin = stepsDone;
    if (results.obstacle == null) {
      Path stores = Files.createTempDirectory(parent, engine + "-");
      List<String> arguments = new ArrayList<>(List.of(WorkerCommand.NAME, engine.toString()));
      arguments.add(stores.toString());
      arguments.addAll(plan.arguments());
      try (ChildJvm child = jvms.start(arguments)) {
        boolean complete = read(child, results);
        int exit = child.process().waitFor();
        if (!complete && results.obstacle == null) {
          results.obstacle = "its JVM ended with exit code " + exit;
        }
      } finally {
        Directories.delete(stores);
      }
    }
    stepsDone = begin + 2 * plan.workloads.size();
    progress.update((double) stepsDone / stepsOfAll, stepsDone);
  }

  /** Takes in what a child tells; whether it has run all workloads. */
  private boolean read(ChildJvm child, EngineResults results) throws IOException {
    int steps = 0;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.process().getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Message message = Message.parse(line);
        if (message == null) {
          continue;
        }
        switch (message.kind()) {
          case STEP -> {
            steps++;
            stepsDone++;
            progress.update((double) stepsDone / stepsOfAll, stepsDone);
          }
          case FACT -> results.facts.put(message.fields().get(0), message.fields().get(1));
          case NOTE -> results.notes.put(message.workload(), message.fields().get(1));
          case CELL -> results.add(message.workload(), message.figures());
          case SECOND, MARK -> throw new IllegalStateException("no part of a comparison: " + line);
          case UNAVAILABLE, FAILED -> results.obstacle = message.fields().get(0);
        }
      }
    }
    return steps == 2 * plan.workloads.size();
  }

  /** Whether an engine that could be loaded has not come to its end. */
  private static boolean failed(Results results) {
    return results.engines().values().stream()
        .anyMatch(e -> e.obstacle != null && !e.obstacle.startsWith(WorkerCommand.UNAVAILABLE));
  }
}
