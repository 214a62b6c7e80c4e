package io.lsmdb.power;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.TestStores;
import io.lsmdb.testing.TestOperators;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Threads that take the steps of a {@link Workload} in a store on a {@link RecordedDisk}, and mark
 * each promise of the store in the recording.
 *
 * <p>Used by one thread, once.
 */
final class Writers {
  private final RecordedDisk disk;
  private final Workload workload;
  private final WriteHistory history;

  Writers(RecordedDisk disk, Workload workload, WriteHistory history) {
    this.disk = disk;
    this.workload = workload;
    this.history = history;
  }

  /** Settings that make much happen with little data; a store may be opened with any of them. */
  static DbOptions options(long seed) {
    return TestStores.randomOptions(new Random(seed), TestOperators.JOINING);
  }

  /**
   * Opens the store again and again, writes, and closes it.
   *
   * @param sessions how often it is opened
   * @param steps of each writer in each session
   */
  void run(int sessions, int steps) throws Exception {
    for (int session = 0; session < sessions; session++) {
      try (Db db = Db.open(disk.store(), options(workload.seed() + session))) {
        StoreTarget target = new StoreTarget(db);
        if (session == 0) {
          disk.mark(history.allDurable()); // the families are there
        }
        write(target, steps);
      }
      disk.mark(history.allDurable());
    }
  }

  private void write(StoreTarget target, int steps) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(history.writers());
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < history.writers(); i++) {
        int writer = i;
        ends.add(threads.submit(() -> write(target, writer, steps)));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void write(StoreTarget target, int writer, int steps) {
    for (int left = steps; left > 0; left--) {
      int number = history.begin(writer);
      Step step = workload.step(writer, number);
      target.take(step);
      if (step.makesDurable()) {
        disk.mark(history.endDurable(writer, number, step.kind() == Step.Kind.FLUSH));
      } else {
        history.end(writer, number);
      }
    }
  }
}
