package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIIII_Result;

/**
 * A key is added to a table where so many keys wait for their order that they become a run, which
 * the writer makes, or the reader beside it: whoever acquired the count sees all entries counted.
 *
 * <p>The reader's results: whether it saw the visible sequence; whether the sources had a run and
 * all old keys in order; the same of the new key. The writer's: as the reader's last two.
 */
@JCStressTest
@Outcome(id = "0, 1, [01], 1, 1", expect = Expect.ACCEPTABLE, desc = "Not visible yet.")
@Outcome(id = "1, 1, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Visible and found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, damaged or out of order.")
@State
public class RunPublicationTest {
  /** One more than go into the list. */
  private static final int OLD = LazyKeyIndex.FEW + 1;

  /** How often a reader looks whether another thread has made the run, before it does. */
  private static final int PATIENCE = 2_000;

  private static final ChunkPool POOL = new ChunkPool(0);
  private static final int ADDED = 2 * (OLD / 2) + 1;

  private final Entries entries = new Entries(POOL, MemTablePins.UNKNOWN);
  private final LazyKeyIndex order = new LazyKeyIndex(POOL, entries, false);
  private final AtomicInteger visible = new AtomicInteger();

  /** Adds the old keys, which are even numbers in no order. */
  public RunPublicationTest() {
    for (int i = 0; i < OLD; i++) {
      add(2 * (i * 2_039 % OLD));
    }
  }

  private void add(int number) {
    byte[] key = new byte[Integer.BYTES];
    Bytes.putInt(key, 0, Integer.reverseBytes(number));
    int entry = entries.create(1, key, 0, key.length, key, 0, key.length);
    order.add(key, 0, key.length, entry);
  }

  /**
   * Adds a key in the midst of the others and makes it visible; then asks for the order.
   *
   * @param r what it found
   */
  @Actor
  public void writer(IIIII_Result r) {
    add(ADDED);
    visible.setRelease(1);
    int[] found = found();
    r.r4 = found[0];
    r.r5 = found[1];
  }

  /**
   * Asks for the order, if it can when the writer has made it.
   *
   * @param r what it found
   */
  @Actor
  public void reader(IIIII_Result r) {
    for (int i = 0; i < PATIENCE && order.waiting() > 0; i++) {
      Thread.onSpinWait();
    }
    r.r1 = visible.getAcquire();
    int[] found = found();
    r.r2 = found[0];
    r.r3 = found[1];
  }

  /** Whether there are a run and all old keys, in order; how often there is the new key. */
  private int[] found() {
    int runs = order.sources().runs().length;
    MemTableIterator it = new MemTableIterator(entries, order);
    int old = 0;
    int added = 0;
    int last = -1;
    for (it.seekToFirst(); it.isValid(); it.next()) {
      int number = number(it);
      if (number <= last) {
        return new int[] {-1, -1};
      }
      last = number;
      old += 1 - (number & 1);
      added += number == ADDED ? 1 : 0;
    }
    return new int[] {runs == 1 && old == OLD ? 1 : 0, added};
  }

  /** The number in a key; -1 where the value is not the same. */
  private static int number(MemTableIterator it) {
    byte[] key = it.keyArray();
    int start = it.keyOffset();
    byte[] value = it.valueArray();
    int valueStart = it.valueOffset();
    boolean isWhole =
        Arrays.equals(
            key, start, start + it.keyLength(), value, valueStart, valueStart + it.valueLength());
    return isWhole && it.keyLength() == Integer.BYTES
        ? Integer.reverseBytes(Bytes.getInt(key, start))
        : -1;
  }
}
