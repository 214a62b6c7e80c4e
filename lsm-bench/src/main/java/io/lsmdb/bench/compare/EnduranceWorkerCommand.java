package io.lsmdb.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The hidden subcommand that {@link EnduranceCommand} runs in child JVMs. */
@Command(name = EnduranceWorkerCommand.NAME, hidden = true)
public final class EnduranceWorkerCommand implements Callable<Integer> {
  static final String NAME = "endurance-worker";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", converter = EngineName.Converter.class)
  private EngineName engine;

  @Parameters(index = "1")
  private Path directory;

  @Mixin private EnduranceOptions options;

  /** Used by the command line. */
  public EnduranceWorkerCommand() {}

  @Override
  public Integer call() throws Exception {
    return WorkerCommand.work(
        spec,
        engine,
        directory,
        options,
        out -> {
          Path store = Files.createDirectory(directory.resolve("store"));
          new EnduranceWorker(engine, options, store, out).run();
        });
  }
}
