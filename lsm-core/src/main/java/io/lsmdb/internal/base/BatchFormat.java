package io.lsmdb.internal.base;

/**
 * The encoding of a batch: its operations back to back, in the form that log records carry.
 *
 * <p>Stateless. An operation is: kind (1 byte, see {@link ValueKind}), family id (varint), key
 * length (varint), value length (varint, absent for tombstones), key, value. The i-th operation of
 * a record has the record's first sequence plus i. See docs/log-format.md.
 */
public final class BatchFormat {
  /** Longest key in bytes. */
  public static final int MAX_KEY_LENGTH = 64 << 10;

  /** Longest value in bytes. */
  public static final int MAX_VALUE_LENGTH = 256 << 20;

  /** The most bytes that an operation takes beside key and value. */
  public static final int MAX_OPERATION_OVERHEAD = 1 + 3 * Varints.MAX_INT_BYTES;

  private BatchFormat() {}

  /**
   * Writes the head of an operation, after which key and value follow.
   *
   * @param to the target with room for {@link #MAX_OPERATION_OVERHEAD}
   * @param at offset
   * @param kind a {@link ValueKind}
   * @param family the family's id
   * @param keyLength length of the key
   * @param valueLength length of the value, ignored for tombstones
   * @return offset where the key belongs
   */
  public static int writeHead(
      byte[] to, int at, int kind, int family, int keyLength, int valueLength) {
    to[at] = (byte) kind;
    int p = Varints.writeInt(family, to, at + 1);
    p = Varints.writeInt(keyLength, to, p);
    return ValueKind.isTombstone(kind) ? p : Varints.writeInt(valueLength, to, p);
  }

  /**
   * How many bytes an operation takes.
   *
   * @param kind a {@link ValueKind}
   * @param family the family's id
   * @param keyLength length of the key
   * @param valueLength length of the value, 0 for tombstones
   * @return head, key and value together
   */
  public static long size(int kind, int family, int keyLength, int valueLength) {
    int valueHead = ValueKind.isTombstone(kind) ? 0 : Varints.size(valueLength);
    int head = 1 + Varints.size(family) + Varints.size(keyLength) + valueHead;
    return (long) head + keyLength + valueLength;
  }
}
