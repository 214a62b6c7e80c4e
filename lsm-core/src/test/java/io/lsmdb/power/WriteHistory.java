package io.lsmdb.power;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The history of the writers: which steps were acknowledged, and what the store had promised when.
 *
 * <p>Thread-safe. States are told by the number of steps that a writer has taken.
 */
final class WriteHistory {
  /**
   * What a store must have after a power loss, for each writer.
   *
   * @param durable steps whose logged changes are durable
   * @param flushed steps whose changes are in tables, those that were not logged included
   */
  record Promise(int[] durable, int[] flushed) {}

  // Guarded by this.
  private final int[] acknowledged;
  private final List<List<int[]>> before = new ArrayList<>();
  private final List<Promise> promises = new ArrayList<>();

  WriteHistory(int writers) {
    acknowledged = new int[writers];
    for (int i = 0; i < writers; i++) {
      before.add(new ArrayList<>());
    }
  }

  int writers() {
    return acknowledged.length;
  }

  /** Begins the next step of a writer; returns its number. */
  synchronized int begin(int writer) {
    before.get(writer).add(acknowledged.clone());
    return before.get(writer).size() - 1;
  }

  /** Ends a step: the store has returned from it. */
  synchronized void end(int writer, int number) {
    acknowledged[writer] = number + 1;
  }

  /** Ends a step which has made durable all that was acknowledged before it began. */
  synchronized int endDurable(int writer, int number, boolean flush) {
    end(writer, number);
    int[] durable = before.get(writer).get(number).clone();
    durable[writer] = number + 1;
    return promise(durable, flush ? durable : new int[durable.length]);
  }

  /** Takes note of a moment at which everything is durable: after a clean close. */
  synchronized int allDurable() {
    return promise(acknowledged.clone(), acknowledged.clone());
  }

  /** Adds a promise; returns its number, to be used as a mark. */
  private int promise(int[] durable, int[] flushed) {
    promises.add(new Promise(durable, flushed));
    return promises.size() - 1;
  }

  /** The number of steps that a writer has begun. */
  synchronized int begun(int writer) {
    return before.get(writer).size();
  }

  /** For each writer, the steps that were acknowledged when a step began. */
  synchronized int[] before(int writer, int number) {
    return before.get(writer).get(number);
  }

  /** All that was promised by some marks. */
  synchronized Promise promised(List<Integer> marks) {
    Promise all = new Promise(new int[writers()], new int[writers()]);
    for (int mark : marks) {
      Arrays.setAll(
          all.durable(), w -> Math.max(all.durable()[w], promises.get(mark).durable()[w]));
      Arrays.setAll(
          all.flushed(), w -> Math.max(all.flushed()[w], promises.get(mark).flushed()[w]));
    }
    return all;
  }
}
