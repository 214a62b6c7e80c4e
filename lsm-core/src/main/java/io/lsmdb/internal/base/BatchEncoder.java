package io.lsmdb.internal.base;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A growing batch in its encoded form, which {@link BatchFormat} describes.
 *
 * <p>Not thread-safe. The only place that checks the bounds of keys, values and batches.
 */
public final class BatchEncoder {
  /** Longest key in bytes. */
  public static final int MAX_KEY_LENGTH = BatchFormat.MAX_KEY_LENGTH;

  /** Longest value in bytes. */
  public static final int MAX_VALUE_LENGTH = BatchFormat.MAX_VALUE_LENGTH;

  /** Longest merge operand in bytes: its stored form must fit in a value. */
  public static final int MAX_OPERAND_LENGTH = MAX_VALUE_LENGTH - Varints.MAX_LONG_BYTES;

  /** Longest value in bytes that may have an expiry: its stored form must fit in a value. */
  public static final int MAX_EXPIRING_LENGTH = MAX_VALUE_LENGTH - Long.BYTES;

  /** Largest encoded batch in bytes. */
  public static final int MAX_BYTES = 1 << 30;

  private static final int FIRST_CAPACITY = 256;
  private static final int KEPT_CAPACITY = 1 << 20;

  private byte[] bytes = Bytes.EMPTY;
  private int size;
  private int count;
  private long payloadBytes;
  private StoreToken store;

  /** Creates an empty batch. */
  public BatchEncoder() {}

  /**
   * Adds a put.
   *
   * @param family id of the family
   * @param key holds the key
   * @param keyOffset where it starts
   * @param keyLength its length
   * @param value holds the value
   * @param valueOffset where it starts
   * @param valueLength its length
   */
  public void put(
      int family,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    add(ValueKind.PUT, family, key, keyOffset, keyLength, value, valueOffset, valueLength);
  }

  /**
   * Adds a put.
   *
   * @param family id of the family
   * @param key the key
   * @param value the value
   */
  public void put(int family, byte[] key, byte[] value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    add(ValueKind.PUT, family, key, 0, key.length, value, 0, value.length);
  }

  /**
   * Adds a put that expires.
   *
   * @param family id of the family
   * @param key the key
   * @param value the value
   * @param expiry in ms since 1970
   * @throws IllegalArgumentException if the value is so long that there is no room for the expiry
   */
  public void putExpiring(int family, byte[] key, byte[] value, long expiry) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    putExpiring(family, key, 0, key.length, value, 0, value.length, expiry);
  }

  /**
   * Adds a put that expires.
   *
   * @param family id of the family
   * @param key holds the key
   * @param keyOffset where it starts
   * @param keyLength its length
   * @param value holds the value
   * @param valueOffset where it starts
   * @param valueLength its length
   * @param expiry in ms since 1970
   * @throws IllegalArgumentException if the value is so long that there is no room for the expiry
   */
  public void putExpiring(
      int family,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength,
      long expiry) {
    if (valueLength > MAX_EXPIRING_LENGTH) {
      throw new IllegalArgumentException(
          "the expiring value has "
              + valueLength
              + " bytes; at most "
              + MAX_EXPIRING_LENGTH
              + " are allowed");
    }
    int stored = Long.BYTES + valueLength;
    int at = begin(ValueKind.PUT_EXPIRING, family, keyLength, stored);
    System.arraycopy(key, keyOffset, bytes, at, keyLength);
    at += keyLength;
    Bytes.putLong(bytes, at, Long.reverseBytes(expiry));
    System.arraycopy(value, valueOffset, bytes, at + Long.BYTES, valueLength);
    end(at + stored, keyLength + stored);
  }

  /**
   * Adds a copy of an operation.
   *
   * @param operation stands on it
   * @param array what the reader reads from
   */
  public void copy(BatchReader operation, byte[] array) {
    add(
        operation.kind(),
        operation.family(),
        array,
        operation.keyOffset(),
        operation.keyLength(),
        array,
        operation.valueOffset(),
        operation.valueLength());
  }

  /**
   * Adds a merge.
   *
   * @param family id of the family
   * @param key the key
   * @param operand the operand
   * @throws IllegalArgumentException if the operand is longer than a value may be after a fold
   */
  public void merge(int family, byte[] key, byte[] operand) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(operand, "operand");
    if (operand.length > MAX_OPERAND_LENGTH) {
      throw new IllegalArgumentException(
          "the operand has "
              + operand.length
              + " bytes; at most "
              + MAX_OPERAND_LENGTH
              + " are allowed");
    }
    add(ValueKind.MERGE, family, key, 0, key.length, operand, 0, operand.length);
  }

  private void add(
      int kind,
      int family,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    int at = begin(kind, family, keyLength, valueLength);
    System.arraycopy(key, keyOffset, bytes, at, keyLength);
    System.arraycopy(value, valueOffset, bytes, at + keyLength, valueLength);
    end(at + keyLength + valueLength, keyLength + valueLength);
  }

  /**
   * Adds a put from buffers, whose positions do not move.
   *
   * @param family id of the family
   * @param key the bytes from position to limit
   * @param value the bytes from position to limit
   */
  public void put(int family, ByteBuffer key, ByteBuffer value) {
    int keyLength = Objects.requireNonNull(key, "key").remaining();
    int valueLength = Objects.requireNonNull(value, "value").remaining();
    int at = begin(ValueKind.PUT, family, keyLength, valueLength);
    key.get(key.position(), bytes, at, keyLength);
    value.get(value.position(), bytes, at + keyLength, valueLength);
    end(at + keyLength + valueLength, keyLength + valueLength);
  }

  /**
   * Adds a removal.
   *
   * @param family id of the family
   * @param key the key
   */
  public void delete(int family, byte[] key) {
    remove(ValueKind.DELETE, family, key);
  }

  /**
   * Adds a removal of a key that was put once.
   *
   * @param family id of the family
   * @param key the key
   */
  public void singleDelete(int family, byte[] key) {
    remove(ValueKind.SINGLE_DELETE, family, key);
  }

  /**
   * Adds a removal of all keys of a range.
   *
   * @param family id of the family
   * @param from first key
   * @param to end, exclusive; null for no end
   * @throws IllegalArgumentException if {@code from} is above {@code to}
   */
  public void deleteRange(int family, byte[] from, byte[] to) {
    Objects.requireNonNull(from, "from");
    byte[] end = to == null ? Bytes.EMPTY : to;
    checkKey(end.length);
    if (to != null && Bytes.isEmptyRange(from, to)) {
      checkKey(from.length);
      return;
    }
    int at = begin(ValueKind.RANGE_DELETE, family, from.length, end.length);
    System.arraycopy(from, 0, bytes, at, from.length);
    System.arraycopy(end, 0, bytes, at + from.length, end.length);
    end(at + from.length + end.length, from.length + end.length);
  }

  private void remove(int kind, int family, byte[] key) {
    Objects.requireNonNull(key, "key");
    int at = begin(kind, family, key.length, 0);
    System.arraycopy(key, 0, bytes, at, key.length);
    end(at + key.length, key.length);
  }

  /** Checks the bounds, makes room and writes the head; returns where the key belongs. */
  private int begin(int kind, int family, int keyLength, int valueLength) {
    checkKey(keyLength);
    if (valueLength > MAX_VALUE_LENGTH) {
      throw new IllegalArgumentException(
          "the value has " + valueLength + " bytes; at most " + MAX_VALUE_LENGTH + " are allowed");
    }
    long needed = (long) size + BatchFormat.MAX_OPERATION_OVERHEAD + keyLength + valueLength;
    if (needed > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the batch would exceed " + MAX_BYTES + " bytes; write it in parts");
    }
    if (needed > bytes.length) {
      long capacity = Math.max(FIRST_CAPACITY, Math.max(needed, bytes.length * 2L));
      bytes = Arrays.copyOf(bytes, (int) Math.min(capacity, MAX_BYTES));
    }
    return BatchFormat.writeHead(bytes, size, kind, family, keyLength, valueLength);
  }

  private void end(int newSize, int payload) {
    size = newSize;
    count++;
    payloadBytes += payload;
  }

  /**
   * Checks a key that is written or looked up.
   *
   * @param key not null
   * @throws IllegalArgumentException if it is too long
   */
  public static void checkKey(byte[] key) {
    checkKey(Objects.requireNonNull(key, "key").length);
  }

  /**
   * Checks the length of a key that is written or looked up.
   *
   * @param keyLength its length in bytes
   * @throws IllegalArgumentException if it is too long
   */
  public static void checkKey(int keyLength) {
    if (keyLength > MAX_KEY_LENGTH) {
      throw new IllegalArgumentException(
          "the key has " + keyLength + " bytes; at most " + MAX_KEY_LENGTH + " are allowed");
    }
  }

  /** Removes all operations; the memory is kept unless it is large. */
  public void clear() {
    clear(KEPT_CAPACITY);
  }

  /**
   * Removes all operations.
   *
   * @param keptCapacity a larger array is not kept for those to come, in bytes
   */
  public void clear(int keptCapacity) {
    size = 0;
    count = 0;
    payloadBytes = 0;
    store = null;
    if (bytes.length > keptCapacity) {
      bytes = Bytes.EMPTY;
    }
  }

  /**
   * Removes the newest operations.
   *
   * @param toSize {@link #size()} as it was before them
   * @param toCount {@link #count()} as it was before them
   * @param toPayloadBytes {@link #payloadBytes()} as it was before them
   * @param toStore {@link #store()} as it was before them
   */
  public void truncate(int toSize, int toCount, long toPayloadBytes, StoreToken toStore) {
    size = toSize;
    count = toCount;
    payloadBytes = toPayloadBytes;
    store = toStore;
  }

  /**
   * The store of the families that were named when operations were added.
   *
   * @return null while none was named, as by changes to the default family of whatever store
   */
  public StoreToken store() {
    return store;
  }

  /**
   * Notes the store of a family to which an operation was added.
   *
   * @param owner the only one from now on
   */
  public void belongTo(StoreToken owner) {
    store = owner;
  }

  /**
   * The encoded operations.
   *
   * @return holds them from index 0 to {@link #size()}; not to be changed
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * The encoded size.
   *
   * @return bytes
   */
  public int size() {
    return size;
  }

  /**
   * How many operations there are.
   *
   * @return a count
   */
  public int count() {
    return count;
  }

  /**
   * The length of all keys and values.
   *
   * @return bytes
   */
  public long payloadBytes() {
    return payloadBytes;
  }
}
