package io.lsmdb.operators;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.MergeInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.LongBinaryOperator;

/**
 * Operators over signed 64-bit numbers.
 *
 * <p>Values and operands are numbers of eight bytes, big-endian; see {@link #encode}. A key that is
 * absent takes the operand as its value. Thread-safe.
 */
public final class LongOperator implements AssociativeMergeOperator {
  /** Adds: a counter. Overflow wraps around, as in {@code long} arithmetic. */
  public static final LongOperator SUM = new LongOperator("lsmdb.long.sum", Long::sum);

  /** Keeps the smallest number. */
  public static final LongOperator MIN = new LongOperator("lsmdb.long.min", Math::min);

  /** Keeps the largest number. */
  public static final LongOperator MAX = new LongOperator("lsmdb.long.max", Math::max);

  private final String name;
  private final LongBinaryOperator operation;

  private LongOperator(String name, LongBinaryOperator operation) {
    this.name = name;
    this.operation = operation;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void checkOperand(ByteBuffer operand) {
    decode(operand);
  }

  @Override
  public byte[] merge(MergeInput input) {
    long result = number(input, 0);
    for (int i = 1; i < input.size(); i++) {
      result = operation.applyAsLong(result, number(input, i));
    }
    return encode(result);
  }

  private static long number(MergeInput input, int element) {
    checkLength(input.length(element));
    return input.getLong(element, 0);
  }

  private static void checkLength(int length) {
    if (length != Long.BYTES) {
      throw new IllegalArgumentException("a number has 8 bytes, but this has " + length);
    }
  }

  /**
   * Encodes an operand or value.
   *
   * @param number any
   * @return eight bytes, big-endian
   */
  public static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /**
   * Decodes a value.
   *
   * @param value what {@code get} returned
   * @return the number
   * @throws IllegalArgumentException unless it has eight bytes
   */
  public static long decode(byte[] value) {
    return decode(ByteBuffer.wrap(value));
  }

  /**
   * Decodes a value in place, as in {@code db.get(key, LongOperator::decode)}.
   *
   * @param value from its position to its limit, which do not move; of either byte order
   * @return the number
   * @throws IllegalArgumentException unless it has eight bytes
   */
  public static long decode(ByteBuffer value) {
    checkLength(value.remaining());
    long number = value.getLong(value.position());
    return value.order() == ByteOrder.BIG_ENDIAN ? number : Long.reverseBytes(number);
  }
}
