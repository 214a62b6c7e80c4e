package io.lsmdb.internal.engine;

import java.lang.ref.Cleaner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be given back when a user's handle is closed, or found forgotten by the garbage
 * collector.
 *
 * <p>Thread-safe. Must not refer to the handle that it guards.
 */
final class LeakGuard implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb.leaks");

  private static final Cleaner CLEANER = Cleaner.create();

  private final String what;
  private final Throwable origin;
  private Runnable release; // guarded by this
  private boolean closedByUser; // guarded by this

  LeakGuard(String what, Runnable release) {
    this.what = what;
    this.release = release;
    this.origin = new Throwable("opened here");
  }

  /** Runs this guard when the handle is cleaned, or has become unreachable. */
  Cleaner.Cleanable watch(Object handle) {
    return CLEANER.register(handle, this);
  }

  /** Gives back the old thing, and guards a new one. */
  void replace(Runnable newRelease) {
    Runnable old;
    synchronized (this) {
      old = release;
      release = newRelease;
    }
    old.run();
  }

  synchronized void closedByUser() {
    closedByUser = true;
  }

  /** Gives the thing back, once; says so if the user has not asked for it. */
  @Override
  public void run() {
    Runnable last;
    boolean forgotten;
    synchronized (this) {
      last = release;
      release = null;
      forgotten = !closedByUser;
    }
    if (last != null) {
      if (forgotten) {
        LOG.warn("this {} was never closed; close it, best by try-with-resources", what, origin);
      }
      last.run();
    }
  }
}
