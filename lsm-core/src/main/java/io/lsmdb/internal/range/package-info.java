/**
 * Range tombstones: deletions of all keys from one to another, kept apart from the entries that
 * they hide.
 *
 * <p>A range tombstone with sequence t hides an entry of a key in its range with sequence s from
 * whoever reads at sequence r, if s &lt; t and t &lt;= r. The ranges of many tombstones overlap, so
 * they are kept as <em>pieces</em>: the keys are cut at every bound of a range, and each piece has
 * the sequences of all tombstones that cover it.
 */
package io.lsmdb.internal.range;
