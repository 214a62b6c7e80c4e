package io.lsmdb;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a value in place, without a copy.
 *
 * <p>Called at most once, on the calling thread, while the store keeps the value in reach. An
 * exception that it throws reaches the caller unchanged. It must not close the store.
 *
 * @param <T> what the value is decoded to
 */
@FunctionalInterface
public interface ValueReader<T extends @Nullable Object> {
  /**
   * Decodes a value.
   *
   * @param value read-only, big-endian, from position 0 to its limit; valid only during this call,
   *     since the memory is used for other data afterwards
   * @return the decoded value, may be null
   */
  T read(ByteBuffer value);
}
