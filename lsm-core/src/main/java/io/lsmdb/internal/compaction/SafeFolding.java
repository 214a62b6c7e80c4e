package io.lsmdb.internal.compaction;

import io.lsmdb.MergeException;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import java.util.Arrays;

/**
 * The calls of a merge operator from a flush or a compaction: a failure harms the one key, whose
 * versions stay as they are, and is noted.
 *
 * <p>Not thread-safe; belongs to a {@link MergeStep}.
 */
final class SafeFolding {
  private final Folding folding;
  private KeptEntries kept = KeptEntries.NONE;

  SafeFolding(Folding folding) {
    this.folding = folding;
  }

  /** As {@link Folding#value}; null where that fails. */
  byte[] value(Operands operands) {
    try {
      return folding.value(operands);
    } catch (MergeException e) {
      kept = kept.plus(e);
      return null;
    }
  }

  /** As {@link Folding#combined}; null where that fails, too. */
  byte[] combined(Operands operands) {
    try {
      return folding.combined(operands);
    } catch (MergeException e) {
      kept = kept.plus(e);
      return null;
    }
  }

  /** Notes that there is too much of a key. */
  void tooLong(byte[] key, int keyLength) {
    kept = kept.plus(folding.tooLong(Arrays.copyOf(key, keyLength)));
  }

  /** What stays as it is. */
  KeptEntries kept() {
    return kept;
  }
}
