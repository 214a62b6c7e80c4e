package io.lsmdb.operators;

import io.lsmdb.AssociativeMergeOperator;
import io.lsmdb.MergeInput;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * Appends elements of any bytes to lists; a list is read with {@link ListReader}.
 *
 * <p>Values and operands are lists alike: {@code db.merge(key, ListAppend.encode(element))} appends
 * one element to the list of the key, or begins it. Thread-safe.
 *
 * <p>Each element is stored as its length, its bytes, and its length again backwards, so that a
 * list can be read from either end. Lengths are little-endian base-128 numbers of one to five
 * bytes; the second one is reversed byte by byte.
 */
public final class ListAppend implements AssociativeMergeOperator {
  /** The operator, by the name "lsmdb.list.append". */
  public static final ListAppend OPERATOR = new ListAppend();

  private ListAppend() {}

  @Override
  public String name() {
    return "lsmdb.list.append";
  }

  @Override
  public void checkOperand(ByteBuffer operand) {
    ListReader.of(operand).count();
  }

  @Override
  public byte[] merge(MergeInput input) {
    int length = 0;
    for (int i = 0; i < input.size(); i++) {
      length = Math.addExact(length, input.length(i));
    }
    byte[] list = new byte[length];
    int at = 0;
    for (int i = 0; i < input.size(); i++) {
      input.copy(i, list, at);
      at += input.length(i);
    }
    return list;
  }

  /**
   * Encodes a list of one element.
   *
   * @param element copied
   * @return an operand or value
   */
  public static byte[] encode(byte[] element) {
    return encode(List.of(element));
  }

  /**
   * Encodes a list.
   *
   * @param elements copied; none for an empty list
   * @return an operand or value
   */
  public static byte[] encode(Collection<byte[]> elements) {
    int length = 0;
    for (byte[] element : elements) {
      length = Math.addExact(length, encodedLength(element.length));
    }
    byte[] list = new byte[length];
    int at = 0;
    for (byte[] element : elements) {
      at = append(element, list, at);
    }
    return list;
  }

  /** Bytes that an element of a length takes in a list. */
  static int encodedLength(int length) {
    return Math.addExact(length, 2 * lengthBytes(length));
  }

  private static int lengthBytes(int length) {
    return (38 - Integer.numberOfLeadingZeros(length | 1)) / 7;
  }

  private static int append(byte[] element, byte[] list, int start) {
    int bytes = lengthBytes(element.length);
    int end = start + 2 * bytes + element.length;
    int rest = element.length;
    for (int i = 0; i < bytes; i++) {
      byte b = (byte) (i < bytes - 1 ? rest | 0x80 : rest);
      list[start + i] = b;
      list[end - 1 - i] = b;
      rest >>>= 7;
    }
    System.arraycopy(element, 0, list, start + bytes, element.length);
    return end;
  }
}
