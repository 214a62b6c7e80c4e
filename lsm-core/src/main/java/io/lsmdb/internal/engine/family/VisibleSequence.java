package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.key.InternalKey;

/**
 * The sequence up to which all operations can be read.
 *
 * <p>Thread-safe: written by the commit leader, read by all. While the log is replayed everything
 * is visible.
 */
public final class VisibleSequence {
  private volatile long sequence = InternalKey.MAX_SEQUENCE;

  public long get() {
    return sequence;
  }

  /** Makes all operations up to a sequence visible. */
  public void publish(long last) {
    sequence = last;
  }
}
