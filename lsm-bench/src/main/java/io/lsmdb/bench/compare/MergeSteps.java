package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Records.WrongResultException;
import io.lsmdb.bench.compare.Workloads.Step;

/** Counting and appending, on keys that no other thread uses. Not thread-safe. */
final class MergeSteps {
  /** Counters or lists, over all threads. */
  private static final int KEYS = 10_000;

  /** One operation in so many reads what it has changed. */
  private static final int READ_EVERY = 16;

  private final BenchEngine engine;
  private final Records records;
  private final int threads;
  private final int thread;
  private final long seed;
  private final int[] expected;
  private final byte[] element = new byte[Merging.ELEMENT_BYTES];
  private byte[] list = new byte[1 << 16];
  private long operations;

  MergeSteps(PlanOptions plan, LoadedStore store, int thread, long seed) {
    this.engine = store.engine();
    this.records = store.newRecords();
    this.threads = plan.threads;
    this.thread = thread;
    this.seed = seed;
    this.expected = new int[Math.max(1, KEYS / threads)];
  }

  /** Counts by the engine's best way. */
  Step count() {
    Choice choice = Choice.skewed(expected.length, seed);
    return () -> {
      int number = (int) choice.next();
      engine.count(key(number));
      if (changed(number)) {
        check(number, engine.counter(records.key));
      }
      return 1;
    };
  }

  /** Counts by reading and writing. */
  Step countByPut() {
    Choice choice = Choice.skewed(expected.length, seed);
    return () -> {
      int number = (int) choice.next();
      Merging.countByPut(engine, key(number));
      if (changed(number)) {
        check(number, Merging.countedByPut(engine, records.key));
      }
      return 1;
    };
  }

  /** Appends to lists by the engine's best way. */
  Step append() {
    Choice choice = Choice.uniform(expected.length, seed);
    return () -> {
      int number = (int) choice.next();
      element[0] = (byte) operations;
      engine.append(key(number), element);
      if (changed(number)) {
        int least = expected[number] * 2 * Merging.ELEMENT_BYTES;
        if (list.length < least) {
          list = new byte[2 * least];
        }
        check(number, engine.elements(records.key, list));
      }
      return 1;
    };
  }

  private byte[] key(int number) {
    return records.key((long) number * threads + thread);
  }

  /** Whether the key is to be read after this change. */
  private boolean changed(int number) {
    expected[number]++;
    return operations++ % READ_EVERY == 0;
  }

  private void check(int number, long found) {
    if (found != expected[number]) {
      throw new WrongResultException(
          "key " + number + " was changed " + expected[number] + " times, and shows " + found);
    }
  }
}
