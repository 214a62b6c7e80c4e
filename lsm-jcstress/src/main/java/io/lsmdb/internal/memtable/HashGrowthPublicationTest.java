package io.lsmdb.internal.memtable;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A key is added for which the hash index has to grow its table: lookups find all old keys whether
 * they meet the old table or the new one.
 *
 * <p>The reader's results: whether it saw the visible sequence; how many of the 24 old keys lookups
 * found; the new key's mark.
 */
@JCStressTest
@Outcome(id = "0, 24, [09]", expect = Expect.ACCEPTABLE, desc = "Not visible yet.")
@Outcome(id = "1, 24, 9", expect = Expect.ACCEPTABLE, desc = "Visible and found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost or damaged.")
@State
public class HashGrowthPublicationTest {
  /** As many keys as the first table of 32 slots takes before it grows. */
  private final MemTable table = Tables.even("", 24);

  private final byte[] added = Tables.key("", 25);
  private final AtomicInteger visible = new AtomicInteger();

  /** Adds the key that makes the table grow, then makes it visible. */
  @Actor
  public void writer() {
    Tables.put(table, 100, added, 9);
    visible.setRelease(1);
  }

  /**
   * Looks up all keys.
   *
   * @param r what it found
   */
  @Actor
  public void reader(III_Result r) {
    r.r1 = visible.getAcquire();
    int found = 0;
    for (int i = 1; i <= 24; i++) {
      found += Tables.get(table, Tables.key("", 2 * i), Tables.NEWEST) == i ? 1 : 0;
    }
    r.r2 = found;
    r.r3 = Tables.get(table, added, Tables.NEWEST);
  }
}
