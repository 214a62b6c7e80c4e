package io.lsmdb.internal.merge;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.CorruptionException;
import io.lsmdb.MergeException;
import io.lsmdb.MergeOperator;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.Bytes;
import java.nio.ByteBuffer;

/**
 * The folding of gathered operands by a column family's operator: the only caller of operators.
 *
 * <p>Thread-safe.
 */
public final class Folding {
  /** In place of a value: all of its parts have expired. To be compared by identity. */
  public static final byte[] NOTHING = new byte[0];

  private final MergeOperator operator;
  private final String family;
  private final boolean expires;
  private final FoldLimits limits;

  /**
   * Binds an operator to a family, with the bounds that suit the heap.
   *
   * @param operator the operator
   * @param family name of the family, for messages
   */
  public Folding(MergeOperator operator, String family) {
    this(operator, family, FoldLimits.ofHeap(Runtime.getRuntime().maxMemory()));
  }

  /**
   * Binds an operator to a family.
   *
   * @param operator the operator
   * @param family name of the family, for messages
   * @param limits what flushes and compactions fold at most
   */
  public Folding(MergeOperator operator, String family, FoldLimits limits) {
    this.operator = operator;
    this.family = family;
    this.expires = operator.hasExpiringParts();
    this.limits = limits;
  }

  /**
   * The bounds on what flushes and compactions fold of one key.
   *
   * @return as given to the constructor
   */
  public FoldLimits limits() {
    return limits;
  }

  /**
   * The failure to fold a key of which there is too much.
   *
   * @param key the user key
   * @return says so
   */
  public MergeException tooLong(byte[] key) {
    return new MergeException(
        "the versions of key "
            + Bytes.shown(key, key.length)
            + " of column family "
            + family
            + " take more memory than the "
            + limits.gatheredBytes()
            + " bytes up to which a flush or compaction folds them; they stay as they are, and reads"
            + " fold them: give the JVM more heap, or spread the value over several keys",
        operator.name(),
        family,
        key,
        null);
  }

  /**
   * Checks that a family whose data holds an operand has an operator.
   *
   * @param folding its own, or null
   * @param source what the operand was read from, for errors
   * @return the same
   * @throws CorruptionException for null: such an operand was never written
   */
  public static Folding required(Folding folding, String source) {
    if (folding == null) {
      throw new CorruptionException(
          source, -1, "merge operand in a column family without merge operator");
    }
    return folding;
  }

  /**
   * Asks the operator whether it accepts an operand.
   *
   * @param array holds the operand
   * @param offset where it starts
   * @param length its length in bytes
   * @throws IllegalArgumentException if not
   */
  public void check(byte[] array, int offset, int length) {
    ByteBuffer operand = ByteBuffer.wrap(array, offset, length);
    boolean whole = length == array.length;
    operator.checkOperand((whole ? operand : operand.slice()).asReadOnlyBuffer());
  }

  /**
   * Whether any run of operands can be combined, the older value included.
   *
   * @return true for associative operators
   */
  public boolean isAssociative() {
    return operator instanceof AssociativeMergeOperator;
  }

  /**
   * Whether a value without operands is to be folded as well, since parts of it may have expired.
   *
   * @return false for most operators
   */
  public boolean expires() {
    return expires;
  }

  /**
   * Computes a key's value.
   *
   * @param operands settled
   * @return the value, or {@link #NOTHING}
   * @throws MergeException if the operator fails
   */
  public byte[] value(Operands operands) {
    try {
      byte[] value = operator.merge(operands);
      if (value == null && expires) {
        return NOTHING;
      }
      if (value == null) {
        throw new NullPointerException("the merged value");
      }
      return checked(value);
    } catch (Throwable e) { // of checked exceptions, too, which some languages do not declare
      throw failed(operands, e);
    }
  }

  /**
   * Combines operands whose older value is not known.
   *
   * @param operands not settled
   * @return the stored value of one entry that stands for all; null if they stay apart
   * @throws MergeException if the operator fails
   */
  public byte[] combined(Operands operands) {
    try {
      byte[] operand = operator.combine(operands);
      return operand == null
          ? null
          : StoredOperand.encode(operands.span(), checked(operand), 0, operand.length);
    } catch (Throwable e) { // of checked exceptions, too, which some languages do not declare
      throw failed(operands, e);
    }
  }

  private static byte[] checked(byte[] result) {
    if (result.length > BatchEncoder.MAX_OPERAND_LENGTH) {
      throw new IllegalStateException("a value of " + result.length + " bytes is too long");
    }
    return result;
  }

  private MergeException failed(Operands operands, Throwable cause) {
    byte[] key = operands.key();
    return new MergeException(
        "the merge operator "
            + operator.name()
            + " of column family "
            + family
            + " failed on the "
            + operands.size()
            + " elements of key "
            + Bytes.shown(key, key.length)
            + " ("
            + cause
            + "); they are unchanged in the store: mend the operator and try again, or put or delete"
            + " the key",
        operator.name(),
        family,
        key,
        cause);
  }
}
