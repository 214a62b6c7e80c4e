package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.engine.family.ColumnFamilyState;

/** Adds puts that may expire to a batch. Stateless. */
final class TimedPut {
  private TimedPut() {}

  /** Adds a put that lives for so many ms from now on, or for ever if 0. */
  static void add(
      BatchEncoder to, ColumnFamilyState family, byte[] key, byte[] value, long timeToLive) {
    if (timeToLive == 0) {
      to.put(family.id(), key, value);
    } else {
      to.putExpiring(family.id(), key, value, family.clock().after(timeToLive));
    }
  }
}
