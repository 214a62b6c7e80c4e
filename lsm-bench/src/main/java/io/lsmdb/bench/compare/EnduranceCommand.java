package io.lsmdb.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.Machine;
import io.lsmdb.bench.Progress;
import io.lsmdb.bench.Terminal;
import io.lsmdb.bench.compare.EnduranceResults.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code endurance}: events at a fixed rate, one engine and JVM after the other.
 *
 * <p>Confined to the main thread. Children end with this process.
 */
@Command(
    name = "endurance",
    description = {
      "Events of a state store at a fixed rate, on data larger than its memory, second by second.",
      "Each event gets, changes and puts a key; some scan or delete too. Latencies count from when",
      "an event was due. About 2 minutes; half an hour for each engine:",
      "  endurance --duration 1800 --records 20000000 --cache 256m --write-buffer 64m --heap 2g"
    },
    mixinStandardHelpOptions = true)
public final class EnduranceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JvmOptions jvms = new JvmOptions(512L << 20);

  @Mixin private EnduranceOptions options;

  private Progress progress;
  private int enginesDone;

  /** Used by the command line. */
  public EnduranceCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check();
    jvms.check(options.cache);
    PrintWriter out = spec.commandLine().getOut();
    EnduranceResults results = new EnduranceResults();
    Path parent = jvms.newDirectory("endurance-");
    try {
      results.machine().putAll(Machine.describe(parent));
      describeSettings(results.settings());
      progress = new Progress(out, Terminal.isInteractive(), "seconds", System::nanoTime);
      for (EngineName engine : jvms.engines) {
        runChild(engine, results.run(engine), parent);
        enginesDone++;
      }
      progress.end();
    } finally {
      Directories.delete(parent);
    }
    results.machine().put("load at the end", Machine.load());
    new EnduranceReport(out).print(results);
    jvms.write(results.toJson(), EndurancePage.of(results));
    return results.runs().values().stream().anyMatch(EnduranceCommand::failed) ? 1 : 0;
  }

  private void describeSettings(Map<String, String> settings) {
    settings.put("events", String.format(Locale.ROOT, "%,d a second, one thread", options.rate));
    settings.put("duration", options.duration + " seconds for each engine, one after the other");
    settings.put(
        "an event",
        String.format(
            Locale.ROOT,
            "get, change, put of a key by a Zipf distribution; %d %% scan the 16 keys of the user"
                + " too; %d %% delete instead of putting",
            StateEvents.SCANS_IN_100,
            StateEvents.DELETES_IN_100));
    settings.put(
        "records",
        String.format(
            Locale.ROOT,
            "%,d of %d + %d bytes: %s",
            options.records,
            Records.KEY_BYTES,
            options.valueSize,
            ByteSize.format(options.records * options.entryBytes())));
    settings.put("cache", ByteSize.format(options.cache));
    settings.put(
        "memtables",
        BenchEngine.Settings.MEMTABLES + " of " + ByteSize.format(options.writeBuffer));
    settings.put("heap", ByteSize.format(jvms.heap));
    settings.put(Results.DURABILITY, DurabilityConverter.format(options.durability));
  }

  private void runChild(EngineName engine, Run run, Path parent)
      throws IOException, InterruptedException {
    Path stores = Files.createTempDirectory(parent, engine + "-");
    List<String> arguments = new ArrayList<>(List.of(EnduranceWorkerCommand.NAME, "" + engine));
    arguments.add(stores.toString());
    arguments.addAll(options.arguments());
    try (ChildJvm child = jvms.start(arguments);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(child.process().getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Message message = Message.parse(line);
        if (message != null) {
          take(message, run);
        }
      }
      int exit = child.process().waitFor();
      if (run.whole.isEmpty() && run.obstacle == null) {
        run.obstacle = "its JVM ended with exit code " + exit;
      }
    } finally {
      Directories.delete(stores);
    }
  }

  private void take(Message message, Run run) {
    switch (message.kind()) {
      case STEP -> {
        double done = enginesDone + Double.parseDouble(message.fields().get(0));
        progress.update(done / jvms.engines.size(), measured(run));
      }
      case FACT -> run.facts.put(message.fields().get(0), message.fields().get(1));
      case SECOND -> run.seconds.add(message.figures());
      case MARK -> run.marks.add(Mark.of(message));
      case CELL -> run.whole.putAll(message.figures());
      case UNAVAILABLE, FAILED -> run.obstacle = message.fields().get(0);
      case NOTE -> throw new IllegalStateException("no part of a long run: " + message);
    }
  }

  private long measured(Run run) {
    return (long) enginesDone * options.duration + run.seconds.size();
  }

  private static boolean failed(Run run) {
    return run.obstacle != null && !run.obstacle.startsWith(WorkerCommand.UNAVAILABLE);
  }
}
