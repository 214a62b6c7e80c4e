package io.lsmdb.internal.table;

import java.util.Objects;

/**
 * How a new table is laid out. Immutable.
 *
 * @param blockSize a data block ends before the entry that would take it over this size before
 *     compression, in bytes; 1 to {@link #MAX_BLOCK_SIZE}
 * @param bloomBitsPerKey filter bits per distinct user key, 0 for no filter, at most {@link
 *     #MAX_BLOOM_BITS_PER_KEY}; 10 give about 1 % false positives
 * @param compression the codec that blocks are offered to
 */
public record TableFormat(int blockSize, int bloomBitsPerKey, Compression compression) {
  /** Largest block size in bytes. */
  public static final int MAX_BLOCK_SIZE = 16 << 20;

  /** Most filter bits per key. */
  public static final int MAX_BLOOM_BITS_PER_KEY = 64;

  /** Checks the bounds. */
  public TableFormat {
    Objects.requireNonNull(compression, "compression");
    if (blockSize < 1 || blockSize > MAX_BLOCK_SIZE) {
      throw new IllegalArgumentException("blockSize " + blockSize + " is not 1.." + MAX_BLOCK_SIZE);
    }
    if (bloomBitsPerKey < 0 || bloomBitsPerKey > MAX_BLOOM_BITS_PER_KEY) {
      throw new IllegalArgumentException(
          "bloomBitsPerKey " + bloomBitsPerKey + " is not 0.." + MAX_BLOOM_BITS_PER_KEY);
    }
  }
}
