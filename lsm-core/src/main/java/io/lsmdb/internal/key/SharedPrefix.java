package io.lsmdb.internal.key;

import java.util.Arrays;

/** The number of first bytes that all keys of a range have in common. Stateless. */
public final class SharedPrefix {
  private SharedPrefix() {}

  /**
   * The number of bytes at the start of the lower bound that every key of a range begins with.
   *
   * @param from the first key, null for no bound
   * @param to the end, exclusive, null for no bound
   * @return 0 when keys have nothing in common
   */
  public static int length(byte[] from, byte[] to) {
    if (from == null) {
      return 0;
    }
    if (to == null) {
      return onesFrom(from, 0);
    }
    int same = Arrays.mismatch(from, to);
    if (same < 0 || same == to.length) {
      return 0; // nothing lies between
    }
    // Where the end is the next prefix of its length, no key of the range differs there yet, nor
    // in the largest bytes that follow: [a1 FF 05, a2) begins with a1 FF.
    boolean next =
        same < from.length && to.length == same + 1 && (to[same] & 0xFF) == (from[same] & 0xFF) + 1;
    return next ? onesFrom(from, same + 1) : same;
  }

  /** Where a run of the largest byte ends. */
  private static int onesFrom(byte[] key, int start) {
    int end = start;
    while (end < key.length && key[end] == (byte) 0xFF) {
      end++;
    }
    return end;
  }
}
