package io.lsmdb.internal.engine;

import io.lsmdb.internal.base.BatchEncoder;
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
  private Error error;

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
    try {
      result = change.apply(before);
    } catch (Error e) { // which must not be taken for one of the store's
      error = e;
      return;
    }
    if (result == before) {
      return;
    }
    if (result == null) {
      into.delete(family.id(), key);
    } else {
      Writes.put(into, family, key, result, timeToLive);
    }
  }

  /** What the function returned; throws the error that it threw. */
  byte[] result() {
    if (error != null) {
      throw error;
    }
    return result;
  }
}
