package io.lsmdb.internal.engine.runtime;

import java.lang.ref.Cleaner;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What finds the forgotten handles of a store.
 *
 * <p>Thread-safe. Every handle that is never closed is reported and released once the garbage
 * collector has found it. Where it was opened is noted for some handles only, because a stack trace
 * costs more (0.7 to 2.7 µs) than all else that opening a cursor takes: for the first {@value
 * #ALWAYS_NOTED} handles, then for one in {@value #SAMPLE}, and for all of them once one has been
 * forgotten, or while the logger {@code io.lsmdb.leaks} is at level DEBUG when the store is opened.
 */
public final class LeakDetector {
  static final Logger LOG = LoggerFactory.getLogger("io.lsmdb.leaks");

  /** So many handles are noted from the start. */
  static final int ALWAYS_NOTED = 1_000;

  /** One handle in so many is noted later; a power of two. */
  static final int SAMPLE = 128;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Consumer<LeakGuard> report = this::report;

  private final boolean all = LOG.isDebugEnabled();

  /** A plain field: threads may lose counts to each other, which changes the sample a little. */
  private int opened;

  private volatile boolean forgotten;

  /**
   * Begins to watch a handle.
   *
   * @param what the handle's name
   * @param handle what the garbage collector may find
   * @param release gives back what the handle holds; must not refer to the handle
   * @return to be released by the handle
   */
  public LeakGuard watch(String what, Object handle, Runnable release) {
    Throwable origin = isNoted() ? new Throwable("opened here") : null;
    LeakGuard guard = new LeakGuard(report, what, origin, release);
    guard.cleanable = CLEANER.register(handle, guard);
    return guard;
  }

  private boolean isNoted() {
    int n = opened;
    opened = n == Integer.MAX_VALUE ? ALWAYS_NOTED : n + 1;
    return n < ALWAYS_NOTED || (n & (SAMPLE - 1)) == 0 || forgotten || all;
  }

  private void report(LeakGuard leaked) {
    forgotten = true;
    if (leaked.origin != null) {
      LOG.warn(
          "this {} was never closed; close it, best by try-with-resources",
          leaked.what,
          leaked.origin);
    } else {
      LOG.warn(
          "this {} was never closed; close it, best by try-with-resources. Where it was opened had"
              + " not been noted; from now on it is, for all that this store opens",
          leaked.what);
    }
  }
}
