package io.lsmdb.internal.version;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The source of numbers for new files, each of which is given out once.
 *
 * <p>Thread-safe.
 */
final class FileNumbers {
  /** The largest file number: 2^62 - 1. */
  static final long MAX = (1L << 62) - 1;

  private final AtomicLong next;

  /**
   * Starts.
   *
   * @param first the first number to give out
   */
  FileNumbers(long first) {
    next = new AtomicLong(first);
  }

  /** Takes a number; it is never given out again. */
  long take() {
    long number = next.getAndIncrement();
    if (number >= MAX) {
      throw new IllegalStateException("file numbers are used up");
    }
    return number;
  }

  /** All numbers below are used up. */
  long next() {
    return next.get();
  }

  /**
   * Uses up all numbers below a limit.
   *
   * @return what {@link #next} returns from then on, at least
   */
  long skipTo(long limit) {
    return next.updateAndGet(number -> Math.max(number, limit));
  }
}
