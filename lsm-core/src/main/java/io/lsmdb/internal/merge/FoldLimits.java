package io.lsmdb.internal.merge;

import io.lsmdb.internal.base.BatchEncoder;

/**
 * The bounds on what a flush or a compaction folds of one key. Immutable.
 *
 * @param gatheredBytes memory that the versions of one key may take while they wait to be folded;
 *     versions beyond it are rewritten as they are
 * @param combinedBytes the size up to which operands are combined where the value below them is not
 *     known, so that no entry grows without end
 */
public record FoldLimits(long gatheredBytes, long combinedBytes) {
  private static final long COMBINED_BYTES = 16 << 20;

  /**
   * Derives bounds from the size of the heap: versions, the folded value and the table's block each
   * take their part of it, in several compactions at once.
   *
   * @param maxHeap the largest size of the heap in bytes
   * @return the bounds
   */
  public static FoldLimits ofHeap(long maxHeap) {
    return new FoldLimits(Math.min(BatchEncoder.MAX_OPERAND_LENGTH, maxHeap / 8), COMBINED_BYTES);
  }
}
