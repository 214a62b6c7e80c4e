package io.lsmdb;

/**
 * A named, separately tuned key space of a store; a {@link WriteBatch} changes several families as
 * one step.
 *
 * <p>Thread-safe. A handle needs no closing. There is one for each family, so handles are compared
 * by reference. Once its family is dropped or its store closed, each read and write throws {@link
 * DbClosedException}. A handle belongs to the store that returned it.
 */
public interface ColumnFamily extends Keyspace {
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
