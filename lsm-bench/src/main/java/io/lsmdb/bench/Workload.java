package io.lsmdb.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keys of 16 bytes and values of 100 bytes, numbered and reproducible. Stateless.
 *
 * <p>Keys of consecutive numbers are scattered over the key space. Half of each value's bytes are
 * random and half are zeros, so that LZ4 finds something, but not much.
 */
public final class Workload {
  /** Length of a key in bytes. */
  public static final int KEY_BYTES = 16;

  /** Length of a value in bytes. */
  public static final int VALUE_BYTES = 100;

  private static final long ABSENT = 1L << 62;

  private Workload() {}

  /**
   * A key.
   *
   * @param number which one
   * @return a new array
   */
  public static byte[] key(long number) {
    byte[] key = new byte[KEY_BYTES];
    fillKey(key, number);
    return key;
  }

  /**
   * Fills in a key.
   *
   * @param key of {@link #KEY_BYTES}
   * @param number which one
   */
  public static void fillKey(byte[] key, long number) {
    ByteBuffer.wrap(key).putLong(mix(number)).putLong(number);
  }

  /**
   * Fills in a key that no store of the benchmarks holds, within the range of those that they hold.
   *
   * @param key of {@link #KEY_BYTES}
   * @param number which one
   */
  public static void fillAbsentKey(byte[] key, long number) {
    fillKey(key, number | ABSENT);
  }

  /**
   * A value.
   *
   * @param number which one
   * @return a new array
   */
  public static byte[] value(long number) {
    byte[] value = new byte[VALUE_BYTES];
    fillValue(value, number);
    return value;
  }

  /**
   * Fills in a value.
   *
   * @param value of {@link #VALUE_BYTES}
   * @param number which one
   */
  public static void fillValue(byte[] value, long number) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    long state = number;
    while (buffer.position() < VALUE_BYTES / 2 - Long.BYTES) {
      state += 0x9E3779B97F4A7C15L;
      buffer.putLong(mix(state));
    }
    Arrays.fill(value, buffer.position(), VALUE_BYTES, (byte) 0);
  }

  /**
   * A permutation of all longs that leaves no order.
   *
   * @param number any
   * @return its image
   */
  public static long mix(long number) {
    long z = number + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
