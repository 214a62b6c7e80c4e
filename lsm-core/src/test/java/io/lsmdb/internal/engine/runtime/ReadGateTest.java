package io.lsmdb.internal.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.DbClosedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReadGateTest {
  private final ReadGate gate = new ReadGate("the store");

  @Test
  void nothingWaitsWhereNobodyReads() {
    int epoch = gate.epoch();
    assertTrue(gate.hasPassed(epoch));
    List<String> released = new ArrayList<>();
    gate.retire(() -> released.add("a"));
    assertEquals(List.of("a"), released);
  }

  @Test
  void readersOfThatTimeAreWaitedForAndLaterOnesAreNot() throws Exception {
    List<String> released = new ArrayList<>();
    int early = gate.enter();
    int epoch = gate.epoch();
    gate.retire(() -> released.add("a"));
    assertFalse(gate.hasPassed(epoch));
    assertEquals(List.of(), released);
    // Another thread, which may share the counter of this one or not.
    int late = elsewhere(gate::enter);
    gate.exit(early);
    gate.reclaim();
    assertEquals(List.of("a"), released);
    assertTrue(gate.hasPassed(epoch));
    gate.retire(() -> released.add("b"));
    assertEquals(List.of("a"), released, "the late one may use it");
    gate.exit(late);
    gate.reclaim();
    assertEquals(List.of("a", "b"), released);
  }

  @Test
  void readerInsideDoesNotKeepTheNextEpochFromBeginning() {
    int token = gate.enter();
    int first = gate.epoch();
    assertFalse(gate.hasPassed(first));
    assertEquals(first + 1, gate.epoch());
    assertFalse(gate.hasPassed(first));
    assertEquals(first + 1, gate.epoch(), "but not the one after that");
    gate.exit(token);
    assertTrue(gate.hasPassed(first));
  }

  @Test
  void closingReleasesEverythingAndLetsNobodyIn() {
    int token = gate.enter();
    List<String> released = new ArrayList<>();
    gate.retire(() -> released.add("a"));
    gate.exit(token);
    gate.close();
    assertEquals(List.of("a"), released);
    assertThrows(DbClosedException.class, gate::enter);
    assertThrows(DbClosedException.class, gate::checkOpen);
    assertTrue(gate.hasPassed(gate.epoch()));
  }

  @Test
  void nobodyIsInsideWithAThingThatHasBeenReleased() throws Exception {
    AtomicReference<AtomicBoolean> shared = new AtomicReference<>(new AtomicBoolean());
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(5);
    try {
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(threads.submit(() -> read(shared, stop)));
      }
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        boolean byEpoch = i == 0;
        writers.add(threads.submit(() -> replace(shared, byEpoch)));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      stop.set(true);
      for (Future<?> reader : readers) {
        reader.get();
      }
    } finally {
      stop.set(true);
      threads.shutdownNow();
    }
  }

  private void read(AtomicReference<AtomicBoolean> shared, AtomicBoolean stop) {
    while (!stop.get()) {
      int token = gate.enter();
      AtomicBoolean released = shared.get();
      for (int look = 0; look < 20; look++) {
        assertFalse(released.get());
      }
      gate.exit(token);
    }
  }

  /** Replaces what is shared, and tells of each thing that it has been released. */
  private void replace(AtomicReference<AtomicBoolean> shared, boolean byEpoch) {
    List<AtomicBoolean> waiting = new ArrayList<>();
    int epoch = gate.epoch();
    for (int i = 0; i < 100_000; i++) {
      AtomicBoolean old = shared.getAndSet(new AtomicBoolean());
      if (!byEpoch) {
        gate.retire(() -> old.set(true));
        continue;
      }
      waiting.add(old);
      if (i % 16 == 0) {
        epoch = gate.epoch();
        continue;
      }
      if (i % 16 == 15 && gate.hasPassed(epoch)) {
        // What was replaced after the epoch was asked for may be in use still.
        waiting.subList(0, waiting.size() - 15).forEach(each -> each.set(true));
        waiting.subList(0, waiting.size() - 15).clear();
      }
    }
  }

  private static int elsewhere(Callable<Integer> call)
      throws ExecutionException, InterruptedException {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      return other.submit(call).get();
    } finally {
      other.shutdownNow();
    }
  }
}
