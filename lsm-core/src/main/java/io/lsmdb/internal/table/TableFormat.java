package io.lsmdb.internal.table;

import java.util.Objects;

/**
 * How a new table is laid out. Immutable.
 *
 * @param blockSize a data block ends before the entry that would take it over this size before
 *     compression, in bytes; 1 to {@link #MAX_BLOCK_SIZE}
 * @param filter what the filter holds
 * @param compression the codec that blocks are offered to
 */
public record TableFormat(int blockSize, FilterFormat filter, BlockCodec compression) {
  /** Largest block size in bytes. */
  public static final int MAX_BLOCK_SIZE = 16 << 20;

  /** Checks the bounds. */
  public TableFormat {
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(compression, "compression");
    if (blockSize < 1 || blockSize > MAX_BLOCK_SIZE) {
      throw new IllegalArgumentException("blockSize " + blockSize + " is not 1.." + MAX_BLOCK_SIZE);
    }
  }

  /**
   * A format whose filter holds whole keys.
   *
   * @param blockSize as in the record
   * @param bloomBitsPerKey filter bits per distinct user key, 0 for no filter
   * @param compression as in the record
   */
  public TableFormat(int blockSize, int bloomBitsPerKey, BlockCodec compression) {
    this(blockSize, FilterFormat.ofKeys(bloomBitsPerKey), compression);
  }

  /**
   * The format of tables below which there is no older data.
   *
   * @return this, or one without a filter
   */
  public TableFormat atLastLevel() {
    return new TableFormat(blockSize, filter.atLastLevel(), compression);
  }
}
