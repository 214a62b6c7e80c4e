package io.lsmdb.internal.memtable;

import io.lsmdb.internal.key.InternalKey;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A key is overwritten twice: readers find one of its versions whole, never an older one than they
 * were shown, and an old snapshot always finds its own.
 *
 * <p>The reader's results: the visible sequence; the newest version's mark by lookup and then by
 * seek; the mark of the version at the first sequence.
 */
@JCStressTest
@Outcome(id = "0, 2, [289], 2", expect = Expect.ACCEPTABLE, desc = "Oldest first.")
@Outcome(id = "0, 8, [89], 2", expect = Expect.ACCEPTABLE, desc = "Middle first.")
@Outcome(id = "0, 9, 9, 2", expect = Expect.ACCEPTABLE, desc = "Newest.")
@Outcome(id = "1, 8, [89], 2", expect = Expect.ACCEPTABLE, desc = "Middle visible.")
@Outcome(id = "1, 9, 9, 2", expect = Expect.ACCEPTABLE, desc = "Newest early.")
@Outcome(id = "2, 9, 9, 2", expect = Expect.ACCEPTABLE, desc = "Newest visible.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, damaged or going back.")
@State
public class VersionPublicationTest {
  private final MemTable table = Tables.even("k", 3);
  private final byte[] key = Tables.key("k", 4);
  private final AtomicInteger visible = new AtomicInteger();

  /** Overwrites the key twice. */
  @Actor
  public void writer() {
    Tables.put(table, 100, key, 8);
    visible.setRelease(1);
    Tables.put(table, 101, key, 9);
    visible.setRelease(2);
  }

  /**
   * Reads the key, now and as of its first version.
   *
   * @param r what it found
   */
  @Actor
  public void reader(IIII_Result r) {
    r.r1 = visible.getAcquire();
    r.r2 = Tables.get(table, key, Tables.NEWEST);
    r.r3 = Tables.seek(table, key, Tables.NEWEST);
    r.r4 = Tables.get(table, key, InternalKey.searchTrailer(2));
  }
}
