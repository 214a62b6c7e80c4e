package io.lsmdb.internal.engine;

import io.lsmdb.DbException;
import io.lsmdb.internal.engine.background.FlushRequests;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.runtime.HarmlessFailure;
import io.lsmdb.internal.engine.write.LogManager;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.version.VersionSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The closing of a store, or of what a failed opening has got so far.
 *
 * <p>Thread-safe: the first call closes, others wait for it. Every step is tried even if one before
 * it fails; the first failure is thrown in the end.
 */
final class StoreCloser {
  /**
   * A longer log is not left to the next opening, in bytes: that would take longer to replay it
   * than a flush takes now, which writes the newest versions alone.
   */
  static final long MAX_LOG_BYTES = 16 << 20;

  private final FileSystem.AutoLock lock;
  private EngineContext context;
  private boolean closed; // guarded by this
  private Throwable failure;

  StoreCloser(FileSystem.AutoLock lock) {
    this.lock = lock;
  }

  /** Notes what there is to close. */
  void opened(EngineContext opened) {
    context = opened;
  }

  /** Closes what a failed opening has left open. */
  void abandon(Throwable cause) {
    try {
      close();
    } catch (RuntimeException | OutOfMemoryError e) {
      cause.addSuppressed(e);
    }
  }

  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (context != null) {
        stopWrites();
        stopBackgroundWork();
        step(() -> context.gate().close());
        closeFiles();
        step(context::releaseMemory);
      }
    } finally {
      step(lock::close);
    }
    if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw (RuntimeException) failure; // no step throws checked exceptions
    }
  }

  /** Refuses writes from now on, and flushes writes that are in no log, or in a long one. */
  private void stopWrites() {
    if (!context.isStarted()) {
      return;
    }
    FlushRequests flushes = context.flushRequests();
    List<MemTableRef> unlogged = new ArrayList<>();
    List<MemTableRef> all = new ArrayList<>();
    step(
        () ->
            context
                .queue()
                .exclusively(
                    () -> {
                      context.pipeline().close();
                      if (!context.failure().isSet()) {
                        unlogged.addAll(flushes.sealUnlogged());
                        if (context.log().liveBytes() > MAX_LOG_BYTES) {
                          all.addAll(flushes.sealAll());
                        }
                      }
                    }));
    step(() -> flushes.await(unlogged));
    try {
      flushes.await(all);
    } catch (DbException e) {
      HarmlessFailure.warn("the log is left to be replayed by the next opening", e);
    }
  }

  private void stopBackgroundWork() {
    context.mutex().change(context.lifecycle()::setClosing);
    step(context.keySorter()::close);
    if (context.background() != null) {
      step(() -> context.background().compactions().endRequests(context.gate().closedException()));
      context.background().awaitIdle();
      context.background().shutdown();
    }
  }

  /** The log first: the end of the manifest says up to where it is durable. */
  private void closeFiles() {
    LogManager log = context.log();
    VersionSet versions = context.versions();
    if (log != null) {
      step(log::close);
      step(() -> versions.close(log.lastLoggedSequence()));
    } else if (versions != null) {
      step(versions::close);
    }
    awaitEnd(context.fileExecutor());
    step(context.tables()::close);
  }

  /** Lets an executor finish what it has; an interrupt does not shorten this, and is kept. */
  private static void awaitEnd(ExecutorService executor) {
    executor.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
  }
}
