package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.table.ShardedBlockCache.CachedBlock;

/**
 * One part of a table's Bloom filter.
 *
 * <p>Immutable once built. Blocked by lines of 512 bits, the size of a cache line, so that a
 * question costs one memory access (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient
 * Bloom Filters, 2007). Large filters are cut into parts of {@link #LINES_PER_PART} lines that are
 * stored, cached and evicted by themselves.
 */
final class BloomFilter extends CachedBlock {
  /** Bytes of a line. Frozen. */
  static final int LINE_BYTES = 64;

  /** Lines of each part but the last. Frozen. */
  static final int LINES_PER_PART = 4096;

  /** Most probes per key. Frozen. */
  static final int MAX_PROBES = 12;

  /** Tells the hash of a prefix from that of a whole key. Frozen. */
  private static final long PREFIX_MASK = 0xD6E8FEB86659FD93L;

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final long SECOND_MULTIPLIER = 0xBF58476D1CE4E5B9L;
  private static final int PROBES_PER_WORD = 7;

  private final byte[] lines;

  /**
   * Wraps a part.
   *
   * @param lines its lines, not to be changed any more
   * @param length bytes of lines at the start of the array
   */
  BloomFilter(byte[] lines, int length) {
    super(length);
    this.lines = lines;
  }

  /**
   * Lines of a filter.
   *
   * @param keys number of distinct keys
   * @param bitsPerKey at least 1
   * @return at least 1
   */
  static int lineCount(long keys, int bitsPerKey) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, (keys * bitsPerKey + 511) / 512));
  }

  /**
   * Probes per key.
   *
   * @param bitsPerKey at least 1
   * @return 1 to {@link #MAX_PROBES}
   */
  static int probeCount(int bitsPerKey) {
    return (int) Math.max(1, Math.min(MAX_PROBES, Math.round(bitsPerKey * 0.69)));
  }

  /**
   * How many parts a filter has.
   *
   * @param lines lines of the filter
   * @return 0 without lines
   */
  static int partCount(int lines) {
    return (int) (((long) lines + LINES_PER_PART - 1) / LINES_PER_PART);
  }

  /**
   * The hash under which a prefix is added and asked for.
   *
   * @param key begins with the prefix
   * @param offset where it starts
   * @param prefixLength length of the prefix
   * @return another one than that of a key of the same bytes
   */
  static long prefixHash(byte[] key, int offset, int prefixLength) {
    return Hash.of(key, offset, prefixLength) ^ PREFIX_MASK;
  }

  /**
   * The line that a key belongs to.
   *
   * @param hash the key's hash
   * @param lines lines of the filter
   * @return its number in the whole filter
   */
  static int line(long hash, int lines) {
    return (int) ((hash >>> 32) * lines >>> 32);
  }

  /**
   * Adds a key to a line.
   *
   * @param part lines of the part
   * @param line number of the line within the part
   * @param hash the key's hash
   * @param probes probes per key
   */
  static void add(byte[] part, int line, long hash, int probes) {
    int base = line * LINE_BYTES;
    long g = hash * MULTIPLIER;
    for (int i = 0; i < probes; i++) {
      if (i == PROBES_PER_WORD) {
        g = (hash ^ (hash >>> 29)) * SECOND_MULTIPLIER;
      }
      int bit = (int) (g >>> 55);
      part[base + (bit >>> 3)] |= (byte) (1 << (bit & 7));
      g <<= 9;
    }
  }

  /**
   * Whether a key may have been added to a line.
   *
   * @param line number of the line within the part
   * @param hash the key's hash
   * @param probes probes per key
   * @return false only if it was not
   */
  boolean mayContain(int line, long hash, int probes) {
    byte[] bytes = lines;
    int base = line * LINE_BYTES;
    long g = hash * MULTIPLIER;
    for (int i = 0; i < probes; i++) {
      if (i == PROBES_PER_WORD) {
        g = (hash ^ (hash >>> 29)) * SECOND_MULTIPLIER;
      }
      int bit = (int) (g >>> 55);
      if ((Bytes.getLong(bytes, base + (bit >>> 6 << 3)) >>> bit & 1) == 0) {
        return false;
      }
      g <<= 9;
    }
    return true;
  }
}
