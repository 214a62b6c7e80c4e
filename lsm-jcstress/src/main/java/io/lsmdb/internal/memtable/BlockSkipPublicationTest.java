package io.lsmdb.internal.memtable;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A key goes behind a full block of keys with a long common prefix, in a list of several blocks, so
 * that the block is rebuilt with a longer skip.
 *
 * <p>The reader's results: whether it saw the visible sequence; how many of the 30 old keys scans
 * in both directions found, each in order; the mark of the new key by a seek.
 */
@JCStressTest
@Outcome(id = "0, 30, 30, [09]", expect = Expect.ACCEPTABLE, desc = "Not visible yet.")
@Outcome(id = "1, 30, 30, 9", expect = Expect.ACCEPTABLE, desc = "Visible and found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, damaged or out of order.")
@State
public class BlockSkipPublicationTest {
  private final MemTable table = Tables.even("application/", 30);
  private final byte[] added = Tables.key("application/", 61);
  private final AtomicInteger visible = new AtomicInteger();

  /** Inserts the key that splits the block, then makes it visible. */
  @Actor
  public void writer() {
    Tables.put(table, 100, added, 9);
    visible.setRelease(1);
  }

  /**
   * Scans the table and looks for the new key.
   *
   * @param r what it found
   */
  @Actor
  public void reader(IIII_Result r) {
    r.r1 = visible.getAcquire();
    r.r2 = Tables.evenForward(table);
    r.r3 = Tables.evenBackward(table);
    r.r4 = Tables.seek(table, added, Tables.NEWEST);
  }
}
