package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything this library throws on purpose, apart from {@link NullPointerException}
 * for a null argument and {@link IllegalArgumentException} for an argument outside its documented
 * bounds.
 *
 * <p>Unchecked: most callers can do nothing useful at the call site. Its few subclasses are divided
 * by what to do next, which each message also says. Immutable and safe to share between threads.
 */
public class DbException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   * @param cause the underlying failure, or null
   */
  public DbException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates an exception without a cause.
   *
   * @param message what happened, where, and what to do
   */
  public DbException(String message) {
    super(message);
  }
}
