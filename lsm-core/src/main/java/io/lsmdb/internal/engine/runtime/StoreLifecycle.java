package io.lsmdb.internal.engine.runtime;

/** Tells whether an open store is still at work. Thread-safe. */
public final class StoreLifecycle {
  private final FailureLatch failure;
  private volatile boolean closing;

  public StoreLifecycle(FailureLatch failure) {
    this.failure = failure;
  }

  /** Whether the store is being closed, or has been. */
  public boolean isClosing() {
    return closing;
  }

  public void setClosing() {
    closing = true;
  }

  /** Whether background work may begin: the store is neither being closed nor stopped. */
  public boolean isWorking() {
    return !closing && !failure.isSet();
  }
}
