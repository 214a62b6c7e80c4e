package io.lsmdb.internal.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Fixed-width numbers in byte arrays and the order of keys.
 *
 * <p>Stateless. Numbers in files are little-endian unless their format page says otherwise; key
 * prefixes are big-endian so that comparing them as unsigned longs orders them as the keys.
 */
public final class Bytes {
  private static final int KEY_BYTES_SHOWN = 64;

  /** The empty array. */
  public static final byte[] EMPTY = new byte[0];

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private Bytes() {}

  /**
   * Reads an unsigned 16-bit little-endian number.
   *
   * @param from the bytes
   * @param at offset
   * @return 0 to 65535
   */
  public static int getShort(byte[] from, int at) {
    return (short) SHORT.get(from, at) & 0xFFFF;
  }

  /**
   * Writes the low 16 bits, little-endian.
   *
   * @param to the target
   * @param at offset
   * @param value the number
   */
  public static void putShort(byte[] to, int at, int value) {
    SHORT.set(to, at, (short) value);
  }

  /**
   * Reads a 32-bit little-endian number.
   *
   * @param from the bytes
   * @param at offset
   * @return the number
   */
  public static int getInt(byte[] from, int at) {
    return (int) INT.get(from, at);
  }

  /**
   * Writes a 32-bit little-endian number.
   *
   * @param to the target
   * @param at offset
   * @param value the number
   */
  public static void putInt(byte[] to, int at, int value) {
    INT.set(to, at, value);
  }

  /**
   * Reads a 64-bit little-endian number.
   *
   * @param from the bytes
   * @param at offset
   * @return the number
   */
  public static long getLong(byte[] from, int at) {
    return (long) LONG.get(from, at);
  }

  /**
   * Writes a 64-bit little-endian number.
   *
   * @param to the target
   * @param at offset
   * @param value the number
   */
  public static void putLong(byte[] to, int at, long value) {
    LONG.set(to, at, value);
  }

  /**
   * The first eight bytes of a key as a big-endian number, short keys padded with zeros.
   *
   * <p>If two prefixes differ as unsigned numbers, the keys differ the same way; equal prefixes say
   * nothing, because padding and real zero bytes look alike.
   *
   * @param key holds the key
   * @param offset where the key starts
   * @param length length of the key in bytes
   * @return the prefix, to be compared with {@link Long#compareUnsigned}
   */
  public static long prefix(byte[] key, int offset, int length) {
    if (length >= 8) {
      return (long) LONG_BE.get(key, offset);
    }
    long result = 0;
    for (int i = 0; i < length; i++) {
      result |= (key[offset + i] & 0xFFL) << (56 - 8 * i);
    }
    return result;
  }

  /**
   * Compares two keys as unsigned bytes, a key before its extensions.
   *
   * @param a holds the first key
   * @param aOffset where it starts
   * @param aLength its length
   * @param b holds the second key
   * @param bOffset where it starts
   * @param bLength its length
   * @return negative, zero or positive
   */
  public static int compare(
      byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
    int common = Math.min(aLength, bLength);
    if (common >= Long.BYTES) {
      // Most keys differ in their first bytes or are short: two words cost less than a loop.
      long first = (long) LONG_BE.get(a, aOffset);
      long second = (long) LONG_BE.get(b, bOffset);
      if (first != second) {
        return Long.compareUnsigned(first, second);
      }
      if (common <= 2 * Long.BYTES) {
        int last = common - Long.BYTES;
        first = (long) LONG_BE.get(a, aOffset + last);
        second = (long) LONG_BE.get(b, bOffset + last);
        return first != second ? Long.compareUnsigned(first, second) : aLength - bLength;
      }
    }
    return Arrays.compareUnsigned(a, aOffset, aOffset + aLength, b, bOffset, bOffset + bLength);
  }

  /**
   * Whether two keys are the same bytes.
   *
   * @param a holds the first key
   * @param aOffset where it starts
   * @param aLength its length
   * @param b holds the second key
   * @param bOffset where it starts
   * @param bLength its length
   * @return true when equal
   */
  public static boolean equal(
      byte[] a, int aOffset, int aLength, byte[] b, int bOffset, int bLength) {
    return aLength == bLength
        && Arrays.equals(a, aOffset, aOffset + aLength, b, bOffset, bOffset + bLength);
  }

  /**
   * A key for a message.
   *
   * @param key holds the key, from offset 0 on
   * @param length its length in bytes
   * @return hexadecimal, the first 64 bytes of it
   */
  public static String shown(byte[] key, int length) {
    return "0x"
        + HexFormat.of().formatHex(key, 0, Math.min(length, KEY_BYTES_SHOWN))
        + (length > KEY_BYTES_SHOWN ? ".." : "");
  }

  /**
   * The rule about the bounds of ranges.
   *
   * @param from first key
   * @param to end, exclusive
   * @return whether no key is in there
   * @throws IllegalArgumentException if {@code from} is above {@code to}
   */
  public static boolean isEmptyRange(byte[] from, byte[] to) {
    int order = Arrays.compareUnsigned(from, to);
    if (order > 0) {
      throw new IllegalArgumentException(
          "the range begins at "
              + shown(from, from.length)
              + ", above its end "
              + shown(to, to.length));
    }
    return order == 0;
  }
}
