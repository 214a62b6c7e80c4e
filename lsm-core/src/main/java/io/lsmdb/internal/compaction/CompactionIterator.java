package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;

/**
 * A forward cursor over those entries of its input that somebody may still need.
 *
 * <p>Not thread-safe. The only place that decides what a flush or a compaction may leave out. It
 * does not own its input: whoever made that closes it.
 *
 * <ol>
 *   <li>Whoever reads at a live snapshot, or at the present, sees the same before and after,
 *       whatever data there is above or below the input.
 *   <li>Entries come out as they went in, in the same order: no key, trailer or value is changed,
 *       but for merge operands that are folded, expired puts, which become tombstones, expired
 *       parts of values, and what the filter has dropped or changed.
 *   <li>An entry of a kind that is not understood, or out of order, is corruption, never dropped.
 *   <li>The current key and value stay readable until the next move.
 * </ol>
 */
public final class CompactionIterator {
  /*
   * The rules. The live snapshots s1 < s2 < .. < sn cut the sequence numbers into n + 1 stripes:
   * (0, s1], (s1, s2], .., (sn, now]. A reader at snapshot si sees the newest version at or below si,
   * and the reader at the present the newest of all. So:
   *
   * Rule 1, hidden versions. Of the versions of one user key within one stripe only the newest can be
   * seen; the others go. With snapshots {5, 8}:
   *
   *     k@9 PUT d     newest of (8, now]: stays
   *     k@7 PUT c     newest of (5, 8]:   stays, for the snapshot 8
   *     k@6 PUT b     second of (5, 8]:   goes
   *     k@4 PUT a     newest of (0, 5]:   stays, for the snapshot 5
   *     k@2 DELETE    second of (0, 5]:   goes
   *
   * This holds at every level. A hidden version goes even if nobody has looked below: what is below is
   * older still, and hidden by the same entry that hides this one.
   *
   * Rule 2, tombstones. A tombstone says "nothing older counts". If older data may lie below the
   * input, it stays. If not, the only data that it can hide are the older versions of its key which
   * rule 1 keeps, and where none of these remain it goes. So at the bottom, of the versions of a key
   * that survive rule 1, the oldest ones go as long as they are tombstones. With the snapshot {5}:
   *
   *     k@9 DELETE, k@4 PUT      both stay: without the tombstone k@4, which the snapshot needs,
   *                              would come back to life for everybody else
   *     k@9 DELETE, k@7 PUT      both go: k@7 is hidden by rule 1, then the tombstone hides nothing
   *     k@9 DELETE, k@4 DELETE   both go: k@4 hides nothing, and then k@9 neither
   *     k@4 DELETE, k@3 PUT      both go
   *     k@9 PUT, k@4 DELETE      k@9 stays alone; the snapshot sees nothing, as before
   *
   * "May lie below" is asked per key of the files that hold older data; level 0 and levels above hold
   * newer data only, which a tombstone never hides. A flush asks all files: it writes the oldest
   * memtables, so that only files are older, and whatever is merged from these meanwhile holds no key
   * that they did not hold.
   *
   * Rule 2 looks ahead: a tombstone at the bottom waits until an older version of its key survives
   * (then it comes out first) or the key ends (then it goes). Tombstones have no value, so waiting
   * takes one trailer each.
   *
   * Rule 3, merge operands. A merge operand that rule 1 would keep is folded with what lies below it in
   * its stripe; see MergeStep, MergeGroup. What it is folded with is not hidden by it, but part of it.
   * Where the operator fails, or there is too much to fold, the versions stay as they are.
   *
   * Rule 4, single deletes. A user may single-delete a key only where its history alternates between
   * puts and single deletes: p1 d1 p2 d2 .. Then di and pi, next to each other in one stripe, go
   * together at any level: no reader sees between them, and what lies below is d(i-1) or nothing.
   *
   *     k@9 SINGLE_DELETE, k@7 PUT                             both go, whatever lies below
   *     k@9 SINGLE_DELETE, k@7 PUT, with the snapshot 8        both stay
   *     k@9 PUT, k@8 SINGLE_DELETE                             both stay above older data
   *
   * The last line is the price: rule 1 must not take di because p(i+1) hides it. If it did, and
   * d(i+1) took p(i+1) away later, a pi further down would be visible again. So as long as pi may
   * exist, di exists: it goes with pi, or by rule 2. Everything else that is read is read right
   * because di is a tombstone. Of two single deletes in a row one does. A put that was overwritten,
   * or a DELETE that a put hides, breaks the premise: the older value may come back.
   *
   * Single deletes therefore wait, as tombstones at the bottom do, for the next version of their key.
   * Those above older data come out before it, or at the end of the key.
   *
   * Rule 5, expiry. A put that has expired by the clock of the job is a tombstone from the start, for
   * all rules: every reader, at a snapshot or not, sees it as one. So its value is dropped at once, and
   * by rule 2 it goes at the bottom. The caller records the clock, since readers must not go behind it.
   * The same holds for parts of a value that the merge operator leaves out by the clock: readers do so
   * as well. A put that rule 1 keeps is shortened, or becomes a tombstone where nothing is left.
   *
   * Rule 6, the filter. It is asked about the newest version of a key, if that is a put above all
   * snapshots; what it drops becomes a tombstone, for rule 2 as well. Snapshots that are taken while
   * the job runs would see the change: whoever commits it makes sure that there are none.
   *
   * Rule 7, range tombstones. Before all other rules, at any level, an entry goes that one of them
   * hides from everybody who could see it; see RangeStep.
   *
   * What only snapshots keep, by the rules 1, 2, 3 and 7, is counted; see SnapshotNeed.
   */

  private static final int NO_STRIPE = -1;

  /** What the current entry comes from. */
  private enum Origin {
    INPUT,
    WAITING_TOMBSTONE,
    MERGE
  }

  private final KeyVersions input;
  private final Stripes stripes;
  private final RangeStep ranges;
  private final OlderData older;
  private final MergeStep merges;
  private final SnapshotNeed need;
  private FilterStep filter; // null without

  // What is known of the user key whose versions are being decided.
  private int keptStripe; // of the last version that rule 1 kept
  private int singleStripe; // where the last version was a single delete, else NO_STRIPE
  private boolean bottom;
  private boolean bottomKnown;
  private boolean keyShown;

  /** Tombstones of this key that wait for rule 2 or 4. */
  private final PendingTombstones waiting = new PendingTombstones();

  private boolean waitedInVain; // they come out at the end of their key

  /** Whether {@link #merges} has the survivors of the key. */
  private boolean merged;

  // The current entry.
  private boolean valid;
  private boolean newUserKey;
  private Origin origin = Origin.INPUT;
  private long trailer;
  private byte[] value; // null where it is the input's

  private long entriesOut;
  private long hiddenDropped;
  private long tombstonesDropped;

  /**
   * Creates a cursor that stands nowhere.
   *
   * @param input all versions of the keys concerned that lie between two levels' boundaries
   * @param snapshots sequences of the live snapshots, ascending
   * @param older tells for which keys there is older data
   * @param rules what is to be known of the family
   * @param source what the input is, for error messages
   */
  public CompactionIterator(
      InternalIterator input, long[] snapshots, OlderData older, DropRules rules, String source) {
    this.input = new KeyVersions(input, source, rules.now());
    this.stripes = new Stripes(snapshots);
    this.ranges = new RangeStep(rules.ranges(), stripes);
    this.older = older;
    this.merges = new MergeStep(this.input, stripes, ranges, rules);
    this.need = new SnapshotNeed(stripes);
  }

  /** Sets the filter to be asked; before the first move. */
  void filterBy(FilterStep step) {
    filter = step;
  }

  /**
   * Moves to the first surviving entry of a range of user keys. May be called once.
   *
   * @param from first user key, null for the start
   * @param to exclusive end, null for the end
   */
  public void seek(byte[] from, byte[] to) {
    input.seek(from, to);
    advance();
  }

  /** Moves to the next surviving entry. */
  public void next() {
    switch (origin) {
      case WAITING_TOMBSTONE -> {
        if (waiting.hasNext()) {
          showTombstone();
        } else {
          waiting.clear();
          if (waitedInVain) {
            advance();
          } else {
            showSurvivor();
          }
        }
      }
      case MERGE -> {
        if (merges.next()) {
          show(merges.trailer(), Origin.MERGE, merges.value());
          need.shown(trailer, merges.hiddenFrom());
        } else {
          advance();
        }
      }
      case INPUT -> {
        input.next();
        advance();
      }
    }
  }

  /** Finds the next survivor, beginning with the input's current version. */
  private void advance() {
    valid = false;
    merged = false;
    waitedInVain = false;
    for (; input.isValid(); input.next()) {
      if (input.isNewKey()) {
        if (showUnmatched()) {
          return;
        }
        if (input.isBeyond()) {
          break;
        }
        enterKey();
      } else {
        input.enter();
      }
      if (survives()) {
        if (waiting.isEmpty()) {
          showSurvivor();
        } else {
          showTombstone();
        }
        return;
      }
    }
    if (!showUnmatched()) {
      dropWaiting();
    }
  }

  private void enterKey() {
    dropWaiting();
    input.enterKey();
    keptStripe = NO_STRIPE;
    singleStripe = NO_STRIPE;
    bottomKnown = false;
    keyShown = false;
    need.enterKey();
    ranges.enter(input.key(), input.keyLength());
  }

  /** Applies the rules to the version that was entered; false if it goes, or waits. */
  private boolean survives() {
    int stripe = stripes.of(input.sequence());
    if (ranges.hides(input.sequence(), stripe)) {
      return false;
    }
    boolean hidden = stripe == keptStripe;
    boolean single = stripe == singleStripe;
    if (input.storedKind() == ValueKind.SINGLE_DELETE) {
      if (single) {
        hiddenDropped++; // one of two in a row does
      } else {
        waiting.add(input.trailer());
      }
      singleStripe = stripe;
      keptStripe = stripe;
      return false;
    }
    singleStripe = NO_STRIPE;
    if (hidden) {
      if (single && ValueKind.isPut(input.storedKind())) {
        waiting.removeLast();
        tombstonesDropped++;
      }
      hiddenDropped++;
      return false;
    }
    boolean asks = filter != null && keptStripe == NO_STRIPE && stripe == stripes.last();
    keptStripe = stripe;
    if (input.kind() == ValueKind.PUT) {
      merges.age();
    }
    if (asks && ValueKind.isPut(input.kind())) {
      input.decide(filter);
    }
    if (ValueKind.isTombstone(input.kind()) && isBottom()) {
      waiting.add(input.trailer());
      return false;
    }
    if (input.kind() == ValueKind.MERGE) {
      merges.take(stripe, isBottom(), asks ? filter : null);
      merged = true;
    }
    return true;
  }

  /** At the end of the key: shows the single deletes that wait, if they may hide older data. */
  private boolean showUnmatched() {
    if (waiting.isEmpty() || isBottom()) {
      return false;
    }
    waitedInVain = true;
    showTombstone();
    return true;
  }

  /** Whether no version of the current key is older than the input's. */
  boolean isBottom() {
    if (!bottomKnown) {
      bottom = !older.mayHold(input.key(), 0, input.keyLength());
      bottomKnown = true;
    }
    return bottom;
  }

  private void dropWaiting() {
    tombstonesDropped += waiting.clear();
  }

  private void showTombstone() {
    show(waiting.show(), Origin.WAITING_TOMBSTONE, Bytes.EMPTY);
    if (isBottom()) {
      need.shownAbove(keptStripe, trailer);
    } else {
      need.shownForGood(trailer);
    }
  }

  /** Shows the version that is known to survive: of the merge, or the input's current one. */
  private void showSurvivor() {
    if (merged) {
      origin = Origin.MERGE;
      next();
    } else {
      show(input.trailer(), Origin.INPUT, null);
      need.shown(trailer, ranges.hiddenFrom());
    }
  }

  private void show(long shownTrailer, Origin from, byte[] shownValue) {
    trailer = shownTrailer;
    origin = from;
    value = shownValue;
    newUserKey = !keyShown;
    keyShown = true;
    entriesOut++;
    valid = true;
  }

  /**
   * Whether the cursor stands on an entry.
   *
   * @return false at the end
   */
  public boolean isValid() {
    return valid;
  }

  /**
   * Whether the current entry is the first that came out of its user key.
   *
   * @return true where a table may be cut
   */
  public boolean isNewUserKey() {
    return newUserKey;
  }

  /**
   * Holds the current user key, from offset 0 on.
   *
   * @return never to be written to
   */
  public byte[] keyArray() {
    return input.key();
  }

  /** {@return how many bytes the current user key has} */
  public int keyLength() {
    return input.keyLength();
  }

  /**
   * Sequence and kind of the current entry.
   *
   * @return see {@link InternalKey#trailer(long, int)}
   */
  public long trailer() {
    return trailer;
  }

  /**
   * Holds the current value.
   *
   * @return never to be written to
   */
  public byte[] valueArray() {
    return value == null ? input.valueArray() : value;
  }

  /**
   * Where the current value starts.
   *
   * @return an offset in {@link #valueArray()}
   */
  public int valueOffset() {
    return value == null ? input.valueOffset() : 0;
  }

  /** {@return how many bytes the current value has} */
  public int valueLength() {
    return value == null ? input.valueLength() : value.length;
  }

  /** The snapshots but for which the current entry would not be there. */
  SnapshotNeed need() {
    return need;
  }

  /**
   * How many entries went in and out so far.
   *
   * @return counts
   */
  public Counts counts() {
    long filtered = filter == null ? 0 : filter.applied();
    return new Counts(
        input.entered(),
        entriesOut,
        hiddenDropped + merges.hiddenDropped() + ranges.dropped(),
        tombstonesDropped + merges.tombstonesDropped(),
        input.expired() + merges.aged(),
        Math.max(input.latestExpired(), merges.latestAged()),
        filtered);
  }

  /**
   * What stayed as it was so far because the merge operator or the filter failed on it.
   *
   * @return counted
   */
  public KeptEntries kept() {
    return filter == null ? merges.kept() : merges.kept().plus(filter.kept());
  }

  /**
   * How far the range tombstones hide nothing of what has come out so far.
   *
   * @return a sequence; those with larger ones may hide something, those up to it do not
   */
  public long clearedTo() {
    return ranges.clearedTo();
  }

  /**
   * Entries that went in and out.
   *
   * @param in read from the input
   * @param out survived
   * @param hidden dropped because a newer version or a range tombstone hides them from everybody
   * @param tombstones dropped because they hid nothing
   * @param expired taken for tombstones because they had expired, or rid of parts that had
   * @param latestExpired the latest expiry of what had expired, in ms, {@link Expiry#BEFORE_ALL} if
   *     nothing had
   * @param filtered dropped or changed by the filter
   */
  public record Counts(
      long in,
      long out,
      long hidden,
      long tombstones,
      long expired,
      long latestExpired,
      long filtered) {
    /** Nothing. */
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, Expiry.BEFORE_ALL, 0);

    /** Both together. */
    Counts plus(Counts other) {
      return new Counts(
          in + other.in,
          out + other.out,
          hidden + other.hidden,
          tombstones + other.tombstones,
          expired + other.expired,
          Math.max(latestExpired, other.latestExpired),
          filtered + other.filtered);
    }
  }
}
