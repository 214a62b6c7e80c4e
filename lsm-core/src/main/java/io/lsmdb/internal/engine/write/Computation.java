package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.read.Reads;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A reading, a user's function and a write, run as one step by the commit leader.
 *
 * <p>Filled in by the caller, run once by the leader, read by the caller when its commit is done.
 */
final class Computation implements Runnable {
  private final Reads reads;
  private final ColumnFamilyState family;
  private final byte[] key;
  private final UnaryOperator<byte[]> change;

  /** Takes the operation, if there is to be one. */
  BatchEncoder into;

  /** How long the value lives, in ms; 0 for ever. */
  private final long timeToLive;

  private byte[] result;
  private Throwable thrown;

  Computation(
      Reads reads,
      ColumnFamilyState family,
      byte[] key,
      UnaryOperator<byte[]> change,
      long timeToLive) {
    this.reads = reads;
    this.family = family;
    this.key = key;
    this.change = change;
    this.timeToLive = timeToLive;
  }

  @Override
  public void run() {
    byte[] before = reads.get(family, key, Reads.NOW);
    byte[] given = before == null ? null : before.clone(); // the function may write into it
    try {
      result = change.apply(given);
    } catch (Throwable e) { // which must not be taken for one of the store's
      thrown = e;
      return;
    }
    if (result == given && Arrays.equals(given, before)) {
      return;
    }
    if (result == null) {
      into.delete(family.id(), key);
    } else {
      TimedPut.add(into, family, key, result, timeToLive);
    }
  }

  /** What the function returned; throws what it threw. */
  byte[] result() {
    if (thrown != null) {
      throw Computation.<RuntimeException>undeclared(thrown);
    }
    return result;
  }

  /** Throws anything, checked or not, as the function did. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException undeclared(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
