package io.lsmdb.internal.base;

/**
 * The kinds of entry that a key can have, with their frozen on-disk numbers.
 *
 * <p>Stateless. The number is the low byte of an entry's trailer ({@code sequence << 8 | kind}); it
 * is never reused or renumbered. Among entries of one user key and one sequence number there is
 * only one, so the order of the numbers carries no meaning beyond {@link #MAX} being the largest.
 */
public final class ValueKind {
  /** Key and value. */
  public static final int PUT = 1;

  /** Tombstone: hides every older version of the key. */
  public static final int DELETE = 2;

  /** Tombstone for a key that was put exactly once. */
  public static final int SINGLE_DELETE = 3;

  /**
   * Merge operand. In the log the value is the operand; in memtables and tables it begins with a
   * varint, the number of sequences that the operand stands for.
   */
  public static final int MERGE = 4;

  /**
   * Range tombstone: the key is the start, the value the exclusive end, or empty for no end. An
   * operation of batches and the log only: it is no entry of a memtable or a table.
   */
  public static final int RANGE_DELETE = 5;

  /**
   * As {@link #PUT}; the value begins with eight bytes, the expiry in ms since 1970, big-endian.
   */
  public static final int PUT_EXPIRING = 6;

  /**
   * Reserved: as {@link #MERGE}; the value begins with eight bytes of expiry as in {@link
   * #PUT_EXPIRING}. Refused by this version.
   */
  public static final int MERGE_EXPIRING = 7;

  /** Reserved: the value names where the real value is stored. Refused by this version. */
  public static final int VALUE_REFERENCE = 8;

  /** Larger than every kind: a search for (key, sequence, MAX) finds the newest visible version. */
  public static final int MAX = 0xFF;

  private ValueKind() {}

  /**
   * Whether the number names a kind of entry that this version can store and read.
   *
   * @param kind a number read from a file
   * @return true for {@link #PUT}, {@link #DELETE}, {@link #SINGLE_DELETE}, {@link #MERGE} and
   *     {@link #PUT_EXPIRING}
   */
  public static boolean isSupported(int kind) {
    return (kind >= PUT && kind <= MERGE) || kind == PUT_EXPIRING;
  }

  /**
   * Whether the number names an operation that a batch may have.
   *
   * @param kind a number read from a file
   * @return true for the kinds of entry, and for {@link #RANGE_DELETE}
   */
  public static boolean isOperation(int kind) {
    return isSupported(kind) || kind == RANGE_DELETE;
  }

  /**
   * Whether an operation may make a key visible that was not.
   *
   * @param kind a kind of operation
   * @return false for tombstones of all kinds
   */
  public static boolean isVisible(int kind) {
    return !isTombstone(kind) && kind != RANGE_DELETE;
  }

  /**
   * Whether an entry of this kind holds a whole value.
   *
   * @param kind a supported kind
   * @return true for {@link #PUT} and {@link #PUT_EXPIRING}
   */
  public static boolean isPut(int kind) {
    return kind == PUT || kind == PUT_EXPIRING;
  }

  /**
   * Whether an entry of this kind says that the key is absent.
   *
   * @param kind a supported kind
   * @return true for the point tombstones
   */
  public static boolean isTombstone(int kind) {
    return kind == DELETE || kind == SINGLE_DELETE;
  }
}
