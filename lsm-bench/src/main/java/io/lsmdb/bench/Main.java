package io.lsmdb.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line of the benchmarks.
 *
 * <p>Confined to the main thread.
 */
@Command(
    name = "lsm-bench",
    description = "Benchmarks of lsmdb.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  /**
   * Runs the command line and exits with its status.
   *
   * @param args options and subcommands; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
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
