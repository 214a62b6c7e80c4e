package io.lsmdb.internal.engine.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The lock over what flushes, compactions and memtable switches change in the families, with one
 * condition: something has changed.
 *
 * <p>Thread-safe. Readers never take it; a writer takes it only when it seals a memtable or has to
 * wait. No file is touched while it is held. Waiting is not disturbed by an interrupt: the status
 * is restored afterwards.
 */
public final class DbMutex {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Whether this thread holds the lock. */
  public boolean isHeld() {
    return lock.isHeldByCurrentThread();
  }

  /** Runs something under the lock. */
  public void run(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /** Computes something under the lock. */
  public <T> T get(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Changes something under the lock, and wakes everybody who waits. */
  public void change(Runnable action) {
    lock.lock();
    try {
      action.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a condition holds.
   *
   * @param condition evaluated under the lock, after each change
   * @param timeoutNanos how long to wait at most; {@link Long#MAX_VALUE} for no limit
   * @return false when the time has passed
   */
  public boolean await(BooleanSupplier condition, long timeoutNanos) {
    boolean interrupted = false;
    long left = timeoutNanos;
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        try {
          if (timeoutNanos == Long.MAX_VALUE) {
            changed.await(1, TimeUnit.SECONDS);
          } else {
            left = changed.awaitNanos(left);
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
