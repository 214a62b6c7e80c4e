package io.lsmdb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a family an iterator shows. Immutable, hence safe to share.
 *
 * <p>Arrays are copied on the way in and must not be changed when handed out.
 */
public final class ReadOptions {
  /** Everything. */
  public static final ReadOptions DEFAULT = builder().build();

  private final byte @Nullable [] lowerBound;
  private final byte @Nullable [] upperBound;
  private final boolean fillCache;

  private ReadOptions(
      byte @Nullable [] lowerBound, byte @Nullable [] upperBound, boolean fillCache) {
    this.lowerBound = lowerBound;
    this.upperBound = upperBound;
    this.fillCache = fillCache;
  }

  /**
   * Starts from the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * All keys that begin with a prefix.
   *
   * @param prefix copied; an empty prefix means all keys
   * @return options with both bounds set accordingly
   */
  public static ReadOptions prefix(byte[] prefix) {
    return builder().prefix(prefix).build();
  }

  /**
   * All keys from one, inclusive, up to another, exclusive.
   *
   * @param from copied; null for the first key
   * @param to copied; null for no end. If it equals {@code from}, there is nothing to show
   * @return options with these bounds
   * @throws InvalidOptionsException if {@code from} is above {@code to}
   */
  public static ReadOptions range(byte @Nullable [] from, byte @Nullable [] to) {
    return builder().lowerBound(from).upperBound(to).build();
  }

  /**
   * The smallest key shown.
   *
   * @return null when there is no bound; not to be changed
   */
  public byte @Nullable [] lowerBound() {
    return lowerBound;
  }

  /**
   * The smallest key not shown any more.
   *
   * @return null when there is no bound; not to be changed
   */
  public byte @Nullable [] upperBound() {
    return upperBound;
  }

  /**
   * Whether blocks that are read enter the block cache.
   *
   * @return true by default
   */
  public boolean fillCache() {
    return fillCache;
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder {
    private byte @Nullable [] lowerBound;
    private byte @Nullable [] upperBound;
    private byte @Nullable [] prefix;
    private boolean fillCache = true;

    private Builder() {}

    /**
     * Sets the smallest key shown, inclusive. Default: none.
     *
     * @param key copied; null for none
     * @return this
     */
    public Builder lowerBound(byte @Nullable [] key) {
      this.lowerBound = key == null ? null : key.clone();
      return this;
    }

    /**
     * Sets the end, exclusive. Default: none.
     *
     * @param key copied; null for none
     * @return this
     */
    public Builder upperBound(byte @Nullable [] key) {
      this.upperBound = key == null ? null : key.clone();
      return this;
    }

    /**
     * Sets the end, inclusive or exclusive. Default: none.
     *
     * @param key copied; null for none
     * @param inclusive true to show the key itself, too
     * @return this
     */
    public Builder upperBound(byte @Nullable [] key, boolean inclusive) {
      // The smallest key above a key is the key with a zero byte behind it.
      this.upperBound = key == null ? null : Arrays.copyOf(key, key.length + (inclusive ? 1 : 0));
      return this;
    }

    /**
     * Shows only keys that begin with a prefix; narrows other bounds. Default: none.
     *
     * @param keyPrefix copied; null for none
     * @return this
     */
    public Builder prefix(byte @Nullable [] keyPrefix) {
      this.prefix = keyPrefix == null ? null : keyPrefix.clone();
      return this;
    }

    /**
     * Sets whether blocks that are read enter the block cache. Default true; false suits a single
     * pass over much data.
     *
     * @param fill false to leave the cache as it is
     * @return this
     */
    public Builder fillCache(boolean fill) {
      this.fillCache = fill;
      return this;
    }

    /**
     * Makes the options.
     *
     * @return immutable
     * @throws InvalidOptionsException if the lower bound is above the upper bound
     */
    public ReadOptions build() {
      byte[] from = lowerBound;
      byte[] to = upperBound;
      if (from != null && to != null && Arrays.compareUnsigned(from, to) > 0) {
        throw new InvalidOptionsException("lowerBound is above upperBound; swap them");
      }
      if (prefix != null) {
        byte[] end = successor(prefix);
        from = from == null || Arrays.compareUnsigned(from, prefix) < 0 ? prefix : from;
        to = to == null || (end != null && Arrays.compareUnsigned(end, to) < 0) ? end : to;
      }
      return new ReadOptions(from, to, fillCache);
    }

    /** The smallest key above all keys with the prefix, or null when there is none. */
    private static byte @Nullable [] successor(byte[] prefix) {
      for (int i = prefix.length - 1; i >= 0; i--) {
        if (prefix[i] != (byte) 0xFF) {
          byte[] end = Arrays.copyOf(prefix, i + 1);
          end[i]++;
          return end;
        }
      }
      return null;
    }
  }
}
