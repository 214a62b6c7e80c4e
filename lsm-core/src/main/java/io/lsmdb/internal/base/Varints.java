package io.lsmdb.internal.base;

/**
 * Little-endian base-128 integers, seven bits a byte, the high bit saying that more follow.
 *
 * <p>Stateless. Readers check bounds: a truncated or overlong number yields -1 from the {@code
 * ...End} methods instead of an exception, so that each decoder can report its own file and offset.
 */
public final class Varints {
  /** The most bytes that an int takes. */
  public static final int MAX_INT_BYTES = 5;

  /** The most bytes that a long takes. */
  public static final int MAX_LONG_BYTES = 10;

  private Varints() {}

  /**
   * Writes a non-negative or unsigned int.
   *
   * @param value the number, taken as unsigned
   * @param to target with room for {@link #MAX_INT_BYTES} or {@link #size}
   * @param at offset of the first byte
   * @return the offset after the last byte written
   */
  public static int writeInt(int value, byte[] to, int at) {
    int v = value;
    int p = at;
    while ((v & ~0x7F) != 0) {
      to[p++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    to[p++] = (byte) v;
    return p;
  }

  /**
   * Writes a long, taken as unsigned.
   *
   * @param value the number
   * @param to target with room for {@link #MAX_LONG_BYTES} or {@link #size}
   * @param at offset of the first byte
   * @return the offset after the last byte written
   */
  public static int writeLong(long value, byte[] to, int at) {
    long v = value;
    int p = at;
    while ((v & ~0x7FL) != 0) {
      to[p++] = (byte) (v | 0x80);
      v >>>= 7;
    }
    to[p++] = (byte) v;
    return p;
  }

  /**
   * The number of bytes that a number takes.
   *
   * @param value the number, taken as unsigned
   * @return 1 to {@link #MAX_LONG_BYTES}
   */
  public static int size(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  /**
   * Where the number that starts at an offset ends.
   *
   * @param from the bytes
   * @param at offset of the first byte
   * @param limit exclusive end of what may be read
   * @param maxBytes {@link #MAX_INT_BYTES} or {@link #MAX_LONG_BYTES}
   * @return the offset after the last byte, or -1 if the number is truncated or too long
   */
  public static int end(byte[] from, int at, int limit, int maxBytes) {
    int max = limit - at < maxBytes ? limit : at + maxBytes;
    for (int p = at; p < max; p++) {
      if (from[p] >= 0) {
        return p + 1;
      }
    }
    return -1;
  }

  /**
   * Reads an int whose end was found by {@link #end}.
   *
   * @param from the bytes
   * @param at offset of the first byte
   * @return the number; negative when it does not fit in 31 bits, which callers must check
   */
  public static int readInt(byte[] from, int at) {
    int b = from[at];
    if (b >= 0) {
      return b;
    }
    int result = b & 0x7F;
    int p = at + 1;
    for (int shift = 7; shift < 35; shift += 7) {
      b = from[p++];
      if (shift == 28 && (b & 0xF8) != 0) {
        return -1;
      }
      result |= (b & 0x7F) << shift;
      if (b >= 0) {
        return result;
      }
    }
    return -1;
  }

  /**
   * Reads a long whose end was found by {@link #end}.
   *
   * @param from the bytes
   * @param at offset of the first byte
   * @return the number; negative when it does not fit in 63 bits, which callers must check
   */
  public static long readLong(byte[] from, int at) {
    long result = 0;
    int p = at;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = from[p++];
      result |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return shift == 63 && b > 1 ? -1 : result;
      }
    }
    return -1;
  }
}
