package io.lsmdb.internal.engine;

import java.util.ArrayList;
import java.util.List;
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
 *   <li>Each follower gets the outcome of its own request from the leader, failure included.
 *   <li>Leadership is given up in every case; if somebody waits then, the first is woken.
 * </ol>
 */
// How leadership passes on. A writer that finds nobody waiting tries to take the lead at once: one
// compare-and-set, no queue. Otherwise it joins the queue first and tries then, so that a leader
// which leaves meanwhile either sees it in the queue or has left before the attempt: the queue's
// and
// the flag's accesses are sequentially consistent, hence no wake-up is lost. A woken writer
// competes
// with newcomers; whoever wins commits the head of the queue until its own request is done.
final class CommitQueue {
  /** Groups are capped at this size, so that a follower does not wait for an endless group. */
  static final int MAX_GROUP_BYTES = 1 << 20;

  private static final int SPINS = 200;

  private final CommitApplier applier;
  private final AtomicBoolean led = new AtomicBoolean();
  private final ConcurrentLinkedQueue<Commit> waiting = new ConcurrentLinkedQueue<>();

  // Used by the leader alone.
  private final List<Commit> group = new ArrayList<>();

  CommitQueue(CommitApplier applier) {
    this.applier = applier;
  }

  /**
   * Commits a request, as leader or by one; throws its failure.
   *
   * @param commit prepared; may be reused when this returns
   */
  void commit(Commit commit) {
    if (waiting.isEmpty() && led.compareAndSet(false, true)) {
      try {
        group.add(commit);
        applyGroup();
      } finally {
        stepDown();
      }
    } else {
      waiting.add(commit);
      await(commit);
    }
    RuntimeException failure = commit.failure();
    if (failure != null) {
      throw failure;
    }
  }

  /** Runs something while no commit does; throws its failure. */
  void exclusively(Runnable action) {
    Commit commit = new Commit();
    commit.prepare(action);
    commit(commit);
  }

  private void await(Commit commit) {
    boolean interrupted = false;
    int spins = commit.isSync() ? 0 : SPINS;
    while (!commit.isDone()) {
      if (led.compareAndSet(false, true)) {
        try {
          while (!commit.isDone()) {
            gather();
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
    Commit first = waiting.poll();
    group.add(first);
    if (first.action() != null) {
      return;
    }
    long bytes = first.batch().size();
    for (Commit next = waiting.peek(); next != null; next = waiting.peek()) {
      if (next.action() != null || next.isLogged() != first.isLogged()) {
        return;
      }
      bytes += next.batch().size();
      if (bytes > MAX_GROUP_BYTES) {
        return;
      }
      group.add(waiting.poll());
    }
  }

  private void applyGroup() {
    try {
      Commit first = group.get(0);
      if (first.action() != null) {
        applier.run(first);
      } else {
        applier.apply(group);
      }
    } finally {
      group.clear();
    }
  }

  private void stepDown() {
    led.set(false);
    Commit next = waiting.peek();
    if (next != null) {
      next.wake();
    }
  }
}
