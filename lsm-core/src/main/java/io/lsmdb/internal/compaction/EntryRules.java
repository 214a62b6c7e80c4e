package io.lsmdb.internal.compaction;

import io.lsmdb.CompactionFilter;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.merge.Folding;

/**
 * What a family's settings say of its entries when they are rewritten. Immutable.
 *
 * @param folding the merge operator, null for none
 * @param now the clock by which entries expire, in ms
 * @param filter decides on values in compactions, null for none
 */
public record EntryRules(Folding folding, long now, Filter filter) {
  /** The rules of a family without any. */
  public static final EntryRules NONE = new EntryRules(null, Expiry.BEFORE_ALL, null);

  /**
   * A compaction filter at work.
   *
   * @param filter the family's
   * @param family its name
   */
  public record Filter(CompactionFilter filter, String family) {}

  /** The rules of a flush, which must not fail where the operator does. */
  EntryRules lenient() {
    return folding == null ? this : new EntryRules(folding.lenient(), now, filter);
  }

  /**
   * The same rules without the filter.
   *
   * @return a copy
   */
  public EntryRules withoutFilter() {
    return new EntryRules(folding, now, null);
  }
}
