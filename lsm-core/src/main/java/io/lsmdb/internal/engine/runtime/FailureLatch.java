package io.lsmdb.internal.engine.runtime;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.DbException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The first fatal failure of a store, after which it takes no more writes.
 *
 * <p>Thread-safe. Set once; reading it costs a volatile read.
 */
public final class FailureLatch {
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final String store;
  private final Consumer<DbException> listener;

  public FailureLatch(String store, Consumer<DbException> listener) {
    this.store = store;
    this.listener = listener;
  }

  /** Whether writes are stopped. */
  public boolean isSet() {
    return failure.get() != null;
  }

  /** Stops writes, unless an earlier failure has. */
  public void set(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      listener.accept(exception(false));
    }
  }

  /** Throws when writes are stopped. */
  public void check() {
    if (failure.get() != null) {
      throw exception(false);
    }
  }

  /**
   * What a writer is told.
   *
   * @param inDoubt whether its own write may have been recorded
   * @return a new exception with the first failure as its cause
   */
  public BackgroundErrorException exception(boolean inDoubt) {
    Throwable cause = failure.get();
    return new BackgroundErrorException(
        "writes to "
            + store
            + " are stopped after a failure: "
            + cause.getMessage()
            + "; reads still work; repair the cause, then close and reopen the store"
            + (inDoubt ? " (whether this write was recorded is not known)" : ""),
        inDoubt,
        cause);
  }
}
