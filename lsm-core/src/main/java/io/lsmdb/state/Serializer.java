package io.lsmdb.state;

import java.nio.ByteBuffer;

/**
 * How objects of one type become bytes.
 *
 * <p>Thread-safe where its view is used by several threads. {@link Serializers} has ready-made
 * ones.
 *
 * @param <T> the type
 */
public interface Serializer<T> {
  /**
   * Encodes an object; equal objects must give equal bytes where they are keys.
   *
   * @param object never null
   * @return a new array, any bytes, any length
   */
  byte[] toBytes(T object);

  /**
   * Decodes what {@link #toBytes} made.
   *
   * @param bytes from position to limit, big-endian, read-only; not to be kept
   * @return never null
   */
  T fromBytes(ByteBuffer bytes);

  /**
   * Whether all objects take the same number of bytes. Keys that do need no length before them.
   *
   * @return that number, at least 1; -1, the default, when they differ
   */
  default int fixedLength() {
    return -1;
  }
}
