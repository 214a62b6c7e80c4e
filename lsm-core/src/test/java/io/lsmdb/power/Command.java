package io.lsmdb.power;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs programs of the operating system. Stateless. */
final class Command {
  private Command() {}

  /**
   * The result of a program that has ended.
   *
   * @param status its exit status, 0 for success
   * @param output what it has printed, errors included, without space around it
   */
  record Result(int status, String output) {}

  /** Runs a program to its end; returns what it printed, throws if it failed. */
  static String run(String... command) {
    Result result = attempt(command);
    if (result.status() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + result.output());
    }
    return result.output();
  }

  /** Runs a program to its end, whatever that is; one that is not there has status 127. */
  static Result attempt(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(127, e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(List.of(command) + " was interrupted", e);
    }
  }
}
