package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * A write would have had to wait for flushes or compactions longer than its {@link WriteOptions}
 * allow. Nothing of it was written.
 *
 * <p>What to do: retry later, or write more slowly; the message names the cause, the family, the
 * current figure and its limit.
 */
public class StallTimeoutException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   * @param cause the underlying failure, or null
   */
  public StallTimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, where, and what to do
   */
  public StallTimeoutException(String message) {
    super(message);
  }
}
