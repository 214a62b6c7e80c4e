package io.lsmdb.internal.engine.runtime;

/** Runs a task after a while. Thread-safe. */
public interface Alarm extends AutoCloseable {
  /**
   * Sets the time at which the task runs next, in place of the one set before. Does nothing once
   * the alarm is closed.
   *
   * @param nanos how long from now
   */
  void set(long nanos);

  /** Runs the task no more, unless it is set again. */
  void cancel();

  /** Begins no task any more. Waits for nothing; one that runs already ends by itself. */
  @Override
  void close();
}
