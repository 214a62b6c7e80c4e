package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.range.LiveRangeTombstones;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A range is deleted so often that the memtable reclaims former tombstones: a reader inside the
 * gate finds the tombstone of the sequence that it reads at, however long it stays.
 *
 * <p>The results: how far the tombstone found is from the sequence asked for, at once and as the
 * reader goes on to ask.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Reclaimed while it was needed.")
@State
public class RangeTombstoneReclaimTest {
  private static final int CHANGES = 200;

  /** A reader stays for so many changes: more than lie between two looks at the readers. */
  private static final int STAY = 100;

  private static final byte[] FROM = {1};
  private static final byte[] KEY = {1, 2, 3};
  private static final byte[] TO = {2};
  private static final ChunkPool POOL = new ChunkPool(0);

  private final ReadGate gate = new ReadGate("store");
  private volatile long visible;
  private final MemTable table = new MemTable(POOL, true, new GateReaders(gate, () -> visible));

  /** Deletes the range once. */
  public RangeTombstoneReclaimTest() {
    delete();
  }

  private void delete() {
    long sequence = visible + 1;
    table.deleteRange(sequence, FROM, TO);
    visible = sequence;
  }

  /** Deletes the range again and again. */
  @Actor
  public void writer() {
    for (int i = 0; i < CHANGES; i++) {
      delete();
    }
  }

  /**
   * Asks for a key at what is visible.
   *
   * @param r what it found
   */
  @Actor
  public void reader(II_Result r) {
    int token = gate.enter();
    long at = visible;
    LiveRangeTombstones ranges = table.rangeTombstones();
    r.r1 = (int) (at - ranges.covering(KEY, 0, KEY.length, at));
    long last = Math.min(at + STAY, 1 + CHANGES);
    while (r.r2 == 0 && visible < last) {
      r.r2 = (int) (at - ranges.covering(KEY, 0, KEY.length, at));
    }
    gate.exit(token);
  }
}
