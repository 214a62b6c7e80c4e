package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * A setting is outside its range, contradicts another one, or does not fit the store being opened.
 *
 * <p>What to do: correct the setting that the message names.
 */
public class InvalidOptionsException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   * @param cause the underlying failure, or null
   */
  public InvalidOptionsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, where, and what to do
   */
  public InvalidOptionsException(String message) {
    super(message);
  }
}
