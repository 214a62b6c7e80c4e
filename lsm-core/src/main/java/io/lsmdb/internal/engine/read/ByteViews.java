package io.lsmdb.internal.engine.read;

import java.nio.ByteBuffer;

/**
 * The ways in which keys and values are taken and handed out other than as arrays of their own.
 * Stateless.
 */
public final class ByteViews {
  private ByteViews() {}

  /** Copies as much as fits; the length of what there was to copy. */
  static int copy(byte[] array, int offset, int length, byte[] into) {
    System.arraycopy(array, offset, into, 0, Math.min(length, into.length));
    return length;
  }

  /** A copy of what is between position and limit, which do not move. */
  public static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** A read-only window whose position is 0 and whose limit is its capacity. */
  static ByteBuffer view(byte[] array, int offset, int length) {
    return ByteBuffer.wrap(array).asReadOnlyBuffer().slice(offset, length);
  }
}
