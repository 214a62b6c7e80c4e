package io.lsmdb.internal.engine.write;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.DbException;
import io.lsmdb.InsufficientMemoryException;
import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.runtime.FailureLatch;

/**
 * The exceptions that writers get whose commit failed.
 *
 * <p>Used by the commit leader. An exception says whether anything was recorded; where there is no
 * memory left to make one, it was made beforehand.
 */
final class CommitOutcomes {
  private final FailureLatch latch;

  private final RuntimeException unknown =
      new BackgroundErrorException(
          "the commit failed, and whether this write was recorded is not known; close and reopen the"
              + " store",
          true,
          null);

  private final RuntimeException refused =
      new InsufficientMemoryException("nothing was written", null);

  /**
   * Makes the exceptions that have to be there beforehand.
   *
   * @param latch stops all writes where a failure leaves something in doubt
   */
  CommitOutcomes(FailureLatch latch) {
    this.latch = latch;
  }

  /** The outcome where the commit broke off in a place that nobody knows. */
  RuntimeException unknown() {
    return unknown;
  }

  /**
   * Stops all writes after a failure.
   *
   * @param failure what happened
   * @param inDoubt whether the write may have been recorded
   * @return the outcome
   */
  RuntimeException stopped(Throwable failure, boolean inDoubt) {
    latch.set(failure);
    return latch.exception(inDoubt);
  }

  /** The outcome of a failure before anything was recorded. */
  RuntimeException notWritten(Throwable failure) {
    if (failure instanceof StorageException storage) {
      return new StorageException("write to the log in", storage.file(), storage.reason(), storage);
    }
    if (failure instanceof OutOfMemoryError) {
      try {
        return new InsufficientMemoryException("nothing was written", failure);
      } catch (OutOfMemoryError again) {
        return refused;
      }
    }
    if (failure instanceof DbException known) {
      return latch.isSet() ? latch.exception(false) : known;
    }
    return new DbException("the write failed before anything was recorded", failure);
  }
}
