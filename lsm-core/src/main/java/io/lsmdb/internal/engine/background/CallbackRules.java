package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.engine.runtime.CallbackThreads;
import io.lsmdb.internal.engine.runtime.DbMutex;
import java.util.function.BooleanSupplier;

/**
 * Refuses calls from inside a callback that would wait for that callback.
 *
 * @param token names the store
 * @param threads those that background work runs in
 * @param isLedByCaller whether this thread commits a group
 * @param mutex whose holder must not wait
 * @param callbacks those who run user code inside a call
 */
public record CallbackRules(
    StoreToken token,
    BackgroundThreads threads,
    BooleanSupplier isLedByCaller,
    DbMutex mutex,
    CallbackThreads callbacks) {
  /** Refuses a call that would wait for the very thread it comes from. */
  public void checkMayWait() {
    if (threads.isOwnThread() || isLedByCaller.getAsBoolean() || mutex.isHeld()) {
      throw new IllegalStateException(
          token
              + " cannot flush, compact, create or drop a column family, or close from inside one of"
              + " its callbacks (an event listener, compaction filter, merge operator, time source or"
              + " the function of a compute), which it would wait for; call that from another thread"
              + " and do not wait for it in the callback");
    }
  }

  /** Refuses to close the store in the middle of one of its calls. */
  public void checkMayClose() {
    checkMayWait();
    if (callbacks.isInside()) {
      throw new IllegalStateException(
          token
              + " cannot be closed from inside a value reader, merge operator or time source of one of"
              + " its calls, which it would wait for; close it after that call has returned, or from"
              + " another thread");
    }
  }
}
