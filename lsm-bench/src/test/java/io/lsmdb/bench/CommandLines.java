package io.lsmdb.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs command lines inside a test. Stateless. */
public final class CommandLines {
  private CommandLines() {}

  /** What a command line left. */
  public record Result(int exitCode, String out, String err) {}

  /** Runs the whole program. */
  public static Result run(String... args) {
    return run(Main.commandLine(), args);
  }

  /** Runs one command. */
  public static Result run(Object command, String... args) {
    return run(new CommandLine(command), args);
  }

  private static Result run(CommandLine line, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Result(exitCode, out.toString(), err.toString());
  }
}
