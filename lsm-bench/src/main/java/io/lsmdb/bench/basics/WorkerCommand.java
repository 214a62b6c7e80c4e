package io.lsmdb.bench.basics;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The hidden subcommand that {@link CompareBasicsCommand} runs in child JVMs. */
@Command(name = WorkerCommand.NAME, hidden = true)
public final class WorkerCommand implements Callable<Integer> {
  static final String NAME = "basics-worker";

  /** Begins the lines with results; other lines are of no concern. */
  static final String RESULT = "result ";

  @Spec private CommandSpec spec;

  @Parameters(index = "0")
  private EngineName engine;

  @Parameters(index = "1")
  private Path directory;

  @Parameters(index = "2")
  private int entries;

  /** Used by the command line. */
  public WorkerCommand() {}

  @Override
  public Integer call() throws Exception {
    BasicsWorker worker = new BasicsWorker(engine.opener(), directory);
    Map<Figure, Double> figures = worker.run(entries, engine == EngineName.lsmdb);
    figures.forEach(
        (figure, nanos) ->
            spec.commandLine()
                .getOut()
                .println(RESULT + figure + " " + String.format(Locale.ROOT, "%.1f", nanos)));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
