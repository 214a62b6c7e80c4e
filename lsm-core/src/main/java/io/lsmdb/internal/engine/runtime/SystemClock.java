package io.lsmdb.internal.engine.runtime;

/** The system's clocks: the only place that reads them. Stateless. */
final class SystemClock {
  private SystemClock() {}

  /** Wall clock in ms since 1970. */
  static long millis() {
    return System.currentTimeMillis();
  }

  /** Clock for durations, in ns. */
  static long nanos() {
    return System.nanoTime();
  }
}
