package io.lsmdb.bench;

import io.lsmdb.DbException;
import io.lsmdb.DbLockedException;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.StorageException;
import io.lsmdb.bench.compare.ChartCommand;
import io.lsmdb.bench.compare.CompareCommand;
import io.lsmdb.bench.compare.CrashCommand;
import io.lsmdb.bench.compare.EnduranceCommand;
import io.lsmdb.bench.compare.EnduranceWorkerCommand;
import io.lsmdb.bench.compare.ResultsDiffCommand;
import io.lsmdb.bench.compare.WorkerCommand;
import io.lsmdb.bench.demo.DemoCommand;
import io.lsmdb.bench.jmh.CompactionCommand;
import io.lsmdb.bench.jmh.MicroCommand;
import io.lsmdb.bench.jmh.PerfCommand;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of the benchmarks.
 *
 * <p>Confined to the main thread. Exit codes: 0 done; 1 the store misbehaved; 2 the user can put it
 * right. What the user can put right takes one line on standard error.
 */
@Command(
    name = "lsm-bench",
    description = "Demo and benchmarks of lsmdb.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      DemoCommand.class,
      MicroCommand.class,
      CompactionCommand.class,
      PerfCommand.class,
      CompareCommand.class,
      ResultsDiffCommand.class,
      ChartCommand.class,
      EnduranceCommand.class,
      WorkerCommand.class,
      EnduranceWorkerCommand.class,
      CrashCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /**
   * Runs the command line and exits with its status.
   *
   * @param args options and subcommands; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, its errors turned into single lines. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setParameterExceptionHandler(Main::badParameters)
        .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line.getErr()));
  }

  private static int badParameters(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    return fail(line.getErr(), 2, e.getMessage() + " (see '" + command + " --help')");
  }

  private static int failed(Exception e, PrintWriter err) throws Exception {
    if (e instanceof DbLockedException
        || e instanceof InvalidOptionsException
        || e instanceof StorageException
        || e instanceof UserErrorException) {
      return fail(err, 2, e.getMessage());
    } else if (e instanceof DbException) {
      return fail(err, 1, e.getClass().getSimpleName() + ": " + e.getMessage());
    } else if (e instanceof IOException) {
      return fail(err, 2, "input or output failed: " + e.getMessage());
    }
    throw e;
  }

  private static int fail(PrintWriter err, int code, String message) {
    err.println("error: " + message.replaceAll("\\R", " "));
    err.flush();
    return code;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version in the manifest of the jar, or "development" outside of one. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "lsm-bench " + (version == null ? "development" : version),
        "JVM " + System.getProperty("java.vm.version")
      };
    }
  }
}
