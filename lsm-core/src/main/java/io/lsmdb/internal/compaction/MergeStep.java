package io.lsmdb.internal.compaction;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.merge.Folding;

/**
 * The part that a merge operator has in the rewriting of entries: what survives of a key from its
 * first operand on, without parts that have expired.
 *
 * <p>Not thread-safe; owned by one {@link CompactionIterator}, whose input, stripes and range
 * tombstones these are.
 *
 * <ol>
 *   <li>Versions that range tombstones hide from everybody take no part; all others are for the
 *       {@link MergeGroup} to fold or to keep.
 *   <li>After {@link #take} the input stands behind the key, and what survives is shown by {@link
 *       #next}, the newest first.
 *   <li>Each version that was taken in is shown, part of one that is, or counted.
 * </ol>
 */
final class MergeStep {
  private final InputVersions input;
  private final Stripes stripes;
  private final RangeStep ranges;
  private final MergeGroup group; // null in a family without operator
  private final AgingStep aging; // null where no parts of values expire

  private long hiddenDropped;
  private long tombstonesDropped;

  MergeStep(InputVersions input, Stripes stripes, RangeStep ranges, EntryRules rules) {
    this.input = input;
    this.stripes = stripes;
    this.ranges = ranges;
    Folding folding = rules.folding();
    this.group = folding == null ? null : new MergeGroup(folding, rules.now());
    this.aging = folding == null || !folding.expires() ? null : new AgingStep(folding, rules.now());
  }

  /** Drops what has expired of the put that the input stands on, where parts of values expire. */
  void age() {
    if (aging != null) {
      input.decide(aging);
    }
  }

  /**
   * Takes in the versions of the key from the input's current one on, which is an operand.
   *
   * @param firstStripe that of the current one
   * @param bottom whether no version of the key is older than the input's
   * @param filter to be asked about what the newest ones give; null for none
   */
  void take(int firstStripe, boolean bottom, FilterStep filter) {
    if (group == null) {
      throw new CorruptionException(
          input.source(), -1, "merge operand in a column family without merge operator");
    }
    group.clear();
    int stripe = firstStripe;
    boolean hidden = false;
    while (true) {
      if (!hidden) {
        group.add(
            stripe,
            ranges.hiddenFrom(),
            input.trailer(),
            input.valueArray(),
            input.valueOffset(),
            input.valueLength());
      }
      input.next();
      if (!input.isValid() || input.isNewKey()) {
        break;
      }
      input.enter();
      stripe = stripes.of(input.sequence());
      hidden = ranges.hides(input.sequence(), stripe);
    }
    int tombstones = group.fold(input.key(), input.keyLength(), bottom);
    if (filter != null) {
      tombstones += group.filter(filter, input.key(), input.keyLength(), bottom);
    }
    tombstonesDropped += tombstones;
    hiddenDropped += group.taken() - group.size() - tombstones;
  }

  /** Moves to the next survivor; false when all were shown. */
  boolean next() {
    return group.next();
  }

  long trailer() {
    return group.trailer();
  }

  byte[] value() {
    return group.value();
  }

  /** The first stripe whose readers do not see the entry for a range tombstone. */
  int hiddenFrom() {
    return group.hiddenFrom();
  }

  /** How many versions went into others, or were hidden by them. */
  long hiddenDropped() {
    return hiddenDropped;
  }

  /** How many tombstones went because they hid nothing. */
  long tombstonesDropped() {
    return tombstonesDropped;
  }

  /** The latest expiry of such a part; {@link Expiry#BEFORE_ALL} if there was none. */
  long latestAged() {
    return aging == null
        ? Expiry.BEFORE_ALL
        : Math.max(aging.latestLeftOut(), group.latestLeftOut());
  }

  /** How many entries were rid of parts that had expired. */
  long aged() {
    return aging == null ? 0 : aging.aged() + group.aged();
  }
}
