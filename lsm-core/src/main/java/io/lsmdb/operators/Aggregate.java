package io.lsmdb.operators;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.MergeInput;
import java.nio.ByteBuffer;

/**
 * Count, sum, minimum and maximum of numbers, which {@link #OPERATOR} keeps up to date.
 *
 * <p>Operands are aggregates as well: {@code db.merge(key, Aggregate.of(17).encode())}. Encoded as
 * four numbers of eight bytes, big-endian, in the order of the components.
 *
 * @param count how many numbers; at least 1
 * @param sum of all; wraps around on overflow, as in {@code long} arithmetic
 * @param min the smallest
 * @param max the largest
 */
public record Aggregate(long count, long sum, long min, long max) {
  /** The operator, by the name "lsmdb.aggregate". */
  public static final AssociativeMergeOperator OPERATOR = new Operator();

  private static final int BYTES = 4 * Long.BYTES;

  /**
   * The aggregate of one number.
   *
   * @param number any
   * @return an operand
   */
  public static Aggregate of(long number) {
    return new Aggregate(1, number, number, number);
  }

  /**
   * The aggregate of what two stand for.
   *
   * @param other another one
   * @return both together
   */
  public Aggregate plus(Aggregate other) {
    return new Aggregate(
        count + other.count, sum + other.sum, Math.min(min, other.min), Math.max(max, other.max));
  }

  /**
   * The mean of the numbers.
   *
   * @return sum by count
   */
  public double mean() {
    return (double) sum / count;
  }

  /**
   * Encodes it as an operand or value.
   *
   * @return 32 bytes
   */
  public byte[] encode() {
    return ByteBuffer.allocate(BYTES).putLong(count).putLong(sum).putLong(min).putLong(max).array();
  }

  /**
   * Decodes a value.
   *
   * @param value what {@code get} returned
   * @return the aggregate
   * @throws IllegalArgumentException if it is none
   */
  public static Aggregate decode(byte[] value) {
    return decode(ByteBuffer.wrap(value));
  }

  /**
   * Decodes a value in place, as in {@code db.get(key, Aggregate::decode)}.
   *
   * @param value from its position to its limit, which do not move
   * @return the aggregate
   * @throws IllegalArgumentException if it is none
   */
  public static Aggregate decode(ByteBuffer value) {
    checkLength(value.remaining());
    ByteBuffer from = value.duplicate(); // which is big-endian again
    return new Aggregate(from.getLong(), from.getLong(), from.getLong(), from.getLong());
  }

  private static void checkLength(int length) {
    if (length != BYTES) {
      throw new IllegalArgumentException("an aggregate has 32 bytes, but this has " + length);
    }
  }

  private static final class Operator implements AssociativeMergeOperator {
    @Override
    public String name() {
      return "lsmdb.aggregate";
    }

    @Override
    public void checkOperand(ByteBuffer operand) {
      decode(operand);
    }

    @Override
    public byte[] merge(MergeInput input) {
      Aggregate all = element(input, 0);
      for (int i = 1; i < input.size(); i++) {
        all = all.plus(element(input, i));
      }
      return all.encode();
    }

    private static Aggregate element(MergeInput input, int i) {
      checkLength(input.length(i));
      return new Aggregate(
          input.getLong(i, 0), input.getLong(i, 8), input.getLong(i, 16), input.getLong(i, 24));
    }
  }
}
