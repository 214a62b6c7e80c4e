package io.lsmdb.internal.compaction;

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
 *   <li>After {@link #take} what survives is shown by {@link #next}, the newest first; then the
 *       input stands behind the key.
 *   <li>Each version that was taken in is shown, part of one that is, or counted.
 *   <li>A key of which more is needed than may be gathered comes out as it went in; from the
 *       version on for which there was no room, the input stands on what is shown.
 * </ol>
 */
final class MergeStep {
  private final KeyVersions input;
  private final Stripes stripes;
  private final RangeStep ranges;
  // All null in a family without operator.
  private final Folding operator;
  private final SafeFolding folding;
  private final MergeGroup group;
  private final ElementTtlStep aging; // null where no parts of values expire

  // Of the version that the input stands on.
  private int stripe;

  /** Whether versions are shown right from the input, once the group has shown its own. */
  private boolean passing;

  /** Whether the input stands on a version that is to be shown, not on one that was. */
  private boolean waits;

  private long hiddenDropped;
  private long tombstonesDropped;

  MergeStep(KeyVersions input, Stripes stripes, RangeStep ranges, DropRules rules) {
    this.input = input;
    this.stripes = stripes;
    this.ranges = ranges;
    this.operator = rules.folding();
    this.folding = operator == null ? null : new SafeFolding(operator);
    this.group = operator == null ? null : new MergeGroup(folding, operator.limits(), rules.now());
    this.aging =
        operator == null || !operator.expires() ? null : new ElementTtlStep(folding, rules.now());
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
    Folding.required(operator, input.source());
    group.begin(input.key(), input.keyLength());
    stripe = firstStripe;
    passing = false;
    boolean more = true;
    while (more && !passing) {
      if (isNeeded()) {
        passing = !add();
      }
      more = passing || nextVersion();
    }
    if (passing) {
      waits = true;
      folding.tooLong(input.key(), input.keyLength());
      group.keep();
      hiddenDropped += group.taken() - group.size();
      return;
    }
    int tombstones = group.fold(bottom);
    if (filter != null) {
      tombstones += group.filter(filter, bottom);
    }
    tombstonesDropped += tombstones;
    hiddenDropped += group.taken() - group.size() - tombstones;
  }

  /** Whether the version is of use to readers of its stripe; counts it if not. */
  private boolean isNeeded() {
    boolean needed =
        group.needs(
            stripe, input.trailer(), input.valueArray(), input.valueOffset(), input.valueLength());
    hiddenDropped += needed ? 0 : 1;
    return needed;
  }

  /** Takes the version in; false if there is no room for it. */
  private boolean add() {
    if (!group.hasRoom(input.valueLength())) {
      return false;
    }
    try {
      group.add(
          stripe,
          ranges.hiddenFrom(),
          input.trailer(),
          input.valueArray(),
          input.valueOffset(),
          input.valueLength());
      return true;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  /** Moves to the next version of the key that no range tombstone hides; false at its end. */
  private boolean nextVersion() {
    do {
      input.next();
      if (!input.isValid() || input.isNewKey()) {
        return false;
      }
      input.enter();
      stripe = stripes.of(input.sequence());
    } while (ranges.hides(input.sequence(), stripe));
    return true;
  }

  /** Moves to the next survivor; false when all were shown. */
  boolean next() {
    if (group.next()) {
      return true;
    }
    boolean more = passing && (waits || nextVersion());
    while (more && !waits && !isNeeded()) {
      more = nextVersion();
    }
    waits = false;
    return more;
  }

  long trailer() {
    return group.isShown() ? group.trailer() : input.trailer();
  }

  /** The value of the survivor; null for that of the input. */
  byte[] value() {
    return group.isShown() ? group.value() : null;
  }

  /** What stays as it is because the operator failed. */
  KeptEntries kept() {
    return folding == null ? KeptEntries.NONE : folding.kept();
  }

  /** The first stripe whose readers do not see the entry for a range tombstone. */
  int hiddenFrom() {
    return group.isShown() ? group.hiddenFrom() : ranges.hiddenFrom();
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
