package io.lsmdb;

import java.nio.ByteBuffer;

/**
 * What a {@link MergeOperator} folds: elements from the oldest to the newest, of which the first
 * may be the value that the key had before.
 *
 * <p>Valid during the call only, and used by one thread. Methods throw {@link
 * IndexOutOfBoundsException} for an element that there is not, or a place outside of it.
 */
public interface MergeInput {
  /**
   * The key whose value is made.
   *
   * @return a copy
   */
  byte[] key();

  /**
   * Whether element 0 is the older value of the key rather than an operand.
   *
   * @return false if the key was absent, and where operands alone are combined
   */
  boolean hasBase();

  /**
   * How many elements there are, the older value included.
   *
   * @return at least 1
   */
  int size();

  /**
   * Length of an element.
   *
   * @param element 0 to {@link #size()} - 1
   * @return bytes
   */
  int length(int element);

  /**
   * An element in place, without a copy.
   *
   * @param element 0 to {@link #size()} - 1
   * @return read-only, from its position 0 to its limit; big-endian; not to be kept
   */
  ByteBuffer view(int element);

  /**
   * Copies a whole element.
   *
   * @param element 0 to {@link #size()} - 1
   * @param into receives it
   * @param at where in {@code into} it is to start
   */
  void copy(int element, byte[] into, int at);

  /**
   * Reads a number out of an element without making anything.
   *
   * @param element 0 to {@link #size()} - 1
   * @param at where it starts in the element
   * @return eight bytes, big-endian
   */
  long getLong(int element, int at);
}
