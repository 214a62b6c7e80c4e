package io.lsmdb.bench.compare;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Numbered keys and values, the same in every run.
 *
 * <p>Not thread-safe: the arrays are filled anew by each call. A value tells which key and which
 * generation it belongs to, by {@link #STAMP_BYTES} at its begin that depend on each other, so that
 * a wrong value is found. Of the rest about half is random and half is zeros: LZ4 leaves some 0.6
 * of such blocks.
 */
final class Records {
  /** Length of a key in bytes. */
  static final int KEY_BYTES = 16;

  /** Bytes that every value begins with: number and generation, then their hash. */
  static final int STAMP_BYTES = 16;

  /** Keys that begin with the same user. */
  static final int KEYS_PER_USER = 16;

  private static final long ABSENT = 1L << 40;
  private static final int GENERATION_BITS = 24;

  /** How keys follow from numbers; the last eight bytes are the number. */
  enum KeyOrder {
    /** In the order of the numbers. */
    SEQUENTIAL,
    /** In no order. */
    SCATTERED,
    /** Users in no order, {@link #KEYS_PER_USER} numbers below each. */
    BY_USER
  }

  /** The key that was filled in last. */
  final byte[] key = new byte[KEY_BYTES];

  /** The value that was filled in, or read, last; one byte longer than values are. */
  final byte[] value;

  private final KeyOrder order;
  private final int valueBytes;
  private final ByteBuffer keyBuffer = ByteBuffer.wrap(key);
  private final ByteBuffer valueBuffer;
  private final byte[] put;
  private final ByteBuffer putBuffer;

  Records(KeyOrder order, int valueBytes) {
    if (valueBytes < STAMP_BYTES) {
      throw new IllegalArgumentException("values have at least " + STAMP_BYTES + " bytes");
    }
    this.order = order;
    this.valueBytes = valueBytes;
    value = new byte[valueBytes + 1];
    valueBuffer = ByteBuffer.wrap(value);
    put = new byte[valueBytes];
    putBuffer = ByteBuffer.wrap(put);
  }

  /** Fills in {@link #key}. */
  byte[] key(long number) {
    long first =
        switch (order) {
          case SEQUENTIAL -> number;
          case SCATTERED -> mix(number);
          case BY_USER -> mix(number / KEYS_PER_USER);
        };
    keyBuffer.putLong(0, first).putLong(Long.BYTES, number);
    return key;
  }

  /** Fills in a key between those that there are, but none of them. */
  byte[] absentKey(long number) {
    key(number);
    keyBuffer.putLong(Long.BYTES, number | ABSENT);
    return key;
  }

  /** The number of the key that was filled in, or read, last. */
  long number() {
    return keyBuffer.getLong(Long.BYTES);
  }

  /**
   * A value of its exact length.
   *
   * @param number of its key
   * @param generation how many values the key had before; modulo 2<sup>24</sup>
   */
  byte[] valueOf(long number, long generation) {
    long stamp = number << GENERATION_BITS | generation & (1L << GENERATION_BITS) - 1;
    putBuffer.putLong(0, stamp);
    long state = mix(stamp);
    putBuffer.putLong(Long.BYTES, state);
    int at = STAMP_BYTES;
    int random = STAMP_BYTES + (valueBytes - STAMP_BYTES) / 2;
    while (at + Long.BYTES <= random) {
      state = state * 0x5851F42D4C957F2DL + 0x14057B7EF767814FL;
      putBuffer.putLong(at, state);
      at += Long.BYTES;
    }
    Arrays.fill(put, at, valueBytes, (byte) 0);
    return put;
  }

  /** Makes the cheapest value of generation 0 that passes for right; its length. */
  static int stamp(byte[] key, byte[] into) {
    long stamp = ByteBuffer.wrap(key).getLong(Long.BYTES) << GENERATION_BITS;
    ByteBuffer.wrap(into).putLong(0, stamp).putLong(Long.BYTES, mix(stamp));
    return into.length - 1;
  }

  /**
   * Checks what was read into {@link #value}, and takes its generation out of it.
   *
   * @param number of the key
   * @param length as the engine told
   * @return the generation
   */
  long check(long number, int length) {
    if (length == valueBytes) {
      long stamp = valueBuffer.getLong(0);
      if (stamp >>> GENERATION_BITS == number && valueBuffer.getLong(Long.BYTES) == mix(stamp)) {
        return generation();
      }
    }
    throw new WrongResultException(
        "key " + number + (length < 0 ? " is missing" : " has a wrong value: " + describe(length)));
  }

  /** The generation of the value that was read last. */
  long generation() {
    return valueBuffer.getLong(0) & (1L << GENERATION_BITS) - 1;
  }

  private String describe(int length) {
    int shown = Math.min(length, STAMP_BYTES);
    return length + " bytes, begin " + Arrays.toString(Arrays.copyOf(value, shown));
  }

  /** A permutation of all longs that leaves no order. */
  static long mix(long number) {
    long z = number + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** An engine gave what was never put, or not what was. */
  static final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongResultException(String message) {
      super(message);
    }
  }
}
