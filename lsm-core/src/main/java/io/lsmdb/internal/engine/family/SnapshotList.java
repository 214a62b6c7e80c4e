package io.lsmdb.internal.engine.family;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * The sequences that open snapshots pin.
 *
 * <p>Thread-safe. A snapshot reads the visible sequence and registers it under the same lock under
 * which compaction lists them: a sequence that is not in the list when a compaction begins can only
 * be registered later with a value at or above everything that the compaction reads.
 */
public final class SnapshotList {
  private final PinnedSequences pinned = new PinnedSequences();
  private final LongSupplier visibleSequence;
  private final Closing afterClosing;
  private boolean closed; // for a moment, to new ones

  /** Those that are open or about to be; counted before they read what is visible. */
  private final AtomicInteger open = new AtomicInteger();

  /** What is told of a sequence when nothing pins it any more; called without locks. */
  public interface Closing {
    /**
     * A sequence was let go.
     *
     * @param sequence which
     * @param oldest whether none of those still pinned was older
     */
    void closed(long sequence, boolean oldest);
  }

  /**
   * Lists nothing yet.
   *
   * @param visibleSequence what a new snapshot pins
   * @param afterClosing told of each sequence that is let go
   */
  public SnapshotList(LongSupplier visibleSequence, Closing afterClosing) {
    this.visibleSequence = visibleSequence;
    this.afterClosing = afterClosing;
  }

  /** Pins the visible sequence of now, and returns it. */
  public synchronized long acquire() {
    awaitOpen();
    open.incrementAndGet();
    long sequence = visibleSequence.getAsLong();
    pinned.add(sequence);
    return sequence;
  }

  private void awaitOpen() {
    boolean interrupted = false;
    while (closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs an action that snapshots above a sequence would notice, unless there are any; none is
   * taken meanwhile.
   *
   * @return false if the action was not run
   */
  public boolean runIfNoneAbove(long sequence, Runnable action) {
    synchronized (this) {
      awaitOpen(); // another thread's action
      if (!pinned.isEmpty() && pinned.newest() > sequence) {
        return false;
      }
      closed = true;
    }
    try {
      action.run();
    } finally {
      synchronized (this) {
        closed = false;
        notifyAll();
      }
    }
    return true;
  }

  public void release(long sequence) {
    boolean oldest;
    boolean gone;
    synchronized (this) {
      oldest = pinned.oldest() == sequence;
      gone = pinned.remove(sequence);
      open.decrementAndGet();
    }
    if (gone) {
      afterClosing.closed(sequence, oldest);
    }
  }

  /**
   * Whether there is one; takes no lock.
   *
   * @return false only if each that is taken from now on pins what is visible by now, or a newer
   *     sequence
   */
  boolean mayExist() {
    return size() > 0;
  }

  /** The pinned sequences, ascending, each once. */
  public synchronized long[] toArray() {
    return pinned.toArray();
  }

  public int size() {
    return open.get();
  }
}
