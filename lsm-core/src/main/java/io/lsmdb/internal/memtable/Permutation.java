package io.lsmdb.internal.memtable;

/**
 * The order of a block's slots in one long: bits 0–3 count them, and the four bits from {@code 4 +
 * 4 * position} name the slot that stands at a position.
 *
 * <p>Stateless. One atomic word makes an insertion into a sorted block visible at once while no
 * slot moves; the idea is Masstree's (Mao, Kohler, Morris, "Cache Craftiness for Fast Multicore
 * Key-Value Storage", EuroSys 2012).
 */
final class Permutation {
  /** Slots a block has. */
  static final int CAPACITY = 15;

  private static final long IDENTITY = 0xEDCBA98765432100L;

  private Permutation() {}

  static int count(long permutation) {
    return (int) permutation & 15;
  }

  static int slot(long permutation, int position) {
    return (int) (permutation >>> 4 + 4 * position) & 15;
  }

  /** Puts the first unused slot at a position; positions from there on move up by one. */
  static long insert(long permutation, int position) {
    int shift = 4 + 4 * position;
    long below = permutation & (1L << shift) - 1;
    long above = permutation >>> shift << shift << 4;
    return (below | above | (long) count(permutation) << shift) + 1;
  }

  /** Slots 0 to {@code count - 1} in that order. */
  static long identity(int count) {
    return count == CAPACITY ? IDENTITY | count : IDENTITY & (1L << 4 + 4 * count) - 1 | count;
  }
}
