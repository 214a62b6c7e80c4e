package io.lsmdb.internal.base;

import java.util.List;

/**
 * The way of the public API to a column family's store and to its merge operator, which the engine
 * calls.
 *
 * <p>Thread-safe. Implemented by every family of a store.
 */
public interface OwnedFamily {
  /**
   * The store that the family belongs to.
   *
   * @return compared by reference
   */
  StoreToken store();

  /**
   * Checks that the family can still be used.
   *
   * @throws RuntimeException if it has been dropped or its store closed
   */
  void checkUsable();

  /**
   * Asks the family's operator whether it accepts an operand.
   *
   * @param array holds the operand
   * @param offset where it starts
   * @param length its length in bytes
   * @throws IllegalArgumentException if not, or if the family has no merge operator
   */
  void checkOperand(byte[] array, int offset, int length);

  /**
   * Folds operands into a value. No part of it expires by that: no clock is asked.
   *
   * @param key the key, for messages
   * @param base the older value, null if there is none
   * @param operands newest first; at least one, unless there is a base
   * @return the new value, null if nothing is left of it
   */
  byte[] fold(byte[] key, byte[] base, List<byte[]> operands);
}
