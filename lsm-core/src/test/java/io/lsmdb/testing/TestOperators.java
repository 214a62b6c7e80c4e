package io.lsmdb.testing;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.MergeInput;
import io.lsmdb.MergeOperator;
import java.nio.ByteBuffer;

/** Merge operators that take any bytes, and show each fault in the order of operands. Stateless. */
public final class TestOperators {
  /** Joins the elements, and keeps the last 200 bytes: associative, but not commutative. */
  public static final MergeOperator JOINING = new Joining();

  /** Hashes the elements one after the other: cannot be combined. */
  public static final MergeOperator HASHING = new Hashing();

  private static final int MAX_JOINED = 200;

  private TestOperators() {}

  /**
   * What an operator makes of one operand.
   *
   * @param operator one of this class
   * @param base the older value, null if there is none
   * @param operand the operand
   * @return the value
   */
  public static byte[] apply(MergeOperator operator, byte[] base, byte[] operand) {
    return operator.merge(new Pair(base, operand));
  }

  private static final class Joining implements AssociativeMergeOperator {
    @Override
    public String name() {
      return "joining";
    }

    @Override
    public byte[] merge(MergeInput input) {
      int length = 0;
      for (int i = 0; i < input.size(); i++) {
        length += input.length(i);
      }
      ByteBuffer joined = ByteBuffer.allocate(length);
      for (int i = 0; i < input.size(); i++) {
        joined.put(input.view(i));
      }
      byte[] last = new byte[Math.min(length, MAX_JOINED)];
      joined.get(length - last.length, last);
      return last;
    }
  }

  private static final class Hashing implements MergeOperator {
    @Override
    public String name() {
      return "hashing";
    }

    @Override
    public byte[] merge(MergeInput input) {
      long hash = 1;
      int i = 0;
      if (input.hasBase() && input.length(0) == Long.BYTES) {
        hash = input.getLong(i++, 0);
      }
      for (; i < input.size(); i++) {
        byte[] element = new byte[input.length(i)];
        input.copy(i, element, 0);
        for (byte b : element) {
          hash = hash * 31 + b;
        }
        hash = hash * 31 + element.length;
      }
      return ByteBuffer.allocate(Long.BYTES).putLong(hash).array();
    }
  }

  /** An input of one operand. */
  private record Pair(byte[] base, byte[] operand) implements MergeInput {
    private byte[] element(int i) {
      return base != null && i == 0 ? base : operand;
    }

    @Override
    public byte[] key() {
      return new byte[0];
    }

    @Override
    public boolean hasBase() {
      return base != null;
    }

    @Override
    public int size() {
      return base == null ? 1 : 2;
    }

    @Override
    public int length(int element) {
      return element(element).length;
    }

    @Override
    public ByteBuffer view(int element) {
      return ByteBuffer.wrap(element(element));
    }

    @Override
    public void copy(int element, byte[] into, int at) {
      System.arraycopy(element(element), 0, into, at, length(element));
    }

    @Override
    public long getLong(int element, int at) {
      return ByteBuffer.wrap(element(element)).getLong(at);
    }

    @Override
    public boolean isExpired(long expiresAt) {
      return false;
    }
  }
}
