package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.StoredOperand;

/**
 * One version of a key whose versions are folded; see {@link MergeGroup}.
 *
 * <p>Immutable.
 *
 * @param stripe its stripe
 * @param hiddenFrom the first stripe whose readers do not see it for a range tombstone
 * @param trailer its sequence and kind
 * @param value its value, in stored form; not copied
 */
record MergeVersion(int stripe, int hiddenFrom, long trailer, byte[] value) {
  long sequence() {
    return InternalKey.sequence(trailer);
  }

  int kind() {
    return InternalKey.kind(trailer);
  }

  /** The largest sequence that it does not stand for. */
  long below() {
    return kind() == ValueKind.MERGE
        ? StoredOperand.below(sequence(), value, 0, value.length)
        : sequence() - 1;
  }
}
