package io.lsmdb;

import static io.lsmdb.TestStores.key;
import static io.lsmdb.TestStores.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.ModelDb;
import io.lsmdb.testing.Seed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cursors over ranges in which everything, or nearly everything, has been deleted. */
class DeletedRangeTest {
  /** Entries that the search for the head of a queue may step over on average. */
  private static final int STEPS = 24;

  /** Puts at the end, takes from the start. */
  private static final class Queue {
    final Db db;
    int head;
    int tail;

    Queue(Db db) {
      this.db = db;
    }

    void put() {
      db.put(key(tail), value(tail, 20));
      tail++;
    }

    void take() {
      try (DbIterator cursor = db.iterate()) {
        cursor.seekToFirst();
        if (head == tail) {
          assertFalse(cursor.isValid());
          return;
        }
        assertArrayEquals(key(head), cursor.key());
      }
      db.delete(key(head++));
    }
  }

  /** Runs pairs of put and take; how many entries each take has stepped over on average. */
  private static double steps(Queue queue, int pairs, int flushEach) {
    long before = queue.db.stats().entriesSteppedOver();
    for (int i = 1; i <= pairs; i++) {
      queue.put();
      queue.take();
      if (i % flushEach == 0) {
        queue.db.flush();
      }
    }
    return (double) (queue.db.stats().entriesSteppedOver() - before) / pairs;
  }

  private static void assertQueueIsCheap(Db db, int live, int pairs, int flushEach) {
    Queue queue = new Queue(db);
    for (int i = 0; i < live; i++) {
      queue.put();
    }
    double steps = steps(queue, pairs, flushEach);
    assertTrue(steps < STEPS, steps + " entries for each element of the queue");
    assertTrue(db.stats().entriesSteppedOver() > 0, "nothing has been counted");
  }

  @Test
  void theHeadOfAQueueIsFoundWithoutStepsOverWhatHasBeenTaken() {
    for (int live : new int[] {0, 1, 20, 1_000}) {
      for (int flushEach : new int[] {700, 7_000, Integer.MAX_VALUE}) {
        ColumnFamilyOptions family = ColumnFamilyOptions.builder().build();
        DbOptions options = DbOptions.builder().defaultFamilyOptions(family).build();
        try (Db db = TestStores.open(new MemFileSystem(), options)) {
          assertQueueIsCheap(db, live, 20_000, flushEach);
        }
      }
    }
  }

  @Test
  void theHeadOfAQueueIsFoundAsCheaplyInOtherStyles() {
    for (CompactionStyle style :
        List.of(CompactionStyle.universal(), CompactionStyle.fifo().maxBytes(1 << 30))) {
      ColumnFamilyOptions family = ColumnFamilyOptions.builder().compactionStyle(style).build();
      DbOptions options = DbOptions.builder().defaultFamilyOptions(family).build();
      try (Db db = TestStores.open(new MemFileSystem(), options)) {
        assertQueueIsCheap(db, 20, 20_000, 700);
      }
    }
  }

  @Test
  void aQueueStaysCheapForManyPairs() {
    try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
      assertQueueIsCheap(db, 1_000, 200_000, 30_000);
    }
  }

  @Test
  void manyQueuesInOneFamilyAreEachReadWithoutStepsOverWhatHasBeenTaken() {
    try (Db db = TestStores.open(new MemFileSystem())) {
      int queues = 40;
      int pairs = 500;
      for (int i = 0; i < pairs; i++) {
        for (int q = 0; q < queues; q++) {
          byte[] element = key(q * 1_000 + i);
          db.put(element, value(i, 20));
          byte[] prefix = Arrays.copyOf(element, element.length - 3);
          try (DbIterator cursor = db.iterate(ReadOptions.prefix(prefix))) {
            cursor.seekToFirst();
            assertArrayEquals(element, cursor.key());
          }
          db.delete(element);
        }
      }
      double steps = (double) db.stats().entriesSteppedOver() / pairs / queues;
      assertTrue(steps < STEPS, steps + " entries for each element of a queue");
    }
  }

  @Test
  @Tag("soak")
  void aQueueStaysCheapForAMillionPairs() {
    for (int flushEach : new int[] {30_000, Integer.MAX_VALUE}) {
      try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
        assertQueueIsCheap(db, 1_000, 1_000_000, flushEach);
      }
    }
  }

  @Test
  void theEndOfAnEmptiedRangeIsFoundBackwardToo() {
    try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
      db.put(new byte[] {0}, key(0));
      for (int i = 0; i < 5_000; i++) {
        db.put(key(i), value(i, 20));
        db.delete(key(i));
      }
      try (DbIterator cursor = db.iterate(ReadOptions.range(key(0), null))) {
        cursor.seekToFirst();
        cursor.seekToFirst(); // a second look proves what the first has seen
        assertFalse(cursor.isValid());
      }
      long before = db.stats().entriesSteppedOver();
      try (DbIterator cursor = db.iterate()) {
        cursor.seekToLast();
        assertArrayEquals(new byte[] {0}, cursor.key());
      }
      assertTrue(db.stats().entriesSteppedOver() - before < STEPS);
    }
  }

  /** How many entries the search for the end of a stack steps over on average. */
  private static double stackSteps(Db db, int first, int pairs, int step, int flushEach) {
    long before = db.stats().entriesSteppedOver();
    for (int i = 1; i <= pairs; i++) {
      if (step != 0) {
        db.put(key(first + i * step), value(i, 20));
      }
      try (DbIterator cursor = db.iterate()) {
        cursor.seekToLast();
        byte[] last = cursor.key();
        assertArrayEquals(key(step != 0 ? first + i * step : first - i), last);
        db.delete(last);
      }
      if (i % flushEach == 0) {
        db.flush();
      }
    }
    return (double) (db.stats().entriesSteppedOver() - before) / pairs;
  }

  @Test
  void theEndOfAStackIsFoundWithoutStepsOverWhatHasBeenTaken() {
    int pairs = 4_000;
    for (int flushEach : new int[] {700, Integer.MAX_VALUE}) {
      try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
        for (int i = 0; i < pairs; i++) {
          db.put(key(i), value(i, 20));
        }
        double popped = stackSteps(db, pairs, pairs, 0, flushEach);
        assertTrue(popped < STEPS, popped + " entries for each element of a stack");
        double pushed = stackSteps(db, 0, pairs, 1, flushEach);
        assertTrue(pushed < STEPS, pushed + " for each that is pushed before");
        double fromTail = stackSteps(db, 900_000, pairs, -1, flushEach);
        assertTrue(fromTail < STEPS, fromTail + " for each of a queue that is taken from its end");
      }
    }
  }

  @Test
  void aStackThatGrowsAndShrinksAtRandomIsReadAsCheaply() {
    try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
      Random random = new Random(1);
      Deque<byte[]> stack = new ArrayDeque<>();
      int pops = 0;
      for (int i = 0; i < 20_000; i++) {
        if (random.nextBoolean()) {
          stack.push(key(i));
          db.put(key(i), value(i, 20));
          continue;
        }
        try (DbIterator cursor = db.iterate()) {
          cursor.seekToLast();
          assertEquals(!stack.isEmpty(), cursor.isValid());
          if (cursor.isValid()) {
            assertArrayEquals(stack.pop(), cursor.key());
            db.delete(cursor.key());
          }
          pops++;
        }
      }
      double steps = (double) db.stats().entriesSteppedOver() / pops;
      assertTrue(steps < STEPS, steps + " entries for each element of a stack");
    }
  }

  /** A store with one key below 5,000 deleted ones, the last of which is 4,999. */
  private static Db deletedTail() {
    Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build());
    db.put(new byte[] {0}, key(0));
    for (int i = 0; i < 5_000; i++) {
      db.put(key(i), value(i, 20));
      db.delete(key(i));
    }
    return db;
  }

  /** A move backward to the first key, or nowhere. */
  private static long stepsBack(Db db, ReadOptions options, Consumer<DbIterator> move) {
    long before = db.stats().entriesSteppedOver();
    try (DbIterator cursor = db.iterate(options)) {
      move.accept(cursor);
      if (options.lowerBound() == null) {
        assertArrayEquals(new byte[] {0}, cursor.key());
      } else {
        assertFalse(cursor.isValid());
      }
    }
    return db.stats().entriesSteppedOver() - before;
  }

  @Test
  void eachMoveBackwardProvesWhatAnyMoveUsesAfterwards() {
    byte[] behind = new byte[] {'~'};
    List<Consumer<DbIterator>> moves =
        List.of(
            DbIterator::seekToLast,
            cursor -> cursor.seekForPrev(key(4_999)),
            cursor -> {
              cursor.seek(behind);
              cursor.prev();
            });
    for (ReadOptions options : List.of(ReadOptions.DEFAULT, ReadOptions.range(key(0), null))) {
      for (Consumer<DbIterator> look : moves) {
        try (Db db = deletedTail()) {
          db.put(behind, key(0));
          if (look == moves.get(0)) {
            db.delete(behind);
          }
          assertTrue(stepsBack(db, options, look) >= 5_000);
          assertTrue(stepsBack(db, options, look) >= 5_000, "a second look proves it");
          db.delete(behind);
          for (Consumer<DbIterator> move : moves.subList(0, 2)) {
            assertTrue(stepsBack(db, options, move) < STEPS);
          }
          long before = db.stats().entriesSteppedOver();
          try (DbIterator cursor = db.iterate()) {
            cursor.seek(key(0));
            assertFalse(cursor.isValid());
            cursor.seek(new byte[] {0});
            cursor.next();
            assertFalse(cursor.isValid());
          }
          assertTrue(db.stats().entriesSteppedOver() - before < STEPS, "forward");
        }
      }
    }
  }

  @Test
  void aLookBackwardProvesWhatOneForwardHasNotedAndTheOtherWayRound() {
    for (boolean forwardFirst : new boolean[] {true, false}) {
      try (Db db = deletedTail()) {
        for (boolean forward : new boolean[] {forwardFirst, !forwardFirst}) {
          try (DbIterator cursor = db.iterate(ReadOptions.range(key(0), null))) {
            if (forward) {
              cursor.seekToFirst();
            } else {
              cursor.seekToLast();
            }
            assertFalse(cursor.isValid());
          }
        }
        assertTrue(stepsBack(db, ReadOptions.DEFAULT, DbIterator::seekToLast) < STEPS);
      }
    }
  }

  @Test
  void whatIsPutIntoARangeProvenBackwardIsSeenBySameAndOtherThreads() throws InterruptedException {
    try (Db db = deletedTail();
        Snapshot empty = db.snapshot()) {
      stepsBack(db, ReadOptions.DEFAULT, DbIterator::seekToLast);
      stepsBack(db, ReadOptions.DEFAULT, DbIterator::seekToLast);
      try (DbIterator old = db.iterate()) {
        db.put(key(3_000), key(1));
        Thread other = new Thread(() -> db.put(key(4_000), key(2)), "writer");
        other.start();
        other.join();
        try (DbIterator cursor = db.iterate()) {
          cursor.seekToLast();
          assertArrayEquals(key(4_000), cursor.key());
          cursor.prev();
          assertArrayEquals(key(3_000), cursor.key());
          cursor.prev();
          assertArrayEquals(new byte[] {0}, cursor.key());
        }
        old.seekToLast();
        assertArrayEquals(new byte[] {0}, old.key());
        old.refresh();
        old.seekForPrev(key(3_500));
        assertArrayEquals(key(3_000), old.key());
      }
      try (DbIterator cursor = empty.iterate()) {
        cursor.seekToLast();
        assertArrayEquals(new byte[] {0}, cursor.key());
      }
    }
  }

  @Test
  void olderReadersSeeWhatWasDeletedFromARangeProvenBackward() {
    try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
      for (int i = 0; i < 100; i++) {
        db.put(key(i), key(i));
      }
      try (Snapshot full = db.snapshot();
          DbIterator old = db.iterate()) {
        for (int i = 1; i < 100; i++) {
          db.delete(key(i));
        }
        try (DbIterator cursor = db.iterate()) {
          for (int look = 0; look < 3; look++) {
            cursor.seekToLast();
            assertArrayEquals(key(0), cursor.key());
          }
        }
        try (DbIterator cursor = full.iterate()) {
          for (DbIterator reader : List.of(old, cursor)) {
            reader.seekToLast();
            for (int i = 99; i >= 0; i--) {
              assertArrayEquals(key(i), reader.key());
              reader.prev();
            }
            assertFalse(reader.isValid());
          }
        }
      }
    }
  }

  @Test
  void whatAClockHidesMakesNoEmptyRange() {
    AtomicLong clock = new AtomicLong(1);
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder().timeToLive(Duration.ofMillis(100)).build();
    DbOptions options =
        DbOptions.builder().timeSource(clock::get).defaultFamilyOptions(family).build();
    try (Db db = TestStores.open(new MemFileSystem(), options)) {
      for (int i = 0; i < 100; i++) {
        db.put(key(i), key(i));
      }
      clock.set(1_000);
      for (int look = 0; look < 3; look++) {
        long before = db.stats().entriesSteppedOver();
        try (DbIterator cursor = db.iterate()) {
          cursor.seekToLast();
          assertFalse(cursor.isValid());
        }
        assertEquals(100, db.stats().entriesSteppedOver() - before);
      }
    }
  }

  @Test
  void whatIsPutIntoAnEmptiedRangeIsSeenAtOnceAndBySnapshotsAsBefore() {
    Seed.check(
        40,
        seed -> {
          Random random = new Random(seed);
          try (Db db = TestStores.open(new MemFileSystem(), TestStores.randomOptions(random))) {
            new Rounds(db, random).run(150);
          }
        });
  }

  /** Random work on few keys, most of it deletions of whole ranges, compared with a model. */
  private static final class Rounds {
    private static final int KEYS = 300;

    private final Db db;
    private final Random random;
    private final ModelDb model = new ModelDb();
    private final List<Snapshot> snapshots = new ArrayList<>();
    private final List<NavigableMap<byte[], byte[]>> frozen = new ArrayList<>();
    private int version;

    Rounds(Db db, Random random) {
      this.db = db;
      this.random = random;
    }

    void run(int rounds) {
      for (int i = 0; i < rounds; i++) {
        change();
        look(db, model.entries("default"));
        if (!snapshots.isEmpty()) {
          int s = random.nextInt(snapshots.size());
          look(snapshots.get(s), frozen.get(s));
        }
      }
      snapshots.forEach(Snapshot::close);
    }

    private void change() {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          int from = random.nextInt(KEYS);
          int to = Math.min(KEYS, from + 20 + random.nextInt(150));
          for (int k = from; k < to; k++) {
            delete(k);
          }
        }
        case 3 -> {
          int from = random.nextInt(KEYS);
          for (int k = from; k < Math.min(KEYS, from + 60); k++) {
            put(k);
          }
        }
        case 4, 5, 6, 7 -> put(random.nextInt(KEYS));
        case 8 -> delete(random.nextInt(KEYS));
        case 9 -> db.flush();
        case 10 -> {
          if (random.nextInt(4) == 0) {
            db.compact();
          }
        }
        default -> {
          if (snapshots.size() < 4) {
            snapshots.add(db.snapshot());
            frozen.add(new TreeMap<>(model.entries("default")));
          } else {
            int s = random.nextInt(snapshots.size());
            snapshots.remove(s).close();
            frozen.remove(s);
          }
        }
      }
    }

    private void put(int k) {
      byte[] put = value(++version, 10);
      db.put(key(k), put);
      model.put("default", key(k), put);
    }

    private void delete(int k) {
      db.delete(key(k));
      model.delete("default", key(k));
    }

    /** Moves over everything, within random bounds, in both directions, from random targets. */
    private void look(ReadView view, NavigableMap<byte[], byte[]> entries) {
      ReadOptions options = ReadOptions.DEFAULT;
      if (random.nextInt(3) == 0) {
        int from = random.nextInt(KEYS);
        options = ReadOptions.range(key(from), key(from + random.nextInt(KEYS)));
      }
      try (ModelCursor cursor = new ModelCursor(view, options, entries)) {
        for (int i = random.nextInt(6); i >= 0; i--) {
          cursor.step(random, key(random.nextInt(KEYS)));
        }
      }
    }
  }

  /**
   * A thread that puts a key into a range sees it at once, whatever others learn of the range at
   * the same moment.
   */
  @Test
  void putsAreNeverHiddenByWhatOtherCursorsLearnMeanwhile() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Db db = TestStores.open(new MemFileSystem(), DbOptions.builder().build())) {
      for (int i = 0; i < 400; i++) {
        db.put(key(i), key(i));
        db.delete(key(i));
      }
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        int thread = t;
        Runnable work = () -> putAndLook(db, thread, new Random(thread));
        threads.add(new Thread(work, "writer " + t));
      }
      for (Thread thread : threads) {
        thread.setUncaughtExceptionHandler((where, e) -> failure.compareAndSet(null, e));
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    if (failure.get() != null) {
      throw new AssertionError("a put was not seen", failure.get());
    }
  }

  /** Each thread has the keys of one remainder modulo 3 for itself. */
  private static void putAndLook(Db db, int thread, Random random) {
    for (int i = 0; i < 3_000; i++) {
      byte[] own = key(random.nextInt(130) * 3 + thread);
      db.put(own, own);
      try (DbIterator cursor = db.iterate()) {
        boolean found = false;
        if (random.nextBoolean()) {
          for (cursor.seekToFirst(); cursor.isValid() && !found; cursor.next()) {
            found = Arrays.equals(own, cursor.key());
          }
        } else {
          for (cursor.seekToLast(); cursor.isValid() && !found; cursor.prev()) {
            found = Arrays.equals(own, cursor.key());
          }
        }
        assertTrue(found, "put and not seen");
        cursor.seek(own);
        assertArrayEquals(own, cursor.key());
      }
      db.delete(own);
    }
  }
}
