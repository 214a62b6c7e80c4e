package io.lsmdb.testing;

import io.lsmdb.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clock that moves only when a test moves it, forward or back.
 *
 * <p>Thread-safe. Nothing has to be closed.
 */
public final class TestClock implements TimeSource {
  private final AtomicLong millis;

  /**
   * Creates a clock that stands.
   *
   * @param millis the time that it shows, in ms since 1970
   */
  public TestClock(long millis) {
    this.millis = new AtomicLong(millis);
  }

  @Override
  public long currentTimeMillis() {
    return millis.get();
  }

  /**
   * Moves the clock.
   *
   * @param duration how far; negative moves it back
   * @throws ArithmeticException if the time does not fit a {@code long}
   */
  public void advance(Duration duration) {
    long step = duration.toMillis();
    millis.updateAndGet(now -> Math.addExact(now, step));
  }

  /**
   * Sets the clock.
   *
   * @param newMillis the time that it shows from now on, in ms since 1970
   */
  public void set(long newMillis) {
    millis.set(newMillis);
  }
}
