package io.lsmdb.internal.base;

/**
 * The 64-bit hash of keys that filters, hash indexes and seeds use.
 *
 * <p>Stateless. Written to files (filters, block hash indexes), hence frozen. Multiply-and-fold
 * over eight bytes at a time: the 128-bit product of each word with an odd constant is folded by
 * xor, after the construction of Wang Yi's wyhash (public domain); not resistant to chosen keys.
 */
public final class Hash {
  private static final long K0 = 0xA0761D6478BD642FL;
  private static final long K1 = 0xE7037ED1A0B428DBL;
  private static final long K2 = 0x8EBC6AF09C88C6E3L;

  private Hash() {}

  /**
   * Hashes a key.
   *
   * @param key holds the key
   * @param offset where it starts
   * @param length its length in bytes
   * @return all 64 bits are usable
   */
  public static long of(byte[] key, int offset, int length) {
    long h = K2 ^ length;
    int p = offset;
    int left = length;
    while (left > 8) {
      h = fold(h ^ Bytes.getLong(key, p) ^ K0, K1);
      p += 8;
      left -= 8;
    }
    long tail = 0;
    if (left == 8) {
      tail = Bytes.getLong(key, p);
    } else {
      for (int i = 0; i < left; i++) {
        tail |= (key[p + i] & 0xFFL) << (8 * i);
      }
    }
    return fold(fold(h ^ tail ^ K0, K1) ^ length, K2);
  }

  /**
   * Mixes two numbers into one, for seeds.
   *
   * @param a one number
   * @param b another number
   * @return all 64 bits depend on both
   */
  public static long mix(long a, long b) {
    return fold(fold(a ^ K0, K1) ^ b, K2);
  }

  private static long fold(long a, long b) {
    return Math.multiplyHigh(a, b) ^ (a * b);
  }
}
