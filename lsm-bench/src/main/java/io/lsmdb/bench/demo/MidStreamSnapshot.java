package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.Snapshot;
import java.util.Map;

/**
 * The snapshot that is taken in mid-stream, to be compared with itself at the end.
 *
 * <p>Not thread-safe; owns its snapshot. In a stream of known length it is taken once, at half of
 * it. In one of unknown length it is taken anew whenever the number of events has doubled, so that
 * at the end it is from the second half of the stream.
 */
final class MidStreamSnapshot implements AutoCloseable {
  private final Db db;
  private final Map<Shape, ColumnFamily> families;
  private Snapshot snapshot;
  private StateHash hash;
  private long takenAfter;
  private long nanos;

  MidStreamSnapshot(Db db, Map<Shape, ColumnFamily> families) {
    this.db = db;
    this.families = families;
  }

  /**
   * Takes the snapshot if it is time to.
   *
   * @param events how many were applied, at least 1
   * @param fraction how much of the stream is done, or -1 when unknown
   */
  void maybeTake(long events, double fraction) {
    boolean due = fraction < 0 ? Long.bitCount(events) == 1 : snapshot == null && fraction >= 0.5;
    if (due) {
      take(events);
    }
  }

  /** Takes the snapshot at the end, where no event came after the middle of the input. */
  void takeIfMissing(long events) {
    if (snapshot == null) {
      take(events);
    }
  }

  private void take(long events) {
    close();
    long start = System.nanoTime();
    snapshot = db.snapshot();
    hash = StateHash.of(snapshot, families);
    takenAfter = events;
    nanos += System.nanoTime() - start;
  }

  /** What the snapshot showed when it was taken. */
  StateHash hashThen() {
    return hash;
  }

  /** What the snapshot shows now. */
  StateHash hashNow() {
    return StateHash.of(snapshot, families);
  }

  /** After how many events it was taken. */
  long takenAfter() {
    return takenAfter;
  }

  /** Nanoseconds spent on taking and reading it, which are not the stream's. */
  long nanos() {
    return nanos;
  }

  @Override
  public void close() {
    if (snapshot != null) {
      snapshot.close();
    }
  }
}
