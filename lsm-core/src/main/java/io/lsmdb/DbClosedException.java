package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The store, iterator, snapshot or column family of the call has been closed or dropped before.
 *
 * <p>What to do: this is a mistake in the calling program; the message names what was closed.
 */
public class DbClosedException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   * @param cause the underlying failure, or null
   */
  public DbClosedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, where, and what to do
   */
  public DbClosedException(String message) {
    super(message);
  }
}
