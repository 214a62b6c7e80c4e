package io.lsmdb.internal.compaction;

import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.merge.Folding;

/**
 * What a family's settings say of its entries when they are rewritten. Immutable.
 *
 * @param folding the merge operator, null for none
 * @param now the clock by which entries expire, in ms
 */
public record EntryRules(Folding folding, long now) {
  /** The rules of a family without any. */
  public static final EntryRules NONE = new EntryRules(null, Expiry.BEFORE_ALL);

  /** The rules of a flush, which must not fail where the operator does. */
  EntryRules lenient() {
    return folding == null ? this : new EntryRules(folding.lenient(), now);
  }
}
