package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Records.WrongResultException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the operations of the workloads, for each thread that calls the store.
 *
 * <p>Not thread-safe; the steps of different threads may run at the same time.
 */
final class Workloads {
  /** Puts in a batch. */
  static final int BATCH = 100;

  /** Entries of a scan that make up one step. */
  static final int SCANNED = 100;

  private static final int NEXTS = 10;
  private static final int SYNC_PUTS = 5_000;
  private static final int FLUSHES = 200;

  /** Workloads that scan a little in each operation do one for so many records. */
  private static final int SCAN_PART = 4;

  /**
   * How often each record is overwritten on average. The first time is cheap for a store that fills
   * a level which was empty, and leaves dead versions behind, so that once shows too little.
   */
  private static final int OVERWRITES = 3;

  /** Scans of small stores are repeated until they have shown about so many entries. */
  private static final int SCAN_ENTRIES = 1_000_000;

  private final PlanOptions plan;
  private final LoadedStore store;
  private final BenchEngine engine;

  Workloads(PlanOptions plan, LoadedStore store) {
    this.plan = plan;
    this.store = store;
    this.engine = store.engine();
  }

  /** A part of a workload. */
  @FunctionalInterface
  interface Step {
    /** Does some operations and checks what they gave; how many there were, 0 at the end. */
    int run() throws Exception;

    /** The same, ending after a number of steps. */
    static Step times(long count, Step step) {
      return new Step() {
        private long left = count;

        @Override
        public int run() throws Exception {
          return left-- > 0 ? step.run() : 0;
        }
      };
    }
  }

  /** The steps of every thread. */
  List<Step> steps(WorkloadName workload) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (int thread = 0; thread < plan.threads; thread++) {
      long seed = workload.ordinal() * 1_000L + thread;
      steps.add(step(workload, thread, seed));
    }
    return steps;
  }

  private Step step(WorkloadName workload, int thread, long seed) throws Exception {
    long share = share(plan.records, thread);
    return switch (workload) {
      case FILLSEQ, FILLRANDOM, FILLRANDOM_1K -> fill(thread);
      case FILLSYNC -> Step.times(Math.min(share, SYNC_PUTS), fillSync(thread));
      case FILLBATCH, FILLBATCH_1K -> fillBatch(thread);
      case OVERWRITE, OVERWRITE_1K -> Step.times(OVERWRITES * share, update(uniform(seed)));
      case READRANDOM, READRANDOM_1K, FIRSTREADS_1K, READWHILEWRITING ->
          Step.times(share, get(uniform(seed)));
      case READSKEWED, YCSB_C -> Step.times(share, get(skewed(seed)));
      case READMISSING -> Step.times(share, getMissing(uniform(seed)));
      case SEEKRANDOM, SEEKRANDOM_1K -> Step.times(share, seek(uniform(seed)));
      case READSEQ -> scan(false);
      case READREVERSE -> scan(true);
      case PREFIXSCAN -> Step.times(share / SCAN_PART, prefixScan(seed));
      case READMODIFYWRITE, READMODIFYWRITE_1K -> Step.times(share, readModifyWrite(skewed(seed)));
      case SNAPSHOT -> Step.times(share, snapshot(uniform(seed)));
      case YCSB_A -> Step.times(share, mix(50, get(skewed(seed)), update(skewed(seed + 1)), seed));
      case YCSB_B -> Step.times(share, mix(95, get(skewed(seed)), update(skewed(seed + 1)), seed));
      case YCSB_D -> Step.times(share, latest(thread, seed));
      case YCSB_E ->
          Step.times(
              share / SCAN_PART, mix(95, shortScan(seed), insert(store.inserts(thread)), seed));
      case YCSB_F ->
          Step.times(share, mix(50, get(skewed(seed)), readModifyWrite(skewed(seed + 1)), seed));
      case DELETEQUEUE -> Step.times(share, new Queue(thread).fill());
      case MERGECOUNTER -> Step.times(share, new MergeSteps(plan, store, thread, seed).count());
      case GETPUTCOUNTER ->
          Step.times(share, new MergeSteps(plan, store, thread, seed).countByPut());
      case LISTAPPEND -> Step.times(share, new MergeSteps(plan, store, thread, seed).append());
      case WINDOWFETCH ->
          Step.times(share, new StateSteps(plan, store, thread, seed).fetchWindows());
      case FIRSTSCAN ->
          Step.times(share, new StateSteps(plan, store, thread, seed).scanAfterPuts());
      case FLUSHSMALL -> Step.times(FLUSHES, new StateSteps(plan, store, thread, seed).flushFew());
      case PARTITIONS ->
          Step.times(share, new StateSteps(plan, store, thread, seed).besideCursors());
      case REOPEN -> throw new IllegalArgumentException("reopening is no step of an open store");
    };
  }

  private long share(long operations, int thread) {
    return operations / plan.threads + (thread < operations % plan.threads ? 1 : 0);
  }

  private Choice uniform(long seed) {
    return Choice.uniform(plan.records, seed);
  }

  private Choice skewed(long seed) {
    return Choice.skewed(plan.records, seed);
  }

  private Step fill(int thread) {
    Records records = store.newRecords();
    return new Step() {
      private long number = thread;

      @Override
      public int run() throws Exception {
        if (number >= plan.records) {
          return 0;
        }
        engine.put(records.key(number), records.valueOf(number, 0));
        store.added(number);
        number += plan.threads;
        return 1;
      }
    };
  }

  private Step fillSync(int thread) {
    Records records = store.newRecords();
    return new Step() {
      private long number = thread;

      @Override
      public int run() throws Exception {
        engine.putSync(records.key(number), records.valueOf(number, 0));
        store.added(number);
        number += plan.threads;
        return 1;
      }
    };
  }

  private Step fillBatch(int thread) {
    Records records = store.newRecords();
    return new Step() {
      private long number = thread;

      @Override
      public int run() throws Exception {
        long left = (plan.records - number + plan.threads - 1) / plan.threads;
        int count = (int) Math.min(BATCH, left);
        if (count <= 0) {
          return 0;
        }
        byte[][] keys = new byte[count][];
        byte[][] values = new byte[count][];
        for (int i = 0; i < count; i++) {
          keys[i] = records.key(number).clone();
          values[i] = records.valueOf(number, 0).clone();
          store.added(number);
          number += plan.threads;
        }
        engine.putBatch(keys, values);
        return count;
      }
    };
  }

  /** Puts of keys that are there. */
  Step update(Choice choice) {
    Records records = store.newRecords();
    return () -> {
      long number = choice.next();
      engine.put(records.key(number), records.valueOf(number, store.nextGeneration(number)));
      return 1;
    };
  }

  private Step get(Choice choice) {
    Records records = store.newRecords();
    return () -> {
      long number = choice.next();
      records.check(number, engine.get(records.key(number), records.value));
      return 1;
    };
  }

  private Step getMissing(Choice choice) {
    Records records = store.newRecords();
    return () -> {
      if (engine.get(records.absentKey(choice.next()), records.value) >= 0) {
        throw new WrongResultException("a key is there that was never put");
      }
      return 1;
    };
  }

  private Step readModifyWrite(Choice choice) {
    Records records = store.newRecords();
    return () -> {
      long number = choice.next();
      long generation = records.check(number, engine.get(records.key(number), records.value));
      store.checkNewest(number, generation);
      engine.put(records.key, records.valueOf(number, store.nextGeneration(number)));
      return 1;
    };
  }

  private Step snapshot(Choice choice) {
    Records records = store.newRecords();
    return () -> {
      long number = choice.next();
      long before = store.newest(number);
      try (BenchEngine.Snapshot snapshot = engine.snapshot()) {
        engine.put(records.key(number), records.valueOf(number, store.nextGeneration(number)));
        long seen = records.check(number, snapshot.get(records.key, records.value));
        store.checkGeneration(number, seen, before);
      }
      return 1;
    };
  }

  private Step seek(Choice choice) throws Exception {
    Records records = store.newRecords();
    BenchEngine.Cursor cursor = store.closing(engine.cursor());
    return () -> {
      long number = choice.next();
      boolean valid = cursor.seek(records.key(number));
      for (int i = 0; i <= NEXTS && valid; i++) {
        long found = read(cursor, records);
        if (i == 0 && found != number) {
          throw new WrongResultException("seek to key " + number + " found key " + found);
        }
        valid = cursor.next();
      }
      return 1;
    };
  }

  private Step scan(boolean reverse) throws Exception {
    Records records = store.newRecords();
    BenchEngine.Cursor cursor = store.closing(engine.cursor());
    long entries = store.entries();
    return new Step() {
      private long passesLeft = Math.max(1, SCAN_ENTRIES / entries);
      private long visited = entries;
      private boolean valid;

      @Override
      public int run() throws Exception {
        if (!valid) {
          if (visited != entries) {
            throw new WrongResultException(
                "a scan found " + visited + " entries instead of " + entries);
          }
          if (passesLeft-- == 0) {
            return 0;
          }
          visited = 0;
          valid = reverse ? cursor.seekToLast() : cursor.seekToFirst();
        }
        int count = 0;
        while (valid && count < SCANNED) {
          read(cursor, records);
          count++;
          valid = reverse ? cursor.prev() : cursor.next();
        }
        visited += count;
        return count;
      }
    };
  }

  private Step prefixScan(long seed) {
    Records records = store.newRecords();
    Choice users = Choice.uniform(plan.records / Records.KEYS_PER_USER, seed);
    byte[] prefix = new byte[Long.BYTES];
    return () -> {
      long first = users.next() * Records.KEYS_PER_USER;
      System.arraycopy(records.key(first), 0, prefix, 0, prefix.length);
      int count = 0;
      try (BenchEngine.Cursor cursor = engine.cursor()) {
        boolean valid = cursor.seek(prefix);
        while (valid
            && read(cursor, records) / Records.KEYS_PER_USER == first / Records.KEYS_PER_USER) {
          count++;
          valid = cursor.next();
        }
      }
      if (count != Records.KEYS_PER_USER) {
        throw new WrongResultException("a prefix scan found " + count + " keys");
      }
      return 1;
    };
  }

  private Step shortScan(long seed) {
    Records records = store.newRecords();
    Choice choice = skewed(seed);
    Choice lengths = Choice.uniform(100, seed);
    return () -> {
      long left = lengths.next() + 1;
      try (BenchEngine.Cursor cursor = engine.cursor()) {
        boolean valid = cursor.seek(records.key(choice.next()));
        while (valid && left-- > 0) {
          read(cursor, records);
          valid = cursor.next();
        }
      }
      return 1;
    };
  }

  /** Reads and checks the entry under a cursor; the number of its key. */
  static long read(BenchEngine.Cursor cursor, Records records) {
    int length = cursor.key(records.key);
    if (length != Records.KEY_BYTES) {
      throw new WrongResultException("a cursor shows a key of " + length + " bytes");
    }
    long number = records.number();
    records.check(number, cursor.value(records.value));
    return number;
  }

  private static Step mix(int percent, Step often, Step otherwise, long seed) {
    Choice choice = Choice.uniform(100, seed + 7);
    return () -> choice.percent() < percent ? often.run() : otherwise.run();
  }

  /** YCSB D: what was inserted last is read most. */
  private Step latest(int thread, long seed) {
    Records records = store.newRecords();
    LoadedStore.Inserts inserts = store.inserts(thread);
    Choice choice = Choice.skewedByRank(plan.records, seed);
    Step read =
        () -> {
          long number = inserts.latest(choice.next());
          records.check(number, engine.get(records.key(number), records.value));
          return 1;
        };
    return mix(95, read, insert(inserts), seed);
  }

  private Step insert(LoadedStore.Inserts inserts) {
    Records records = store.newRecords();
    return () -> {
      long number = inserts.next();
      engine.put(records.key(number), records.valueOf(number, 0));
      store.added(number);
      return 1;
    };
  }

  /** A queue of its own for each thread, in one store. */
  private final class Queue {
    private final Records records = new Records(KeyOrder.SEQUENTIAL, plan.valueBytes());
    private final long begin;
    private final byte[] beginKey;
    private long head;
    private long tail;

    Queue(int thread) {
      begin = (long) thread << Integer.SIZE;
      head = begin;
      tail = begin;
      beginKey = records.key(begin).clone();
    }

    Step fill() throws Exception {
      while (tail - head < Math.max(1, plan.records / 10 / plan.threads)) {
        enqueue();
      }
      return this::step;
    }

    private void enqueue() throws Exception {
      engine.put(records.key(tail), records.valueOf(tail, 0));
      tail++;
    }

    private int step() throws Exception {
      enqueue();
      try (BenchEngine.Cursor cursor = engine.cursor()) {
        long found = cursor.seek(beginKey) ? read(cursor, records) : -1;
        if (found != head) {
          throw new WrongResultException("the head of a queue is " + found + ", not " + head);
        }
      }
      engine.delete(records.key(head));
      head++;
      return 1;
    }
  }
}
