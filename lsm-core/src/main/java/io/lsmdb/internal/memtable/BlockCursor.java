package io.lsmdb.internal.memtable;

/**
 * A position in the bottom level of a {@link BlockedSkipList}.
 *
 * <p>Not thread-safe. It keeps the block and the permutation it saw there: both describe a state
 * that never changes, whatever the writer does meanwhile.
 */
final class BlockCursor {
  /** Holds the block. */
  long[] array;

  /** Where the block starts in the array. */
  int base;

  /** The block's order when the cursor came. */
  long permutation;

  /** Which entry of that order; the cursor stands nowhere when outside of it. */
  int position = -1;

  /** Comes to a block. */
  void set(long[] blockArray, int blockBase, long order, int first) {
    array = blockArray;
    base = blockBase;
    permutation = order;
    position = first;
  }

  /** The entry under the cursor. */
  int entry() {
    return Nodes.reference(array, base, Permutation.slot(permutation, position));
  }
}
