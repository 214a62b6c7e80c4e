package io.lsmdb.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * When the operations of one thread are due: evenly spaced, whatever the store does.
 *
 * <p>Not thread-safe. What is late stays due: after a pause of the store the operations that came
 * due meanwhile follow without a wait, and each latency counts from when its operation was due, not
 * from when the store let it begin. Otherwise a pause would show as one slow operation instead of
 * as thousands (Gil Tene's "coordinated omission").
 */
final class Pace {
  /** How late the system may wake a thread that asks for it, in nanoseconds. */
  private static final String SLACK_NANOS = "1000";

  private final double intervalNanos;
  private final double offsetNanos;
  private long begin;
  private long count;

  /**
   * For one of several threads.
   *
   * @param perSecond operations a second of all threads together
   * @param thread which thread, from 0
   * @param threads how many there are
   */
  Pace(double perSecond, int thread, int threads) {
    this.intervalNanos = 1e9 * threads / perSecond;
    this.offsetNanos = intervalNanos * thread / threads;
  }

  /** Begins now, in the thread that is to wait. */
  void begin(long nanoTime) {
    begin = nanoTime;
    count = 0;
    wakeExactly();
  }

  /** When the next operation is due, in the time of {@link System#nanoTime()}. */
  long due() {
    return begin + (long) (offsetNanos + count * intervalNanos);
  }

  /** Waits until the next operation is due, unless it is; when that was. */
  long await() {
    long due = due();
    count++;
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return due;
  }

  /** Gives the next operation up. */
  void skip() {
    count++;
  }

  /** Lets Linux wake the calling thread within microseconds; elsewhere it is late by some 60. */
  private static void wakeExactly() {
    try {
      Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
      Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), SLACK_NANOS);
    } catch (IOException | SecurityException | UnsupportedOperationException e) {
      // Not Linux, or not allowed: latencies include how late the system wakes.
    }
  }
}
