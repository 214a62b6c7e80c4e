package io.lsmdb.bench.compare;

import java.nio.ByteBuffer;

/** Puts what an engine hands out into the caller's array. Stateless. */
final class Copies {
  private Copies() {}

  /** Length of the bytes, copied as far as they fit; -1 for null. */
  static int copy(byte[] from, byte[] into) {
    return from == null ? -1 : copy(from, from.length, into);
  }

  /** The same of the first bytes of an array. */
  static int copy(byte[] from, int length, byte[] into) {
    System.arraycopy(from, 0, into, 0, Math.min(length, into.length));
    return length;
  }

  /** The same of what remains in a buffer, which stays as it is. */
  static int copy(ByteBuffer from, byte[] into) {
    if (from == null) {
      return -1;
    }
    int length = from.remaining();
    from.get(from.position(), into, 0, Math.min(length, into.length));
    return length;
  }
}
