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

  /**
   * Whether a part of a value has expired, by the clock of the column family. The operator then
   * leaves it out; no later reader sees it either, even if the clock goes back. Meant for operators
   * whose {@linkplain MergeOperator#hasExpiringParts() values have such parts}: for others nothing
   * ever expires, and neither does anything where operands are combined as they are written.
   *
   * @param expiresAt ms since the epoch, or whatever the {@link TimeSource} of the store counts
   * @return false up to that moment, true from it on
   */
  boolean isExpired(long expiresAt);
}
