package io.lsmdb.bench;

/** Something that the user can put right; shown as one line, with exit code 2. */
public final class UserErrorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what is wrong and what to do
   */
  public UserErrorException(String message) {
    super(message);
  }
}
