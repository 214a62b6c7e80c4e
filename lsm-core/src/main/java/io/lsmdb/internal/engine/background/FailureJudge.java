package io.lsmdb.internal.engine.background;

import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.runtime.FailureLatch;
import io.lsmdb.internal.version.ForceFailedException;
import java.util.function.BooleanSupplier;

/**
 * Decides what a failure of background work means. Thread-safe.
 *
 * <p>A full disk or heap passes, as long as it has left neither log nor manifest in doubt; anything
 * else stops all writes.
 */
public final class FailureJudge {
  private final FailureLatch failure;
  private final BooleanSupplier recordsInDoubt;

  /**
   * Creates the judge.
   *
   * @param failure stops all writes
   * @param recordsInDoubt whether log or manifest may hold half a record
   */
  public FailureJudge(FailureLatch failure, BooleanSupplier recordsInDoubt) {
    this.failure = failure;
    this.recordsInDoubt = recordsInDoubt;
  }

  /**
   * Decides, and stops all writes if need be.
   *
   * @param e the failure
   * @return true if the work may be tried again
   */
  public boolean passes(Throwable e) {
    boolean passes =
        (isFullDisk(e) || e instanceof OutOfMemoryError) && !recordsInDoubt.getAsBoolean();
    if (!passes) {
      failure.set(e);
    }
    return passes;
  }

  private static boolean isFullDisk(Throwable e) {
    return e instanceof StorageException storage
        && storage.reason() == StorageException.Reason.DISK_FULL
        && !(e instanceof ForceFailedException);
  }
}
