package io.lsmdb.internal.engine;

import io.lsmdb.internal.key.InternalKey;

/**
 * The sequence up to which all operations can be read.
 *
 * <p>Thread-safe: written by the commit leader, read by all. While the log is replayed everything
 * is visible.
 */
final class VisibleSequence {
  private volatile long sequence = InternalKey.MAX_SEQUENCE;

  long get() {
    return sequence;
  }

  /** Makes all operations up to a sequence visible. */
  void publish(long last) {
    sequence = last;
  }
}
