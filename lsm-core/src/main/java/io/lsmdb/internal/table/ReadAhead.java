package io.lsmdb.internal.table;

/**
 * Reads data blocks past the cache, in large pieces, for cursors that go through a whole table.
 *
 * <p>Not thread-safe; owned by one cursor.
 */
final class ReadAhead {
  /** Size of a piece in bytes; a larger block is read by itself. */
  private static final int PIECE_BYTES = 256 << 10;

  private final BlockSource source;
  private final Footer footer;
  private byte[] piece = new byte[0];
  private long start;
  private int length;

  ReadAhead(BlockSource source, Footer footer) {
    this.source = source;
    this.footer = footer;
  }

  /**
   * Reads a block and checks the order of its entries, also against the separators around it.
   *
   * @param index the table's index
   * @param ordinal which block
   * @return the block
   */
  DataBlock read(IndexBlock index, int ordinal) {
    StoredBlock.Place place = source.dataPlace(index, ordinal);
    int stored = place.storedLength();
    long position = place.position();
    if (stored > PIECE_BYTES) {
      return checked(index, ordinal, place, source.readData(index, ordinal));
    }
    if (position < start || position + stored > start + length) {
      if (piece.length == 0) {
        piece = new byte[(int) Math.min(PIECE_BYTES, footer.dataLength())];
      }
      length = 0;
      int wanted = (int) Math.min(piece.length, footer.dataLength() - position);
      source.read(position, piece, wanted);
      start = position;
      length = wanted;
    }
    int at = (int) (position - start);
    byte[] content = StoredBlock.open(place, piece, at, false);
    DataBlock block = new DataBlock(place, content, StoredBlock.size(piece, at, stored));
    return checked(index, ordinal, place, block);
  }

  private static DataBlock checked(
      IndexBlock index, int ordinal, StoredBlock.Place place, DataBlock block) {
    if (!block.isOrdered()
        || !block.isAbove(index, ordinal)
        || ordinal + 1 < index.count && !block.isBelow(index, ordinal + 1)) {
      throw place.corrupt("entries out of order");
    }
    return block;
  }
}
