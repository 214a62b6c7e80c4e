package io.lsmdb.internal.base;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two threads want the only object of a pool that is not lent: who gets it sees what the one before
 * has done to it, and nobody has it at the same time.
 */
@JCStressTest
@Outcome(
    id = {"1, 0", "0, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "The other thread found it lent.")
@Outcome(
    id = {"1, 2", "2, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "One after the other.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Shared, or given on without its content.")
@State
public class StripedPoolReuseTest {
  private final StripedPool<int[]> pool = new StripedPool<>(() -> new int[1]);

  /** Leaves one object. */
  public StripedPoolReuseTest() {
    for (int i = 1; i < StripedPool.SLOTS; i++) {
      pool.take();
    }
  }

  private int use() {
    int[] object = pool.take();
    if (object == null) {
      return 0;
    }
    int uses = object[0] + 1;
    object[0] = uses;
    pool.give(object);
    return uses;
  }

  /**
   * Uses the object.
   *
   * @param r how often it has been used by then
   */
  @Actor
  public void one(II_Result r) {
    r.r1 = use();
  }

  /**
   * Uses the object.
   *
   * @param r how often it has been used by then
   */
  @Actor
  public void other(II_Result r) {
    r.r2 = use();
  }
}
