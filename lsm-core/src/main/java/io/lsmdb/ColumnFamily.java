package io.lsmdb;

/**
 * A named, separately tuned key space of a store; writes to several families can be atomic.
 *
 * <p>Thread-safe. A handle needs no closing. Once its family is dropped or its store closed, each
 * call with it throws {@link DbClosedException}. A handle belongs to the store that returned it.
 */
public interface ColumnFamily {
  /**
   * The family's name.
   *
   * @return unique among the living families of its store, never empty
   */
  String name();

  /**
   * The family's number, which is never given to another family of the same store.
   *
   * @return 0 for the default family
   */
  int id();

  /**
   * The settings that the family has since the store was opened, or the family created.
   *
   * @return immutable
   */
  ColumnFamilyOptions options();
}
