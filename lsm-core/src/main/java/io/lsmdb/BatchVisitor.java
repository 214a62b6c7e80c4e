package io.lsmdb;

import org.jspecify.annotations.Nullable;

/**
 * The receiver of the changes of a {@link WriteBatch}, one call for each.
 *
 * <p>Called by the thread that visits the batch. Families are given by their {@linkplain
 * ColumnFamily#id ids}; 0 is the default one. Arrays belong to the visitor. Changes of kinds that a
 * visitor does not expect are refused with {@link UnsupportedOperationException}.
 */
public interface BatchVisitor {
  /**
   * Visits a put.
   *
   * @param family the family's id
   * @param key the key
   * @param value the value
   */
  void put(int family, byte[] key, byte[] value);

  /**
   * Visits a removal.
   *
   * @param family the family's id
   * @param key the key
   */
  void delete(int family, byte[] key);

  /**
   * Visits a put that has an expiry of its own. Refused unless overridden.
   *
   * @param family the family's id
   * @param key the key
   * @param value the value
   * @param expiryMillis as for {@link WriteBatch#put(ColumnFamily, byte[], byte[], long)}
   */
  default void put(int family, byte[] key, byte[] value, long expiryMillis) {
    throw new UnsupportedOperationException("the visitor takes no put with an expiry");
  }

  /**
   * Visits a removal of a key that was put once. Does what {@link #delete} does unless overridden.
   *
   * @param family the family's id
   * @param key the key
   */
  default void singleDelete(int family, byte[] key) {
    delete(family, key);
  }

  /**
   * Visits a removal of a range. Refused unless overridden.
   *
   * @param family the family's id
   * @param from the first key
   * @param to end of the range, exclusive; null for no end
   */
  default void deleteRange(int family, byte[] from, byte @Nullable [] to) {
    throw new UnsupportedOperationException("the visitor takes no removal of a range");
  }

  /**
   * Visits a merge. Refused unless overridden.
   *
   * @param family the family's id
   * @param key the key
   * @param operand the operand
   */
  default void merge(int family, byte[] key, byte[] operand) {
    throw new UnsupportedOperationException("the visitor takes no merge");
  }
}
