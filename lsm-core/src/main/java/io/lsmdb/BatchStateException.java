package io.lsmdb;

/**
 * A batch has no savepoint to go back to, or a cursor over it outlived a change of the batch.
 *
 * <p>What to do: set a savepoint first; call {@link DbIterator#refresh()} and seek again.
 */
public class BatchStateException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, where, and what to do
   */
  public BatchStateException(String message) {
    super(message);
  }
}
