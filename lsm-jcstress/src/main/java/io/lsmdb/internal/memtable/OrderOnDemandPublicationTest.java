package io.lsmdb.internal.memtable;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIIII_Result;

/**
 * A key is added to a table that is not kept in order, and two cursors put it in order: that of the
 * writer, and another one beside it.
 *
 * <p>The reader's results: whether it saw the visible sequence; how many of the 15 old keys a scan
 * found, in order; the mark of the new key by a seek. The writer's: the same without the first.
 */
@JCStressTest
@Outcome(id = "0, 15, [09], 15, 9", expect = Expect.ACCEPTABLE, desc = "Not visible yet.")
@Outcome(id = "1, 15, 9, 15, 9", expect = Expect.ACCEPTABLE, desc = "Visible and found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, damaged or out of order.")
@State
public class OrderOnDemandPublicationTest {
  private final MemTable table = Tables.even("", 15, false);
  private final byte[] added = Tables.key("", 17);
  private final AtomicInteger visible = new AtomicInteger();

  /**
   * Adds the key and makes it visible; then scans the table and looks for the key.
   *
   * @param r what it found
   */
  @Actor
  public void writer(IIIII_Result r) {
    Tables.put(table, 100, added, 9);
    visible.setRelease(1);
    r.r4 = Tables.evenBackward(table);
    r.r5 = Tables.seek(table, added, Tables.NEWEST);
  }

  /**
   * Scans the table and looks for the new key.
   *
   * @param r what it found
   */
  @Actor
  public void reader(IIIII_Result r) {
    r.r1 = visible.getAcquire();
    r.r2 = Tables.evenForward(table);
    r.r3 = Tables.seek(table, added, Tables.NEWEST);
  }
}
