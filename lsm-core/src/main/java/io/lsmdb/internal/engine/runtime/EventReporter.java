package io.lsmdb.internal.engine.runtime;

import io.lsmdb.DbException;
import io.lsmdb.EventListener;
import io.lsmdb.internal.compaction.KeptEntries;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports events to the user's listener. Thread-safe; a failing listener stops nothing. */
public final class EventReporter {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private final EventListener listener;

  public EventReporter(EventListener listener) {
    this.listener = listener;
  }

  /** Calls the listener; its failure is logged and goes no further. */
  public void report(Consumer<EventListener> event) {
    try {
      event.accept(listener);
    } catch (Throwable e) {
      LOG.warn("the event listener failed; the store goes on", e);
    }
  }

  /**
   * Reports entries that a rewrite kept because user code failed on them. No byte of the entries is
   * logged.
   */
  public void reportKept(String family, EventListener.Work work, KeptEntries kept) {
    if (kept.count() == 0) {
      return;
    }
    DbException first = kept.first();
    Throwable cause = first.getCause();
    LOG.warn(
        "{} of column family {} left {} keys as they were; the first because of {}",
        work,
        family,
        kept.count(),
        cause == null ? "too much data to fold" : cause.getClass().getName());
    report(listener -> listener.onEntriesKept(family, work, kept.count(), first));
  }
}
