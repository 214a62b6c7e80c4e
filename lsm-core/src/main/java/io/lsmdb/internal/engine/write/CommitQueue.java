package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.engine.runtime.DbMutex;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Where writers line up so that one of them, the leader, commits for all.
 *
 * <p>Thread-safe. Readers never touch it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>There is one leader at most; only the leader writes to the log and to memtables, and only
 *       the leader seals memtables.
 *   <li>A group holds requests of one kind in the order of their arrival: all logged, or all not.
 *   <li>Each follower gets the outcome of its own request from the leader, failure included; an
 *       error (such as no memory) comes as the cause of an exception.
 *   <li>Leadership is given up in every case; if somebody waits then, the first is woken.
 * </ol>
 */
// How leadership passes on. A writer that finds nobody waiting tries to take the lead at once: one
// compare-and-set, no queue. Otherwise it joins the queue first and tries then, so that a leader
// which leaves meanwhile either sees it in the queue or has left before the attempt: the accesses
// to queue and flag are sequentially consistent, hence no wake-up is lost. A woken writer competes
// with newcomers; whoever wins commits the head of the queue until its own request is done.
//
// Whatever is thrown while a group is committed becomes the outcome of its requests, and never
// leaves this class by another way: the leader may have a request of its own in the queue, which
// must not stay there without its thread.
public final class CommitQueue {
  /** Groups are capped at this size, so that a follower does not wait for an endless group. */
  public static final int MAX_GROUP_BYTES = 1 << 20;

  private static final int SPINS = 200;

  private final StoreToken token;
  private final DbMutex mutex;
  private final CommitPipeline pipeline;
  private final AtomicBoolean led = new AtomicBoolean();
  private final ConcurrentLinkedQueue<WriteRequest> waiting = new ConcurrentLinkedQueue<>();

  // Used by the leader alone.
  private final CommitGroup group = new CommitGroup();

  /**
   * The thread that commits a group. Each thread only asks whether it is itself: no fence needed.
   */
  private Thread leader;

  /**
   * Creates an empty queue.
   *
   * @param token names the store
   * @param mutex whose holder must not wait for a commit
   * @param pipeline commits the groups
   */
  public CommitQueue(StoreToken token, DbMutex mutex, CommitPipeline pipeline) {
    this.token = token;
    this.mutex = mutex;
    this.pipeline = pipeline;
  }

  /**
   * Commits a request, as leader or by one; throws its failure.
   *
   * @param commit prepared; may be reused when this returns
   */
  void commit(WriteRequest commit) {
    if (waiting.isEmpty() && led.compareAndSet(false, true)) {
      try {
        group.add(commit);
        applyGroup();
      } finally {
        stepDown();
      }
    } else {
      if (isLedByCaller() || mutex.isHeld()) {
        throw new IllegalStateException(
            "a write to "
                + token
                + " from inside one of its callbacks (the function of a compute, a merge operator, a"
                + " time source, an event listener) during another write, which would wait for"
                + " itself; return what is to be written, or write after that call has returned");
      }
      waiting.add(commit);
      await(commit);
    }
    RuntimeException failure = commit.failure();
    if (failure != null) {
      throw failure;
    }
  }

  /** Whether a commit may be under way. */
  public boolean isLed() {
    return led.get();
  }

  /** Whether this call comes from an event listener that a commit is waiting for. */
  public boolean isLedByCaller() {
    return leader == Thread.currentThread();
  }

  /** Runs something while no commit does; throws its failure. */
  public void exclusively(Runnable action) {
    WriteRequest commit = new WriteRequest(false);
    commit.prepare(action);
    commit(commit);
  }

  private void await(WriteRequest commit) {
    boolean interrupted = false;
    int spins = commit.isSync() ? 0 : SPINS;
    while (!commit.isDone()) {
      if (led.compareAndSet(false, true)) {
        try {
          while (!commit.isDone()) {
            applyGroup();
          }
        } finally {
          stepDown();
        }
      } else if (spins > 0) {
        spins--;
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes the head of the queue and what can be committed together with it. */
  private void gather() {
    WriteRequest first = waiting.peek();
    take(first);
    if (first.action() != null) {
      return;
    }
    long bytes = first.batch().size();
    for (WriteRequest next = waiting.peek(); next != null; next = waiting.peek()) {
      if (next.action() != null || next.isLogged() != first.isLogged()) {
        return;
      }
      bytes += next.batch().size();
      if (bytes > MAX_GROUP_BYTES) {
        return;
      }
      take(next);
    }
  }

  /** Moves the head of the queue to the group; it is always in one of them. */
  private void take(WriteRequest head) {
    group.add(head);
    waiting.poll();
  }

  /** Commits the group, or one from the queue; afterwards each of its requests is done. */
  private void applyGroup() {
    leader = Thread.currentThread();
    try {
      if (group.isEmpty()) {
        gather();
      }
      if (group.get(0).action() != null) {
        pipeline.run(group);
      } else {
        pipeline.apply(group);
      }
    } catch (Throwable e) { // whatever it is, nobody may be left waiting
      pipeline.abandon(group);
    } finally {
      leader = null;
    }
  }

  private void stepDown() {
    led.set(false);
    WriteRequest next = waiting.peek();
    if (next != null) {
      next.wake();
    }
  }
}
