package io.lsmdb;

/**
 * An earlier failure (of a log write, a force, a flush or a compaction) has stopped all writes, or
 * the write of this very call met it.
 *
 * <p>What to do: reads still work; repair what the cause names, then close and reopen the store.
 * The first such failure sticks and is the cause of every later one. Where {@link #inDoubt()} is
 * true, the write of this call may or may not be there after reopening.
 */
public class BackgroundErrorException extends DbException {
  private static final long serialVersionUID = 1L;

  private final boolean inDoubt;

  /**
   * Creates an exception.
   *
   * @param message what failed and what to do
   * @param inDoubt whether the write of this call may have been recorded
   * @param cause the first failure
   */
  public BackgroundErrorException(String message, boolean inDoubt, Throwable cause) {
    super(message, cause);
    this.inDoubt = inDoubt;
  }

  /**
   * Whether the write of this call may or may not be found after reopening.
   *
   * @return false when nothing of it was recorded
   */
  public boolean inDoubt() {
    return inDoubt;
  }
}
