package io.lsmdb.internal.engine.family;

import io.lsmdb.EventListener.StallCause;

/**
 * Whether a family's flushes or compactions lag so far behind that writes must slow down or wait.
 *
 * @param cause what lags behind, null when nothing does
 * @param current the figure now
 * @param limit the figure at which writes stop
 * @param debt 0 = full speed; between 0 and 1 = slowed down ever more; 1 = stopped
 */
public record StallCondition(StallCause cause, long current, long limit, double debt) {
  public static final StallCondition NONE = new StallCondition(null, 0, 0, 0);

  public boolean isStop() {
    return debt >= 1;
  }

  /**
   * The condition of a figure that slows writes down from one limit on, and stops them at another.
   */
  public static StallCondition of(StallCause cause, long current, long slowdown, long stop) {
    if (current < slowdown) {
      return NONE;
    }
    double debt = current >= stop ? 1 : (current - slowdown + 1.0) / (stop - slowdown + 1.0);
    return new StallCondition(cause, current, stop, debt);
  }

  /** The worse of two conditions. */
  public StallCondition or(StallCondition other) {
    return other.debt > debt ? other : this;
  }
}
