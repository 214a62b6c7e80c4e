package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The directory is open already, in this process or in another one.
 *
 * <p>What to do: close the other instance, or open another directory.
 */
public class DbLockedException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   * @param cause the underlying failure, or null
   */
  public DbLockedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, where, and what to do
   */
  public DbLockedException(String message) {
    super(message);
  }
}
