package io.lsmdb;

/**
 * A failure of the store; its subtypes say what to do about it.
 *
 * <p>Immutable, as far as its causes are.
 */
public class DbException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates a failure without a cause.
   *
   * @param message what failed, on which file or key range, and what to do
   */
  public DbException(String message) {
    super(message);
  }

  /**
   * Creates a failure with its cause.
   *
   * @param message what failed, on which file or key range, and what to do
   * @param cause the failure underneath
   */
  public DbException(String message, Throwable cause) {
    super(message, cause);
  }
}
