package io.lsmdb.bench.compare;

import io.lsmdb.bench.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM that runs a hidden subcommand of this program, and ends with this one. Not thread-safe. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final Thread killer;

  private ChildJvm(Process process) {
    this.process = process;
    this.killer = new Thread(process::destroyForcibly, "end child JVM");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts one; its standard error goes to this one's.
   *
   * @param heapBytes the size of its heap
   * @param classPath where it finds this program and the engine
   * @param arguments the subcommand with its arguments
   */
  static ChildJvm start(long heapBytes, String classPath, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xms" + heapBytes);
    command.add("-Xmx" + heapBytes);
    command.addAll(jvmArguments());
    command.addAll(List.of("-cp", classPath, Main.class.getName()));
    command.addAll(arguments);
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** What some of the peers need beside their jars. */
  private static List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    arguments.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
    int version = Runtime.version().feature();
    if (version >= 22) {
      arguments.add("--enable-native-access=ALL-UNNAMED");
    }
    if (version >= 23) {
      arguments.add("--sun-misc-unsafe-memory-access=allow");
    }
    return arguments;
  }

  Process process() {
    return process;
  }

  /** As kill -9, if it still runs. */
  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(killer);
  }
}
