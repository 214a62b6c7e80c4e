package io.lsmdb.internal.base;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;

/**
 * A few reusable objects for all threads: as many as processors can use, however many threads there
 * are.
 *
 * <p>Thread-safe, without locks. Takes the place of a {@code ThreadLocal}, which would keep an
 * object for each thread that ever asked, for as long as that lives.
 *
 * <ol>
 *   <li>An object is with one borrower at a time, which gives it back in the same thread.
 *   <li>There are at most {@link #SLOTS} objects. Whoever finds all of them lent makes do with one
 *       of its own, which is not for the pool.
 * </ol>
 *
 * @param <T> what is reused
 */
public final class StripedPool<T> {
  /** How many objects a pool has at most: four for each processor, 16 at least. */
  public static final int SLOTS = slots(Runtime.getRuntime().availableProcessors());

  /** Ints between two marks, so that no two share a cache line or its neighbour. */
  private static final int STRIDE = 32;

  private static final int FREE = 0;
  private static final int LENT = 1;

  private final Supplier<T> maker;

  /** Whether each slot is free; whoever lends it may read and write its object. */
  private final AtomicIntegerArray marks = new AtomicIntegerArray(SLOTS * STRIDE);

  private final Object[] objects = new Object[SLOTS];

  /**
   * Creates an empty pool.
   *
   * @param maker makes an object for a slot that has none yet
   */
  public StripedPool(Supplier<T> maker) {
    this.maker = maker;
  }

  private static int slots(int processors) {
    return Math.max(16, Integer.highestOneBit(processors * 8 - 1));
  }

  /**
   * Takes an object out: where it can, the one that the thread has used before.
   *
   * @return to be given back; null if all are lent
   */
  public T take() {
    int home = home();
    for (int i = 0; i < SLOTS; i++) {
      int slot = home + i & SLOTS - 1;
      if (tryLend(slot)) {
        return objectOf(slot);
      }
    }
    return null;
  }

  private boolean tryLend(int slot) {
    int mark = slot * STRIDE;
    return marks.getPlain(mark) == FREE && marks.compareAndSet(mark, FREE, LENT);
  }

  @SuppressWarnings("unchecked") // only what the maker has made is in the array
  private T objectOf(int slot) {
    Object object = objects[slot];
    if (object == null) {
      try {
        object = maker.get();
        objects[slot] = object;
      } finally {
        if (object == null) {
          marks.setRelease(slot * STRIDE, FREE);
        }
      }
    }
    return (T) object;
  }

  /**
   * Takes an object in.
   *
   * @param object one that this thread has taken out, and no longer uses
   */
  @SuppressWarnings("ReferenceEquality") // slots hold these very objects
  public void give(T object) {
    int home = home();
    for (int i = 0; i < SLOTS; i++) {
      int slot = home + i & SLOTS - 1;
      if (objects[slot] == object) {
        marks.setRelease(slot * STRIDE, FREE);
        return;
      }
    }
    throw new IllegalArgumentException("not of this pool");
  }

  /** Leaves all objects that are not lent to the collector; for when nobody will ask any more. */
  public void clear() {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (tryLend(slot)) {
        objects[slot] = null;
        marks.setRelease(slot * STRIDE, FREE);
      }
    }
  }

  private static int home() {
    return (int) Thread.currentThread().getId();
  }
}
