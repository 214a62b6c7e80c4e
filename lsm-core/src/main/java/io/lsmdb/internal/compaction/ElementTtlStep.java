package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;

/**
 * The dropping of expired parts from values without operands, in a family whose merge operator
 * knows such parts.
 *
 * <p>Not thread-safe; reused from entry to entry. A value that the operator fails on stays as it
 * is.
 */
final class ElementTtlStep implements ValueStep {
  private final SafeFolding folding;
  private final Operands operands = new Operands();
  private byte[] replacement;
  private long aged;

  /**
   * Begins.
   *
   * @param folding the family's operator
   * @param now the clock by which parts expire, in ms
   */
  ElementTtlStep(SafeFolding folding, long now) {
    this.folding = folding;
    operands.judgeAt(now);
  }

  /** Looks at a put without an expiry of its own. */
  @Override
  public long apply(byte[] key, int keyLength, long trailer, byte[] value, int offset, int length) {
    replacement = null;
    operands.start(key, 0, keyLength);
    operands.take(trailer, value, offset, length);
    byte[] left = folding.value(operands);
    if (left == null || !operands.hasLeftOut()) {
      return trailer;
    }
    aged++;
    if (left == Folding.NOTHING) {
      replacement = Bytes.EMPTY;
      return InternalKey.trailer(InternalKey.sequence(trailer), ValueKind.DELETE);
    }
    replacement = left;
    return trailer;
  }

  @Override
  public byte[] replacement() {
    return replacement;
  }

  /** The latest expiry of a part that was left out so far. */
  long latestLeftOut() {
    return operands.latestLeftOut();
  }

  /** How many entries were changed so far. */
  long aged() {
    return aged;
  }
}
