package io.lsmdb.internal.engine.write;

import io.lsmdb.Durability;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * One writer's request to the commit queue: a batch, or an action to run between commits.
 *
 * <p>Used by one write after the other. The writer fills it in before it joins the queue; from then
 * on it belongs to the leader until it is {@link #isDone() done}.
 */
final class WriteRequest {
  /** The array of {@link #single} is kept for the next write up to this size. */
  private static final int KEPT_BYTES = 256 << 10;

  /** For writes of a single operation. */
  final BatchEncoder single = new BatchEncoder();

  private final boolean pooled;

  private BatchEncoder batch;
  private Durability durability;
  private ColumnFamilyState[] families = new ColumnFamilyState[4];
  private int familyCount;
  private Runnable action;

  private Thread thread;
  private RuntimeException failure;
  private volatile boolean done;

  /**
   * Creates an empty request.
   *
   * @param pooled whether it belongs to a pool
   */
  WriteRequest(boolean pooled) {
    this.pooled = pooled;
  }

  boolean isPooled() {
    return pooled;
  }

  /** Asks for a batch; families are added with {@link #touch}. */
  void prepare(BatchEncoder encoded, Durability wanted) {
    batch = encoded;
    durability = wanted;
    action = null;
    familyCount = 0;
    failure = null;
    done = false;
    thread = Thread.currentThread();
  }

  /** Asks for an action that runs while no commit does. */
  void prepare(Runnable wanted) {
    prepare(Durability.BUFFERED, wanted);
  }

  /** Asks for the batch {@link #single}, which an action fills in while no commit is done. */
  void prepare(Durability wanted, Runnable filling) {
    prepare(single, wanted);
    action = filling;
  }

  /** Replaces the batch by {@link #single}, which holds the same with expiries. */
  void useSingle() {
    batch = single;
  }

  /** Notes that the batch writes to a family. */
  void touch(ColumnFamilyState family) {
    for (int i = 0; i < familyCount; i++) {
      if (families[i] == family) {
        return;
      }
    }
    if (familyCount == families.length) {
      families = Arrays.copyOf(families, familyCount * 2);
    }
    families[familyCount++] = family;
  }

  BatchEncoder batch() {
    return batch;
  }

  Runnable action() {
    return action;
  }

  /** Whether there is nothing to log, and no action that may change that. */
  boolean isEmpty() {
    return action == null && batch.count() == 0;
  }

  boolean isSync() {
    return durability == Durability.SYNC;
  }

  boolean isLogged() {
    return durability != Durability.NO_WAL;
  }

  int familyCount() {
    return familyCount;
  }

  ColumnFamilyState family(int index) {
    return families[index];
  }

  /** The touched family of an id, or null. */
  ColumnFamilyState familyById(int id) {
    for (int i = 0; i < familyCount; i++) {
      if (families[i].id() == id) {
        return families[i];
      }
    }
    return null;
  }

  /** Tells the writer the outcome; null for success. */
  void complete(RuntimeException outcome) {
    failure = outcome;
    Thread waiting = thread;
    done = true;
    if (waiting != Thread.currentThread()) {
      LockSupport.unpark(waiting);
    }
  }

  boolean isDone() {
    return done;
  }

  /** Wakes the writer, so that it takes the lead. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** What the writer is to throw, or null; once done. */
  RuntimeException failure() {
    return failure;
  }

  /** Lets go of what the request referred to. */
  void finish() {
    batch = null;
    action = null;
    failure = null;
    thread = null;
    Arrays.fill(families, 0, familyCount, null);
    familyCount = 0;
    single.clear(KEPT_BYTES);
  }
}
