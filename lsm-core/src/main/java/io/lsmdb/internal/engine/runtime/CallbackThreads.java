package io.lsmdb.internal.engine.runtime;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The threads that run code of the user in the middle of a call to the store: value readers, merge
 * operators of lookups, time sources.
 *
 * <p>Thread-safe. Nobody waits, and nothing is allocated as long as at most {@value #SLOTS} threads
 * are inside.
 *
 * <p>Closing the store waits until all calls have left it, so it has to refuse a thread that is
 * inside of one. The counters of the {@link ReadGate} cannot tell: threads share them.
 */
public final class CallbackThreads {
  private static final int SLOTS = 32;
  private static final int SPREAD = 16; // references: a cache line between slots, at least
  private static final int NO_SLOT = -1;

  private final AtomicReferenceArray<Thread> slots = new AtomicReferenceArray<>(SLOTS * SPREAD);

  /** How often each thread is inside that found no slot. */
  private final ConcurrentHashMap<Thread, Integer> others = new ConcurrentHashMap<>();

  /**
   * Notes that this thread begins to run the user's code.
   *
   * @return for {@link #exit}
   */
  public int enter() {
    Thread current = Thread.currentThread();
    int first = (int) current.getId();
    for (int i = 0; i < SLOTS; i++) {
      int slot = ((first + i) & (SLOTS - 1)) * SPREAD;
      if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, current)) {
        return slot;
      }
    }
    others.merge(current, 1, Integer::sum);
    return NO_SLOT;
  }

  /**
   * Notes that the user's code has returned.
   *
   * @param slot what {@link #enter} returned
   */
  public void exit(int slot) {
    if (slot == NO_SLOT) {
      others.computeIfPresent(
          Thread.currentThread(), (thread, calls) -> calls == 1 ? null : calls - 1);
    } else {
      slots.setRelease(slot, null);
    }
  }

  /** Whether this thread is inside; only what it has noted itself matters. */
  public boolean isInside() {
    Thread current = Thread.currentThread();
    for (int i = 0; i < SLOTS; i++) {
      if (slots.get(i * SPREAD) == current) {
        return true;
      }
    }
    return others.containsKey(current);
  }
}
