package io.lsmdb.internal.engine.runtime;

import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * An array is unlinked, and written to as soon as the read gate says that the epoch has passed: a
 * reader inside the gate finds it as it was, or does not find it.
 *
 * <p>The results: the first and the last byte that the reader saw, 0 when it found no array;
 * whether the array was written to.
 */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Found, and left alone meanwhile.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Found before it was used again.")
@Outcome(id = "0, 0, [01]", expect = Expect.ACCEPTABLE, desc = "Not found.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Used again while it was read.")
@State
public class ReadGateReuseTest {
  private final ReadGate gate = new ReadGate("store");
  private final AtomicReference<byte[]> slot = new AtomicReference<>(new byte[] {1, 1});

  /**
   * Reads inside the gate.
   *
   * @param r what it saw
   */
  @Actor
  public void reader(III_Result r) {
    int token = gate.enter();
    byte[] found = slot.getAcquire();
    if (found != null) {
      r.r1 = found[0];
      r.r2 = found[1];
    }
    gate.exit(token);
  }

  /**
   * Unlinks the array, and uses it again if it may.
   *
   * @param r whether it did
   */
  @Actor
  public void evictor(III_Result r) {
    byte[] unlinked = slot.getPlain();
    slot.set(null);
    if (gate.hasPassed(gate.epoch())) {
      unlinked[0] = 9;
      unlinked[1] = 9;
      r.r3 = 1;
    }
  }
}
