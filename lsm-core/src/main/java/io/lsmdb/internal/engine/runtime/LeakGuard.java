package io.lsmdb.internal.engine.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.util.function.Consumer;

/**
 * What must be given back when a user's handle is closed, or found forgotten by the garbage
 * collector.
 *
 * <p>Thread-safe. Must not refer to the handle that it guards. Whoever takes the thing out gives it
 * back, so that happens once.
 */
public final class LeakGuard implements Runnable {
  private static final VarHandle RELEASE;

  static {
    try {
      RELEASE = MethodHandles.lookup().findVarHandle(LeakGuard.class, "release", Runnable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final String what;
  final Throwable origin; // null: not noted
  private final Consumer<LeakGuard> leaked;

  /** Set right after construction, before anybody else knows the guard. */
  Cleaner.Cleanable cleanable;

  @SuppressWarnings("UnusedVariable") // read through RELEASE
  private volatile Runnable release;

  LeakGuard(Consumer<LeakGuard> leaked, String what, Throwable origin, Runnable release) {
    this.leaked = leaked;
    this.what = what;
    this.origin = origin;
    this.release = release;
  }

  /** Gives back the old thing, and guards a new one; to be called by the handle. */
  public void replace(Runnable newRelease) {
    take(newRelease).run();
  }

  /** Gives the thing back because the user has closed the handle. */
  public void close() {
    Runnable last = take(null);
    cleanable.clean(); // finds nothing left to do, and is forgotten
    if (last != null) {
      last.run();
    }
  }

  /** Runs when the handle has become unreachable. */
  @Override
  public void run() {
    Runnable last = take(null);
    if (last != null) {
      leaked.accept(this);
      last.run();
    }
  }

  private Runnable take(Runnable next) {
    return (Runnable) RELEASE.getAndSet(this, next);
  }
}
