package io.lsmdb.internal.engine;

/** Tells whether an open store is still at work. Thread-safe. */
final class StoreLifecycle {
  private final FailureLatch failure;
  private volatile boolean closing;

  StoreLifecycle(FailureLatch failure) {
    this.failure = failure;
  }

  /** Whether the store is being closed, or has been. */
  boolean isClosing() {
    return closing;
  }

  void setClosing() {
    closing = true;
  }

  /** Whether background work may begin: the store is neither being closed nor stopped. */
  boolean isWorking() {
    return !closing && !failure.isSet();
  }
}
