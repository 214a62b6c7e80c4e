package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;

/**
 * Reads data blocks for cursors that leave the cache as it is, in pieces that grow as the cursor
 * goes on forward.
 *
 * <p>Not thread-safe; owned by one cursor. Blocks that happen to be cached are taken from there.
 */
final class ReadAhead {
  /** Largest piece in bytes; a larger block is read by itself. */
  private static final int MAX_PIECE_BYTES = 256 << 10;

  private final TableReader table;
  private final BlockSource source;
  private final Footer footer;
  private byte[] piece = new byte[0];
  private long start; // of the piece in the file
  private int length; // of the piece
  private int pieceSize; // how much to read next time
  private int lastOrdinal = -2;
  private final boolean recycling;
  private byte[] recycled = Bytes.EMPTY; // content of the block read last

  /**
   * Creates one that has read nothing.
   *
   * @param recycling whether a block lasts until the next one is read only, whose content then
   *     takes its place
   */
  ReadAhead(TableReader table, boolean recycling) {
    this.table = table;
    this.source = table.source();
    this.footer = table.footer();
    this.recycling = recycling;
  }

  /**
   * The table's index, which does not enter the cache either.
   *
   * @return the cached one, or a private one
   */
  IndexBlock readIndex() {
    IndexBlock cached = table.peekIndex();
    return cached != null ? cached : source.readIndex();
  }

  /**
   * Reads a block.
   *
   * @param index the table's index
   * @param ordinal which block
   * @return the block; the caller holds it
   */
  DataBlock read(IndexBlock index, int ordinal) {
    boolean forward = ordinal == lastOrdinal + 1;
    lastOrdinal = ordinal;
    DataBlock block = table.peekData(ordinal);
    if (block == null) {
      int stored = index.storedLength(ordinal);
      block =
          stored > MAX_PIECE_BYTES
              ? source.readData(index, ordinal)
              : readFromPiece(source.dataPlace(index, ordinal), forward);
      table.bounds().check(block, index, ordinal, source.dataPlace(index, ordinal));
      block.hold();
    }
    return block;
  }

  private DataBlock readFromPiece(BlockTrailer.Place place, boolean forward) {
    int stored = place.storedLength();
    long position = place.position();
    if (position < start || position + stored > start + length) {
      // One block after a jump, then twice as much each time.
      pieceSize = forward ? Math.min(MAX_PIECE_BYTES, 2 * pieceSize) : 0;
      int wanted = (int) Math.min(Math.max(stored, pieceSize), footer.dataLength() - position);
      pieceSize = wanted;
      if (wanted > piece.length) {
        piece = new byte[wanted];
      }
      length = 0;
      source.read(position, piece, wanted);
      start = position;
      length = wanted;
    }
    int at = (int) (position - start);
    int size = BlockTrailer.check(place, piece, at);
    byte[] content = size <= recycled.length ? recycled : new byte[size];
    BlockTrailer.decode(place, piece, at, content, size);
    if (recycling) {
      recycled = content;
    }
    return new DataBlock(place, content, size);
  }
}
