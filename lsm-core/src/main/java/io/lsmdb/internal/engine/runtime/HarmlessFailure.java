package io.lsmdb.internal.engine.runtime;

import io.lsmdb.DbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of failures that have no caller and do no harm. Stateless. */
public final class HarmlessFailure {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private HarmlessFailure() {}

  /** Logs a failure. */
  public static void warn(String what, DbException failure) {
    LOG.warn(what, failure);
  }

  /** Releases what readers have used; a failure, such as that of closing a file, is logged. */
  public static void release(Runnable release) {
    try {
      release.run();
    } catch (DbException e) {
      warn("what readers have used cannot be given back", e);
    }
  }
}
