package io.lsmdb.internal.engine.runtime;

import io.lsmdb.DbClosedException;
import io.lsmdb.internal.base.ReaderEpochs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The gate through which short reads pass, so that what they use is given back only when they have
 * left.
 *
 * <p>Thread-safe; readers never wait. Owned by the store.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A thing is unlinked (no new reader can find it) before it is {@link #retire retired}.
 *   <li>A retired thing is released only when every reader that entered before it was retired has
 *       left.
 *   <li>After {@link #close()} has returned, no reader is inside, and none enters.
 * </ol>
 */
// Why it works. Readers count themselves in a stripe of the parity of the epoch that they read;
// they check the epoch again after counting, so a reader that stays has counted itself before the
// epoch moved on (all accesses are sequentially consistent). The epoch moves from e to e+1 only
// when nobody is counted in the parity of e+1, that is, when all readers of e-1 have left; so an
// epoch has passed when it lies two behind. Whoever finds that parity empty may move the epoch on,
// by one comparison with the epoch in which he began to look. New readers only ever add to the
// current parity, apart from those that find the epoch moved and take themselves out again without
// having touched anything. Each stripe of the old parity therefore only falls, and seeing every
// stripe at zero once is enough. This is the counting scheme of sleepable read-copy-update
// (McKenney, "Sleepable RCU", 2006), with the check after counting in place of its double flip.
public final class ReadGate implements ReaderEpochs {
  private static final int STRIPES = 32;
  private static final int SPREAD = 16; // longs: two cache lines between counters

  private final AtomicLongArray counters = new AtomicLongArray(STRIPES * 2 * SPREAD);
  private final AtomicInteger epoch = new AtomicInteger();
  private final String store;
  private volatile boolean closed;

  /** What waits for readers to leave, the oldest first. Guarded by this. */
  private final ArrayDeque<Retired> retired = new ArrayDeque<>();

  /**
   * Opens the gate.
   *
   * @param store names the store, for messages
   */
  public ReadGate(String store) {
    this.store = store;
  }

  /**
   * Lets a reader in.
   *
   * @return a token for {@link #exit}
   * @throws DbClosedException once the gate is closed
   */
  public int enter() {
    int stripe = ((int) Thread.currentThread().getId() & (STRIPES - 1)) * 2;
    while (true) {
      int entered = epoch.get();
      int token = (stripe + (entered & 1)) * SPREAD;
      counters.getAndIncrement(token);
      if (epoch.get() == entered) {
        if (closed) {
          counters.getAndDecrement(token);
          throw closedException();
        }
        return token;
      }
      counters.getAndDecrement(token);
    }
  }

  /**
   * Lets a reader out.
   *
   * @param token what {@link #enter} returned
   */
  public void exit(int token) {
    counters.getAndDecrement(token);
  }

  /** Throws unless the gate is open; for cursors, which hold what they need by themselves. */
  public void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  /** What whoever uses the closed store is told. */
  public DbClosedException closedException() {
    return new DbClosedException(store + " is closed; open it again before using it");
  }

  @Override
  public int epoch() {
    return epoch.get();
  }

  @Override
  public boolean hasPassed(int past) {
    for (int now = epoch.get(); now - past < 2; now = epoch.get()) {
      if (!isEmpty((now + 1) & 1)) {
        return false;
      }
      epoch.compareAndSet(now, now + 1);
    }
    return true;
  }

  /**
   * Releases a thing as soon as no reader can use it any more.
   *
   * @param release runs in this thread or a later caller's
   */
  public void retire(Runnable release) {
    synchronized (this) {
      retired.add(new Retired(epoch(), release));
    }
    reclaim();
  }

  /** Releases what can be released by now. Never waits. */
  public void reclaim() {
    List<Runnable> ready = new ArrayList<>();
    synchronized (this) {
      while (!retired.isEmpty() && hasPassed(retired.peek().epoch)) {
        ready.add(retired.remove().release);
      }
    }
    ready.forEach(HarmlessFailure::release);
  }

  private boolean isEmpty(int parity) {
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      if (counters.get((stripe * 2 + parity) * SPREAD) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Lets nobody in any more, waits until everybody has left, and releases everything. */
  public void close() {
    closed = true;
    while (!isEmpty(0) || !isEmpty(1)) {
      LockSupport.parkNanos(20_000);
    }
    List<Runnable> ready = new ArrayList<>();
    synchronized (this) {
      retired.forEach(each -> ready.add(each.release));
      retired.clear();
    }
    ready.forEach(HarmlessFailure::release);
  }

  /** A thing that has been unlinked, in an epoch. */
  private record Retired(int epoch, Runnable release) {}
}
