package io.lsmdb;

import io.lsmdb.internal.base.BatchFormat;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A list of changes, over any families, that a store applies atomically and in order.
 *
 * <p>Not thread-safe. Encoded once, as changes are added, in the form that the log stores. A batch
 * may be written more than once, to any store that has its families, and reused after {@link
 * #clear()}; it needs no closing. Methods throw {@link IllegalArgumentException} for a key longer
 * than {@link #MAX_KEY_LENGTH}, a value longer than {@link #MAX_VALUE_LENGTH} or a batch that would
 * exceed {@link #MAX_BYTES}; the batch is unchanged then.
 */
public final class WriteBatch {
  /** Longest key: 65,536 bytes. */
  public static final int MAX_KEY_LENGTH = 64 * 1024;

  /** Longest value: 256 MiB. */
  public static final int MAX_VALUE_LENGTH = 256 << 20;

  /** Largest batch: 1 GiB, encoded. */
  public static final int MAX_BYTES = 1 << 30;

  private static final int FIRST_CAPACITY = 256;

  private byte[] encoded;
  private int size;
  private int count;

  /** Creates an empty batch. */
  public WriteBatch() {
    encoded = new byte[FIRST_CAPACITY];
  }

  /**
   * Adds a put to the default family.
   *
   * @param key copied
   * @param value copied
   * @return this
   */
  public WriteBatch put(byte[] key, byte[] value) {
    return put(0, key, 0, key.length, value, 0, value.length);
  }

  /**
   * Adds a put.
   *
   * @param family the family
   * @param key copied
   * @param value copied
   * @return this
   */
  public WriteBatch put(ColumnFamily family, byte[] key, byte[] value) {
    return put(family.id(), key, 0, key.length, value, 0, value.length);
  }

  /**
   * Adds a put of parts of arrays.
   *
   * @param family the family
   * @param key holds the key
   * @param keyOffset where it starts
   * @param keyLength its length
   * @param value holds the value
   * @param valueOffset where it starts
   * @param valueLength its length
   * @return this
   */
  public WriteBatch put(
      ColumnFamily family,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    return put(family.id(), key, keyOffset, keyLength, value, valueOffset, valueLength);
  }

  /**
   * Adds a put from buffers.
   *
   * @param family the family
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   * @return this
   */
  public WriteBatch put(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    int keyLength = key.remaining();
    int valueLength = value.remaining();
    int at = begin(ValueKind.PUT, family.id(), keyLength, valueLength);
    key.get(key.position(), encoded, at, keyLength);
    value.get(value.position(), encoded, at + keyLength, valueLength);
    end(at + keyLength + valueLength);
    return this;
  }

  /**
   * Adds a removal from the default family.
   *
   * @param key copied
   * @return this
   */
  public WriteBatch delete(byte[] key) {
    return delete(0, key);
  }

  /**
   * Adds a removal.
   *
   * @param family the family
   * @param key copied
   * @return this
   */
  public WriteBatch delete(ColumnFamily family, byte[] key) {
    return delete(family.id(), key);
  }

  private WriteBatch put(
      int family, byte[] key, int ko, int keyLength, byte[] value, int vo, int valueLength) {
    int at = begin(ValueKind.PUT, family, keyLength, valueLength);
    System.arraycopy(key, ko, encoded, at, keyLength);
    System.arraycopy(value, vo, encoded, at + keyLength, valueLength);
    end(at + keyLength + valueLength);
    return this;
  }

  private WriteBatch delete(int family, byte[] key) {
    int at = begin(ValueKind.DELETE, family, key.length, 0);
    System.arraycopy(key, 0, encoded, at, key.length);
    end(at + key.length);
    return this;
  }

  /** Checks the bounds, makes room and writes the head; returns where the key belongs. */
  private int begin(int kind, int family, int keyLength, int valueLength) {
    if (keyLength > MAX_KEY_LENGTH) {
      throw new IllegalArgumentException(
          "key of " + keyLength + " bytes is longer than " + MAX_KEY_LENGTH);
    }
    if (valueLength > MAX_VALUE_LENGTH) {
      throw new IllegalArgumentException(
          "value of " + valueLength + " bytes is longer than " + MAX_VALUE_LENGTH);
    }
    long needed = (long) size + BatchFormat.MAX_OPERATION_OVERHEAD + keyLength + valueLength;
    if (needed > MAX_BYTES) {
      throw new IllegalArgumentException(
          "batch would exceed " + MAX_BYTES + " bytes; write it in parts");
    }
    if (needed > encoded.length) {
      long capacity = Math.min(Math.max(needed, encoded.length * 2L), MAX_BYTES);
      encoded = Arrays.copyOf(encoded, (int) capacity);
    }
    return BatchFormat.writeHead(encoded, size, kind, family, keyLength, valueLength);
  }

  private void end(int newSize) {
    size = newSize;
    count++;
  }

  /** Removes all changes; the memory is kept unless it is large. */
  public void clear() {
    size = 0;
    count = 0;
    if (encoded.length > 1 << 20) {
      encoded = new byte[FIRST_CAPACITY];
    }
  }

  /**
   * How many changes the batch holds.
   *
   * @return a count
   */
  public int count() {
    return count;
  }

  /**
   * Whether the batch holds no change.
   *
   * @return true when empty
   */
  public boolean isEmpty() {
    return count == 0;
  }

  /**
   * The encoded size.
   *
   * @return bytes
   */
  public int sizeInBytes() {
    return size;
  }

  /**
   * The encoded changes, for tools and for the engine.
   *
   * @return a read-only view of {@link #sizeInBytes()} bytes, valid until the batch changes
   */
  public ByteBuffer encoded() {
    return ByteBuffer.wrap(size == 0 ? Bytes.EMPTY : encoded, 0, size).asReadOnlyBuffer();
  }
}
