package io.lsmdb.bench.compare;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The hidden subcommand that fills a log, then waits to be killed. */
@Command(name = CrashCommand.NAME, hidden = true)
public final class CrashCommand implements Callable<Integer> {
  static final String NAME = "compare-crash";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", converter = EngineName.Converter.class)
  private EngineName engine;

  @Parameters(index = "1")
  private Path directory;

  @Mixin private PlanOptions plan;

  /** Used by the command line. */
  public CrashCommand() {}

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (BenchEngine store = engine.opener().open(directory, plan.engineSettings(Merging.NONE))) {
      Reopening.write(store, plan);
      out.println(Reopening.WRITTEN);
      out.flush();
      // Ends when the parent kills this process, or has ended itself.
      while (System.in.read() >= 0) {
        Thread.onSpinWait();
      }
    }
    return 1;
  }
}
