package io.lsmdb;

/**
 * A change was refused because an indexed batch would exceed its byte limit; the batch is
 * unchanged.
 *
 * <p>What to do: write the batch and clear it, then repeat the change; or give it a higher limit.
 */
public class BatchLimitException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   */
  public BatchLimitException(String message) {
    super(message);
  }
}
