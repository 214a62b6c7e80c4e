package io.lsmdb.internal.compaction;

import io.lsmdb.CompactionFilter;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.range.RangeTombstones;

/**
 * What is to be known of a family when its entries are rewritten. Immutable.
 *
 * @param folding the merge operator, null for none
 * @param now the clock by which entries expire, in ms
 * @param filter decides on values in compactions, null for none
 * @param ranges the range tombstones that may hide entries; a snapshot that sees one and not
 *     another is among those that the job goes by
 */
public record DropRules(Folding folding, long now, Filter filter, RangeTombstones ranges) {
  /** The rules of a family without any. */
  public static final DropRules NONE = new DropRules(null, Expiry.BEFORE_ALL, null);

  /**
   * A compaction filter at work.
   *
   * @param filter the family's
   * @param family its name
   */
  public record Filter(CompactionFilter filter, String family) {}

  /**
   * The rules where no range tombstones are known.
   *
   * @param folding the merge operator, null for none
   * @param now the clock by which entries expire, in ms
   * @param filter decides on values in compactions, null for none
   */
  public DropRules(Folding folding, long now, Filter filter) {
    this(folding, now, filter, RangeTombstones.EMPTY);
  }

  /**
   * The same rules without the filter.
   *
   * @return a copy
   */
  public DropRules withoutFilter() {
    return new DropRules(folding, now, null, ranges);
  }

  /**
   * The same rules for entries that range tombstones may hide.
   *
   * @param tombstones all that have a part in the job
   * @return a copy
   */
  public DropRules hidingBy(RangeTombstones tombstones) {
    return new DropRules(folding, now, filter, tombstones);
  }
}
