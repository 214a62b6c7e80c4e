package io.lsmdb.power;

import java.nio.file.Path;

/** Mounts and unmounts file systems. Stateless; needs root. */
final class Mounts {
  private static final int ATTEMPTS = 40;
  private static final int PAUSE = 25; // ms, longer with each attempt

  private Mounts() {}

  /** Mounts what {@code source} holds on a directory, with a loop device if it is a file. */
  static void mount(Path source, Path directory, String options) {
    Command.run("mount", "-o", options, source.toString(), directory.toString());
  }

  /**
   * Unmounts a directory. A closed store keeps its log mapped until the collector has run, which
   * keeps the file system busy; so the collector is asked to.
   */
  static void unmount(Path directory) throws InterruptedException {
    Command.Result result = Command.attempt("umount", directory.toString());
    for (int i = 1; result.status() != 0 && i <= ATTEMPTS; i++) {
      System.gc();
      Thread.sleep((long) i * PAUSE);
      result = Command.attempt("umount", directory.toString());
    }
    if (result.status() != 0) {
      Command.attempt("umount", "--lazy", directory.toString()); // leave nothing behind
      throw new IllegalStateException(result.output());
    }
  }
}
