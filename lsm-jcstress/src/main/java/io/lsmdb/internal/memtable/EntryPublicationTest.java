package io.lsmdb.internal.memtable;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A new key is added to a small table: readers find it whole or not at all, and always once they
 * saw the visible sequence.
 *
 * <p>The reader's results: whether it saw the visible sequence; the new key's mark by lookup and by
 * seek; an old key's mark.
 */
@JCStressTest
@Outcome(id = "0, [09], [09], 2", expect = Expect.ACCEPTABLE, desc = "Not visible yet.")
@Outcome(id = "1, 9, 9, 2", expect = Expect.ACCEPTABLE, desc = "Visible and found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost or damaged.")
@State
public class EntryPublicationTest {
  private final MemTable table = Tables.even("k", 3);
  private final byte[] added = Tables.key("k", 3);
  private final byte[] old = Tables.key("k", 4);
  private final AtomicInteger visible = new AtomicInteger();

  /** Adds the key, then makes it visible. */
  @Actor
  public void writer() {
    Tables.put(table, 100, added, 9);
    visible.setRelease(1);
  }

  /**
   * Looks for the new key.
   *
   * @param r what it found
   */
  @Actor
  public void reader(IIII_Result r) {
    r.r1 = visible.getAcquire();
    r.r2 = Tables.get(table, added, Tables.NEWEST);
    r.r3 = Tables.seek(table, added, Tables.NEWEST);
    r.r4 = Tables.get(table, old, Tables.NEWEST);
  }
}
