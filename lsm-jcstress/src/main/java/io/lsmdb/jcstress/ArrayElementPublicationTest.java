package io.lsmdb.jcstress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One writer publishes bytes by a release-write to an element of an {@code int[]}: whoever reads
 * the element by an acquire-read sees the bytes.
 *
 * <p>The memtable's readers take no lock, and rely on nothing but this.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Not published yet.")
@Outcome(id = "1, 7", expect = Expect.ACCEPTABLE, desc = "Published, with its payload.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Published without its payload.")
@State
public class ArrayElementPublicationTest {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(int[].class);

  private final byte[] payload = new byte[64];
  private final int[] slots = new int[8];

  /** Writes the payload, then publishes it. */
  @Actor
  public void writer() {
    payload[40] = 7;
    SLOT.setRelease(slots, 3, 1);
  }

  /**
   * Reads the slot, then the payload if the slot says that it is there.
   *
   * @param r the slot and the payload
   */
  @Actor
  public void reader(II_Result r) {
    r.r1 = (int) SLOT.getAcquire(slots, 3);
    r.r2 = r.r1 == 1 ? payload[40] : 0;
  }
}
