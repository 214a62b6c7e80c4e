package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.StoredOperand;

/**
 * Tells which versions of a key, met from the newest down, the readers of their stripe need: the
 * operands from the newest version on that no newer operand stands for, and the put or tombstone
 * below them.
 *
 * <p>Not thread-safe; belongs to a {@link MergeGroup}. A version that its own stripe does not need
 * is needed by no newer stripe either: spans never cross each other, and never cover a put.
 */
final class NeededVersions {
  private int stripe;
  private long below; // the largest sequence that the operands of the stripe do not stand for
  private boolean ended; // a put or tombstone was met

  /** Begins with another key. */
  void clear() {
    stripe = -1;
  }

  /** Whether the next version is needed. */
  boolean isNext(int versionStripe, long trailer, byte[] value, int offset, int length) {
    if (versionStripe != stripe) {
      stripe = versionStripe;
      below = InternalKey.MAX_SEQUENCE;
      ended = false;
    }
    long sequence = InternalKey.sequence(trailer);
    if (ended || sequence > below) {
      return false;
    }
    if (InternalKey.kind(trailer) == ValueKind.MERGE) {
      below = StoredOperand.below(sequence, value, offset, length);
    } else {
      ended = true;
    }
    return true;
  }
}
