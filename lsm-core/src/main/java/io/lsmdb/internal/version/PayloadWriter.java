package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import java.util.Arrays;

/**
 * A growing byte array in which manifest fields are encoded.
 *
 * <p>Not thread-safe; one per edit.
 */
final class PayloadWriter {
  private byte[] bytes = new byte[256];
  private int size;

  void varint(long value) {
    reserve(Varints.MAX_LONG_BYTES);
    size = Varints.writeLong(value, bytes, size);
  }

  void fixed32(int value) {
    reserve(Integer.BYTES);
    Bytes.putInt(bytes, size, value);
    size += Integer.BYTES;
  }

  void fixed64(long value) {
    reserve(Long.BYTES);
    Bytes.putLong(bytes, size, value);
    size += Long.BYTES;
  }

  /** Writes a length and so many bytes. */
  void block(byte[] value) {
    varint(value.length);
    raw(value, value.length);
  }

  /** Writes a whole field: tag, length, content. */
  void field(int tag, PayloadWriter content) {
    varint(tag);
    varint(content.size);
    raw(content.bytes, content.size);
  }

  /** Writes a whole field whose content is one varint. */
  void field(int tag, long content) {
    varint(tag);
    varint(Varints.size(content));
    varint(content);
  }

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void raw(byte[] value, int length) {
    reserve(length);
    System.arraycopy(value, 0, bytes, size, length);
    size += length;
  }

  private void reserve(int more) {
    if (more > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length * 2));
    }
  }
}
