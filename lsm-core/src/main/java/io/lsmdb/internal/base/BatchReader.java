package io.lsmdb.internal.base;

/**
 * A cursor over the operations of an encoded batch.
 *
 * <p>Not thread-safe; reused by resetting. It never reads outside its range, whatever the bytes.
 */
public final class BatchReader {
  private byte[] array = Bytes.EMPTY;
  private int next;
  private int end;

  private int last; // what number() read
  private int kind;
  private int family;
  private int keyOffset;
  private int keyLength;
  private int valueOffset;
  private int valueLength;

  /** Creates a cursor over nothing. */
  public BatchReader() {}

  /**
   * Starts over a range.
   *
   * @param bytes holds the operations
   * @param offset where they start
   * @param length how many bytes
   * @return this
   */
  public BatchReader reset(byte[] bytes, int offset, int length) {
    array = bytes;
    next = offset;
    end = offset + length;
    return this;
  }

  /**
   * Whether another operation follows.
   *
   * @return false at the end
   */
  public boolean hasNext() {
    return next < end;
  }

  /**
   * Moves to the next operation.
   *
   * @return null when it is well-formed, else what is wrong with it; the cursor must not be used
   *     further then
   */
  public String next() {
    int at = next;
    kind = array[at] & 0xFF;
    if (!ValueKind.isOperation(kind)) {
      return "operation of unknown kind " + kind;
    }
    at = number(at + 1);
    family = last;
    if (at < 0) {
      return "malformed family id";
    }
    at = number(at);
    keyLength = last;
    if (at < 0) {
      return "malformed key length";
    }
    valueLength = 0;
    if (!ValueKind.isTombstone(kind)) {
      at = number(at);
      valueLength = last;
      if (at < 0) {
        return "malformed value length";
      }
    }
    if (kind == ValueKind.PUT_EXPIRING && valueLength < Long.BYTES) {
      return "expiring value without expiry";
    }
    if (keyLength > end - at || valueLength > end - at - keyLength) {
      return "operation reaches beyond its record";
    }
    if (keyLength > BatchFormat.MAX_KEY_LENGTH || valueLength > BatchFormat.MAX_VALUE_LENGTH) {
      return "key or value longer than allowed";
    }
    keyOffset = at;
    valueOffset = at + keyLength;
    next = valueOffset + valueLength;
    return kind == ValueKind.RANGE_DELETE && isEmptyRange() ? "empty range to be deleted" : null;
  }

  private boolean isEmptyRange() {
    return valueLength > 0
        && Bytes.compare(array, keyOffset, keyLength, array, valueOffset, valueLength) >= 0;
  }

  /** Reads a varint into {@link #last}; returns the offset behind it, or -1. */
  private int number(int at) {
    int after = Varints.end(array, at, end, Varints.MAX_INT_BYTES);
    if (after < 0) {
      return -1;
    }
    last = Varints.readInt(array, at);
    return last < 0 ? -1 : after;
  }

  /**
   * Kind of the current operation.
   *
   * @return a supported {@link ValueKind}
   */
  public int kind() {
    return kind;
  }

  /**
   * Family of the current operation.
   *
   * @return its id
   */
  public int family() {
    return family;
  }

  /**
   * Where the key starts.
   *
   * @return offset in the array given to {@link #reset}
   */
  public int keyOffset() {
    return keyOffset;
  }

  /**
   * Length of the key.
   *
   * @return bytes
   */
  public int keyLength() {
    return keyLength;
  }

  /**
   * Where the value starts.
   *
   * @return offset in the array given to {@link #reset}
   */
  public int valueOffset() {
    return valueOffset;
  }

  /**
   * Length of the value.
   *
   * @return bytes; 0 for tombstones
   */
  public int valueLength() {
    return valueLength;
  }
}
