package io.lsmdb.power;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compiles the small C programs that stand beside this class among the resources. Stateless. */
final class NativeTool {
  static final String COMPILER = "cc";

  private NativeTool() {}

  /**
   * Compiles a program.
   *
   * @param name of the resource, without {@code .c}
   * @param directory gets source and program
   * @return the program
   */
  static Path compile(String name, Path directory) {
    Path source = directory.resolve(name + ".c");
    Path program = directory.resolve(name);
    try (InputStream in = NativeTool.class.getResourceAsStream(name + ".c")) {
      Files.copy(in, source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Command.run(COMPILER, "-O2", "-o", program.toString(), source.toString());
    return program;
  }
}
