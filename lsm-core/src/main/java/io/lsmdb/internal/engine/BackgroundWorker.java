package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.StorageException;
import io.lsmdb.internal.memtable.MemTable;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that flush and compact, and what gives them work.
 *
 * <p>Thread-safe. Owned by the store. Of {@code maxBackgroundJobs} threads one only flushes, so that a
 * flush never waits behind a compaction; the others only compact.
 *
 * <p>A task does one step of work and submits itself again as long as there is more. A step that finds
 * the disk full is tried again after a while; any other failure stops all writes for good, because
 * what a half-done step has left cannot be told from here.
 */
final class BackgroundWorker {
  private static final long DISK_FULL_RETRY_NANOS = 200_000_000;

  private final EngineContext context;
  private final FlushWork flushes;
  private final CompactionWork compactions;
  private final ExecutorService flushExecutor;
  private final ExecutorService compactionExecutor;
  private final int compactionThreads;
  private final AtomicInteger flushTasks = new AtomicInteger();
  private final AtomicInteger compactionTasks = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();

  private volatile StorageException diskFull;
  private long lastSealGroup; // used by the commit leader alone

  BackgroundWorker(EngineContext context) {
    this.context = context;
    this.compactionThreads = context.options().maxBackgroundJobs() - 1;
    this.flushExecutor = context.env().executors().create("flush", 1);
    this.compactionExecutor = context.env().executors().create("compaction", compactionThreads);
    this.flushes = new FlushWork(context);
    this.compactions = new CompactionWork(context, compactionExecutor);
  }

  FlushWork flushes() {
    return flushes;
  }

  CompactionWork compactions() {
    return compactions;
  }

  /** The full disk that keeps background work from going on, or null. */
  StorageException diskFull() {
    return diskFull;
  }

  /** Looks for work. Cheap; to be called whenever there may be some, without locks. */
  void schedule() {
    if (context.failure().isSet()) {
      return;
    }
    if (flushes.hasWork()) {
      submit(flushExecutor, flushTasks, 1, flushes::step);
    }
    if (!context.isClosing() && compactions.mayHaveWork()) {
      submit(compactionExecutor, compactionTasks, compactionThreads, compactions::step);
    }
  }

  /** One step of work: true when there may be more. */
  interface Step {
    /** Does a step. */
    boolean run();
  }

  private void submit(ExecutorService executor, AtomicInteger tasks, int limit, Step step) {
    int count = tasks.get();
    while (count < limit) {
      if (tasks.compareAndSet(count, count + 1)) {
        running.incrementAndGet();
        executor.execute(() -> runSteps(tasks, step));
        return;
      }
      count = tasks.get();
    }
  }

  private void runSteps(AtomicInteger tasks, Step step) {
    boolean more = true;
    try {
      while (more && !context.failure().isSet()) {
        more = step.run();
        diskFull = null;
        afterStep();
      }
    } catch (CancelledException closingOrCancelled) {
      // Whoever cancelled it knows; its outputs are gone.
    } catch (StorageException e) {
      if (e.reason() == StorageException.Reason.DISK_FULL && !context.failure().isSet()) {
        diskFull = e;
        context.monitor().change(() -> {});
        waitForSpace();
      } else {
        context.failure().set(e);
      }
    } catch (RuntimeException | Error e) {
      context.failure().set(e);
    } finally {
      tasks.decrementAndGet();
      context.monitor().change(running::decrementAndGet);
      if (!context.isClosing()) {
        schedule();
      }
    }
  }

  private void afterStep() {
    context.gate().reclaim();
    context.deleter().deleteObsolete();
    context.monitor().change(() -> {});
    schedule();
  }

  private void waitForSpace() {
    context.monitor().await(context::isClosing, DISK_FULL_RETRY_NANOS);
  }

  // ---- Sealing memtables: as commit leader.

  /**
   * Seals a full memtable if there is room for another one; otherwise it grows on, and further writers
   * wait before they join a group.
   */
  void sealFull(ColumnFamilyState family) {
    ColumnFamilyOptions options = family.options();
    boolean room =
        context
            .monitor()
            .get(() -> family.immutables().size() + 1 < options.maxWriteBufferNumber());
    if (room) {
      seal(family);
    } else {
      context.monitor().run(() -> WriteController.update(family));
    }
    schedule();
  }

  /** Seals the memtable that needs the oldest part of the log, unless it is sealed already. */
  void sealOldestLogged() {
    ColumnFamilyState oldest = context.monitor().get(this::familyThatPinsTheLog);
    if (oldest != null) {
      seal(oldest);
      schedule();
    }
  }

  private ColumnFamilyState familyThatPinsTheLog() {
    ColumnFamilyState oldest = null;
    long first = Long.MAX_VALUE;
    for (ColumnFamilyState family : context.families().all()) {
      long needed = family.firstUnflushedLogged();
      if (needed < first) {
        first = needed;
        oldest = family;
      }
    }
    boolean unsealed = oldest != null && oldest.readState().mutable().firstLoggedSequence() == first;
    return unsealed ? oldest : null;
  }

  /** Seals the memtables of some families that are not empty. */
  void sealAll(List<ColumnFamilyState> families) {
    for (ColumnFamilyState family : families) {
      if (!family.isDropped() && !family.readState().mutable().table().isEmpty()) {
        seal(family);
      }
    }
    schedule();
  }

  private void seal(ColumnFamilyState family) {
    lastSealGroup++;
    if (context.options().atomicFlush()) {
      for (ColumnFamilyState other : context.families().all()) {
        if (other != family && !other.readState().mutable().table().isEmpty()) {
          sealOne(other);
        }
      }
    }
    sealOne(family);
  }

  private void sealOne(ColumnFamilyState family) {
    MemTableRef fresh = new MemTableRef(new MemTable(context.chunks()));
    context
        .monitor()
        .change(
            () -> {
              family.seal(fresh, lastSealGroup);
              WriteController.update(family);
            });
    fresh.release(); // the read state holds it now
  }

  // ---- Closing.

  /** Waits until no step runs. New ones must have been prevented before. */
  void awaitIdle() {
    context.monitor().await(() -> running.get() == 0, Long.MAX_VALUE);
  }

  void shutdown() {
    flushExecutor.shutdown();
    compactionExecutor.shutdown();
  }
}
