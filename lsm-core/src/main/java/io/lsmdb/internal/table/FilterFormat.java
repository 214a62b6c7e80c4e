package io.lsmdb.internal.table;

/**
 * What the filter of a new table holds. Immutable.
 *
 * @param bitsPerKey filter bits per distinct key or prefix, 0 for no filter, at most {@link
 *     #MAX_BITS_PER_KEY}; 10 give about 1 % false positives
 * @param prefixLength length of the prefixes that it holds in bytes, 0 for none, at most {@link
 *     #MAX_PREFIX_LENGTH}
 * @param wholeKeys whether it holds whole keys; must be true without prefixes
 * @param lastLevel whether tables have a filter that hold the oldest data of their keys
 */
public record FilterFormat(int bitsPerKey, int prefixLength, boolean wholeKeys, boolean lastLevel) {
  /** Most bits per key. */
  public static final int MAX_BITS_PER_KEY = 64;

  /** Longest prefix in bytes. Frozen. */
  public static final int MAX_PREFIX_LENGTH = 65_536;

  /** Checks the bounds. */
  public FilterFormat {
    if (bitsPerKey < 0 || bitsPerKey > MAX_BITS_PER_KEY) {
      throw new IllegalArgumentException(
          "bitsPerKey " + bitsPerKey + " is not 0.." + MAX_BITS_PER_KEY);
    }
    if (prefixLength < 0 || prefixLength > MAX_PREFIX_LENGTH) {
      throw new IllegalArgumentException(
          "prefixLength " + prefixLength + " is not 0.." + MAX_PREFIX_LENGTH);
    }
    if (!wholeKeys && prefixLength == 0) {
      throw new IllegalArgumentException("a filter needs whole keys or prefixes");
    }
  }

  /** A filter of whole keys. */
  static FilterFormat ofKeys(int bitsPerKey) {
    return new FilterFormat(bitsPerKey, 0, true, true);
  }

  FilterFormat atLastLevel() {
    return lastLevel ? this : new FilterFormat(0, prefixLength, wholeKeys, false);
  }

  /** The length of the prefixes that the filter really has, 0 for none. */
  int filteredPrefix() {
    return bitsPerKey == 0 ? 0 : prefixLength;
  }

  /** Whether there is a filter, and it has no whole keys. */
  boolean prefixesOnly() {
    return bitsPerKey > 0 && !wholeKeys;
  }
}
