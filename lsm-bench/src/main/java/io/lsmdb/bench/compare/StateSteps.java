package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Records.WrongResultException;
import io.lsmdb.bench.compare.Workloads.Step;
import java.io.Closeable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Operations of stream operators on their state: windows, scans between puts, small flushes, open
 * cursors.
 *
 * <p>Not thread-safe; each thread has users and numbers of its own.
 */
final class StateSteps {
  /** Puts between two scans. */
  private static final int PUTS_BEFORE_SCAN = 500;

  /** Puts before a small flush. */
  private static final int PUTS_BEFORE_FLUSH = 100;

  private static final int NEXTS = 10;

  /** Cursors that are open at a time, over all partitions. */
  private static final int CURSORS = 4 * PartitionedEngine.PARTITIONS;

  /** Operations after which the oldest cursor is replaced. */
  private static final int CURSOR_EVERY = 100;

  private final PlanOptions plan;
  private final LoadedStore store;
  private final BenchEngine engine;
  private final Records records;
  private final int thread;
  private final Choice choice;
  private long puts;

  StateSteps(PlanOptions plan, LoadedStore store, int thread, long seed) {
    this.plan = plan;
    this.store = store;
    this.engine = store.engine();
    this.records = store.newRecords();
    this.thread = thread;
    this.choice = Choice.uniform(Integer.MAX_VALUE, seed);
  }

  /** Puts the newest window of a random user, then reads all windows of that user. */
  Step fetchWindows() {
    int users = Math.max(1, plan.records / Records.KEYS_PER_USER / plan.threads);
    byte[] windows = new byte[users];
    byte[] prefix = new byte[Long.BYTES];
    return () -> {
      int user = (int) (choice.next() % users);
      long first = ((long) user * plan.threads + thread) * Records.KEYS_PER_USER;
      if (windows[user] == Records.KEYS_PER_USER) {
        put(first + Records.KEYS_PER_USER - 1);
      } else {
        insert(first + windows[user]++);
      }
      System.arraycopy(records.key(first), 0, prefix, 0, prefix.length);
      int found = 0;
      try (BenchEngine.Cursor cursor = engine.cursor()) {
        boolean valid = cursor.seek(prefix);
        while (valid && Workloads.read(cursor, records) == first + found) {
          found++;
          valid = found < Records.KEYS_PER_USER && cursor.next();
        }
      }
      if (found != windows[user]) {
        throw new WrongResultException(
            "a user has " + found + " windows instead of " + windows[user]);
      }
      return 1;
    };
  }

  /** Puts new keys, and now and then scans from one of them. */
  Step scanAfterPuts() {
    return new Step() {
      private boolean scanned = true;

      @Override
      public int run() throws Exception {
        if (puts % PUTS_BEFORE_SCAN == 0 && !scanned) {
          try (BenchEngine.Cursor cursor = engine.cursor()) {
            scan(cursor, number(choice.next() % puts));
          }
          scanned = true;
        } else {
          insert(number(puts++));
          scanned = false;
        }
        return 1;
      }
    };
  }

  /** Puts a few new keys, and flushes them. */
  Step flushFew() {
    return () -> {
      for (int i = 0; i < PUTS_BEFORE_FLUSH; i++) {
        insert(number(puts++));
      }
      engine.flush();
      return 1;
    };
  }

  /** Reads and overwrites keys, while cursors stay open that are replaced one after the other. */
  Step besideCursors() {
    Deque<BenchEngine.Cursor> cursors = new ArrayDeque<>();
    store.<Closeable>closing(
        () -> {
          for (BenchEngine.Cursor cursor : cursors) {
            cursor.close();
          }
        });
    return () -> {
      long number = number(choice.next() % (plan.records / plan.threads));
      if (puts++ % CURSOR_EVERY == 0) {
        if (cursors.size() == CURSORS) {
          cursors.remove().close();
        }
        BenchEngine.Cursor cursor = engine.cursor();
        cursors.add(cursor);
        scan(cursor, number);
      }
      long generation = records.check(number, engine.get(records.key(number), records.value));
      store.checkNewest(number, generation);
      put(number);
      return 1;
    };
  }

  private void scan(BenchEngine.Cursor cursor, long number) throws Exception {
    boolean valid = cursor.seek(records.key(number));
    for (int i = 0; i <= NEXTS && valid; i++) {
      long found = Workloads.read(cursor, records);
      if (i == 0 && found != number) {
        throw new WrongResultException("a cursor found key " + found + " instead of " + number);
      }
      valid = cursor.next();
    }
  }

  private long number(long index) {
    return index * plan.threads + thread;
  }

  private void insert(long number) throws Exception {
    engine.put(records.key(number), records.valueOf(number, 0));
    store.added(number);
  }

  private void put(long number) throws Exception {
    engine.put(records.key(number), records.valueOf(number, store.nextGeneration(number)));
  }
}
