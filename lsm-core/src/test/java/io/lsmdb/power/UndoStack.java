package io.lsmdb.power;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The steps that undo what a test has done to the machine, such as mounts and loop devices.
 *
 * <p>Thread-safe. Runs the steps when it is closed, newest first, or at the latest when the JVM
 * ends. A step that fails does not keep the others from being run.
 */
final class UndoStack implements AutoCloseable {
  private final Deque<AutoCloseable> steps = new ArrayDeque<>(); // guarded by this
  private final Thread atExit = new Thread(this::undo, "undo");

  UndoStack() {
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Adds a step; it is run once. */
  synchronized void add(AutoCloseable step) {
    steps.push(step);
  }

  @Override
  public void close() {
    undo();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private synchronized void undo() {
    IllegalStateException failure = null;
    while (!steps.isEmpty()) {
      try {
        steps.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("cannot undo what the test has done", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
