package io.lsmdb.internal.table;

import io.lsmdb.internal.key.InternalKey;

/**
 * The check that a data block lies where the index and the properties say. With the order within
 * blocks and of the separators it makes the entries of a table ascend strictly, whatever the file
 * holds.
 *
 * <p>Immutable.
 */
final class BlockBounds {
  private final InternalKey smallest;
  private final InternalKey largest;

  /** Takes the bounds of a table. */
  BlockBounds(TableProperties properties) {
    smallest = properties.smallest();
    largest = properties.largest();
  }

  /**
   * Checks a block that was read from the file.
   *
   * @param block its entries are in order
   * @param index of the table
   * @param ordinal of the block
   * @param place of the block, for errors
   */
  void check(DataBlock block, IndexBlock index, int ordinal, BlockTrailer.Place place) {
    int last = block.count - 1;
    int following = ordinal + 1;
    boolean fine =
        (ordinal == 0 ? isAt(block, 0, smallest) : isAtOrAbove(block, 0, index, ordinal))
            && (following == index.count
                ? isAt(block, last, largest)
                : !isAtOrAbove(block, last, index, following));
    if (!fine) {
      throw place.corrupt("entries out of order with the rest of the table");
    }
  }

  private static boolean isAt(DataBlock block, int entry, InternalKey bound) {
    byte[] key = bound.userKey();
    return block.trailerOf(entry) == bound.trailer() && block.isKey(entry, key, 0, key.length);
  }

  private static boolean isAtOrAbove(
      DataBlock block, int entry, IndexBlock index, int separatorOrdinal) {
    byte[] key = block.copyKey(entry);
    return index.isAtOrBelow(separatorOrdinal, key, 0, key.length, block.trailerOf(entry));
  }
}
