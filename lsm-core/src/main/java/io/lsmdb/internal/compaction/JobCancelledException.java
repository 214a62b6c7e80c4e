package io.lsmdb.internal.compaction;

import io.lsmdb.DbException;

/** A job was told to stop, and has deleted what it had written. */
public final class JobCancelledException extends DbException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param job what was cancelled
   */
  public JobCancelledException(String job) {
    super(job + " was cancelled; the store is as it was before");
  }
}
