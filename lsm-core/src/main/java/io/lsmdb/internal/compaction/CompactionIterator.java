package io.lsmdb.internal.compaction;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;

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
 *       but for merge operands that are folded, expired puts, which become tombstones, and what the
 *       filter has dropped or changed.
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
   * its stripe; see MergeGroup. What it is folded with is not hidden by it, but part of it.
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
   *
   * Rule 6, the filter. It is asked about the newest version of a key, if that is a put above all
   * snapshots; what it drops becomes a tombstone, for rule 2 as well. Snapshots that are taken while
   * the job runs would see the change: whoever commits it makes sure that there are none.
   *
   * Rule 7, range tombstones. One is as a tombstone of each key of its range, but is none of the
   * entries: it stays where it is, and hides older data wherever that lies. So an entry goes, at any
   * level and before all other rules, if the oldest range tombstone above it is in its stripe. What
   * lies below it in that stripe goes by the same rule, and what lies in older stripes or deeper down
   * is hidden by that tombstone as before. If a snapshot stands between, the entry stays. With the
   * snapshot {6} and the range tombstone t@7:
   *
   *     k@9 PUT     stays
   *     k@5 PUT     stays, for the snapshot; so t is needed on
   *     k@3 PUT     goes by rule 1
   *
   * With no snapshot k@5 goes, and t is needed no more by what has come out: see clearedTo.
   */

  /** Tells whether data older than the input exists. */
  @FunctionalInterface
  public interface OlderData {
    /** Assumes that it does. */
    OlderData ALWAYS = (key, offset, length) -> true;

    /**
     * Whether some version of a key may lie below the input. Keys are asked in ascending order.
     *
     * @param key holds the user key
     * @param offset where it starts
     * @param length its length
     * @return false only if there is none for certain
     */
    boolean mayHold(byte[] key, int offset, int length);
  }

  private static final int NO_STRIPE = -1;

  /** Where the current entry's value stands. */
  private enum Origin {
    INPUT,
    REPLACED_INPUT,
    WAITING_TOMBSTONE,
    MERGE_GROUP
  }

  private final InternalIterator input;
  private final Stripes stripes;
  private final RangeStep ranges;
  private final OlderData older;
  private final String source;
  private final long now;
  private final MergeGroup group; // null in a family without operator
  private FilterStep filter; // null without
  private byte[] toExclusive;

  // The user key whose versions are being decided.
  private byte[] keyCopy = new byte[64];
  private int keyCopyLength = -1; // -1 before the first key
  private long lastTrailer;
  private long effective; // the last trailer, or that of what takes the entry's place
  private byte[] replacement; // the value of what takes its place; null for none
  private int keptStripe; // of the last version that rule 1 kept
  private boolean bottom;
  private boolean bottomKnown;
  private boolean keyShown;

  // Tombstones of this key that wait for rule 2 or 4, newest first.
  private long[] waiting = new long[4];
  private int waitingCount;
  private int waitingShown;
  private boolean waitedInVain; // they come out at the end of their key
  private int singleStripe; // where the last version was a single delete, else NO_STRIPE

  /** Whether the survivors of this key are in the group, and the input stands behind the key. */
  private boolean grouped;

  // The current entry.
  private boolean valid;
  private boolean newUserKey;
  private Origin origin = Origin.INPUT;
  private long trailer;

  private long entriesIn;
  private long entriesOut;
  private long hiddenDropped;
  private long tombstonesDropped;
  private long expired;

  /**
   * Creates a cursor that stands nowhere.
   *
   * @param input all versions of the keys concerned that lie between two levels' boundaries
   * @param snapshots sequences of the live snapshots, ascending
   * @param older tells for which keys there is older data
   * @param rules what the family's settings say of its entries
   * @param source what the input is, for error messages
   */
  public CompactionIterator(
      InternalIterator input, long[] snapshots, OlderData older, EntryRules rules, String source) {
    this.input = input;
    this.stripes = new Stripes(snapshots);
    this.ranges = new RangeStep(rules.ranges(), stripes);
    this.older = older;
    this.now = rules.now();
    this.group = rules.folding() == null ? null : new MergeGroup(rules.folding());
    this.source = source;
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
    toExclusive = to;
    if (from == null) {
      input.seekToFirst();
    } else {
      input.seek(from, 0, from.length, InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE));
    }
    advance();
  }

  /** Moves to the next surviving entry. */
  public void next() {
    switch (origin) {
      case WAITING_TOMBSTONE -> {
        if (waitingShown < waitingCount) {
          showTombstone();
        } else {
          waitingCount = 0;
          if (waitedInVain) {
            advance();
          } else {
            showSurvivor();
          }
        }
      }
      case MERGE_GROUP -> {
        if (group.next()) {
          show(group.trailer(), Origin.MERGE_GROUP);
        } else {
          advance();
        }
      }
      case INPUT, REPLACED_INPUT -> {
        input.next();
        advance();
      }
    }
  }

  /** Finds the next survivor, beginning with the input's current entry. */
  private void advance() {
    valid = false;
    grouped = false;
    waitedInVain = false;
    for (; input.isValid(); input.next()) {
      if (waitingCount > 0 && !isCurrentKey() && showUnmatched()) {
        return;
      }
      if (!enter()) {
        break;
      }
      entriesIn++;
      long sequence = InternalKey.sequence(lastTrailer);
      int stripe = stripes.of(sequence);
      if (ranges.hides(sequence, stripe)) {
        continue;
      }
      int kind = InternalKey.kind(lastTrailer);
      boolean hidden = stripe == keptStripe;
      if (kind == ValueKind.SINGLE_DELETE) {
        if (stripe == singleStripe) {
          hiddenDropped++; // one of two in a row does
        } else {
          addWaiting();
        }
        singleStripe = stripe;
        keptStripe = stripe;
        continue;
      }
      boolean single = stripe == singleStripe;
      singleStripe = NO_STRIPE;
      if (hidden) {
        if (single && ValueKind.isPut(kind)) {
          waitingCount--;
          tombstonesDropped++;
        }
        hiddenDropped++;
        continue;
      }
      boolean asks = filter != null && keptStripe == NO_STRIPE && stripe == stripes.last();
      keptStripe = stripe;
      if (asks && ValueKind.isPut(InternalKey.kind(effective))) {
        filterInput();
      }
      kind = InternalKey.kind(effective);
      if (ValueKind.isTombstone(kind) && isBottom()) {
        addWaiting();
        continue;
      }
      if (kind == ValueKind.MERGE) {
        gather(stripe, asks);
      }
      if (waitingCount > 0) {
        waitingShown = 0;
        showTombstone();
      } else {
        showSurvivor();
      }
      return;
    }
    if (waitingCount == 0 || !showUnmatched()) {
      dropWaiting();
    }
  }

  private void addWaiting() {
    if (waitingCount == waiting.length) {
      waiting = Arrays.copyOf(waiting, 2 * waitingCount);
    }
    waiting[waitingCount++] = effective;
  }

  /** At the end of the key: shows the single deletes that wait, if they may hide older data. */
  private boolean showUnmatched() {
    if (isBottom()) {
      return false;
    }
    waitedInVain = true;
    waitingShown = 0;
    showTombstone();
    return true;
  }

  /** Takes in all versions of the key from the input's current entry on, and folds them. */
  private void gather(int firstStripe, boolean asks) {
    if (group == null) {
      throw new CorruptionException(
          source, -1, "merge operand in a column family without merge operator");
    }
    group.clear();
    int stripe = firstStripe;
    boolean hidden = false;
    while (true) {
      if (!hidden) {
        int length = replacement == null ? input.valueLength() : 0;
        int hiddenFrom = ranges.hiddenFrom();
        group.add(stripe, hiddenFrom, effective, input.valueArray(), input.valueOffset(), length);
      }
      input.next();
      if (!input.isValid() || !isCurrentKey()) {
        break;
      }
      checkOrderAndKind(input.trailer());
      entriesIn++;
      long sequence = InternalKey.sequence(lastTrailer);
      stripe = stripes.of(sequence);
      hidden = ranges.hides(sequence, stripe);
    }
    int tombstones = group.fold(keyCopy, keyCopyLength, isBottom());
    if (asks) {
      tombstones += group.filter(filter, keyCopy, keyCopyLength, isBottom());
    }
    tombstonesDropped += tombstones;
    hiddenDropped += group.taken() - group.size() - tombstones;
    grouped = true;
  }

  /** Asks the filter about the put that the input stands on. */
  private void filterInput() {
    effective =
        filter.apply(
            keyCopy,
            keyCopyLength,
            lastTrailer,
            input.valueArray(),
            input.valueOffset(),
            input.valueLength());
    replacement = filter.replacement();
  }

  private boolean isCurrentKey() {
    return Bytes.equal(
        input.keyArray(), input.keyOffset(), input.keyLength(), keyCopy, 0, keyCopyLength);
  }

  /** Takes note of the input's current entry; false if it lies beyond the range. */
  private boolean enter() {
    byte[] array = input.keyArray();
    int offset = input.keyOffset();
    int length = input.keyLength();
    long entryTrailer = input.trailer();
    int order =
        keyCopyLength < 0 ? 1 : Bytes.compare(array, offset, length, keyCopy, 0, keyCopyLength);
    if (order < 0) {
      throw outOfOrder();
    }
    if (order > 0) {
      if (toExclusive != null
          && Bytes.compare(array, offset, length, toExclusive, 0, toExclusive.length) >= 0) {
        return false;
      }
      dropWaiting();
      if (length > keyCopy.length) {
        keyCopy = new byte[2 * length];
      }
      System.arraycopy(array, offset, keyCopy, 0, length);
      keyCopyLength = length;
      keptStripe = NO_STRIPE;
      singleStripe = NO_STRIPE;
      bottomKnown = false;
      keyShown = false;
      lastTrailer = -1L;
      ranges.enter(keyCopy, keyCopyLength);
    }
    checkOrderAndKind(entryTrailer);
    return true;
  }

  /** Takes note of the trailer of the input's current entry. */
  private void checkOrderAndKind(long entryTrailer) {
    if (Long.compareUnsigned(entryTrailer, lastTrailer) > 0) {
      throw outOfOrder();
    }
    int kind = InternalKey.kind(entryTrailer);
    if (!ValueKind.isSupported(kind)) {
      throw new CorruptionException(source, -1, "entry of unsupported kind " + kind);
    }
    lastTrailer = entryTrailer;
    effective = entryTrailer;
    replacement = null;
    if (kind == ValueKind.PUT_EXPIRING) {
      effective =
          Expiry.trailerAt(
              entryTrailer, input.valueArray(), input.valueOffset(), input.valueLength(), now);
      if (effective != entryTrailer) {
        replacement = Bytes.EMPTY;
        expired++;
      }
    }
  }

  private CorruptionException outOfOrder() {
    return new CorruptionException(source, -1, "entries out of order");
  }

  /** Whether no version of the current key is older than the input's. */
  boolean isBottom() {
    if (!bottomKnown) {
      bottom = !older.mayHold(keyCopy, 0, keyCopyLength);
      bottomKnown = true;
    }
    return bottom;
  }

  private void dropWaiting() {
    tombstonesDropped += waitingCount;
    waitingCount = 0;
  }

  private void showTombstone() {
    show(waiting[waitingShown++], Origin.WAITING_TOMBSTONE);
  }

  /** Shows the version that is known to survive: of the group, or the input's current one. */
  private void showSurvivor() {
    if (grouped) {
      origin = Origin.MERGE_GROUP;
      next();
    } else {
      show(effective, replacement == null ? Origin.INPUT : Origin.REPLACED_INPUT);
    }
  }

  private void show(long shownTrailer, Origin from) {
    trailer = shownTrailer;
    origin = from;
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
    return keyCopy;
  }

  /**
   * Length of the current user key.
   *
   * @return bytes
   */
  public int keyLength() {
    return keyCopyLength;
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
    return switch (origin) {
      case INPUT -> input.valueArray();
      case MERGE_GROUP -> group.value();
      case REPLACED_INPUT -> replacement;
      case WAITING_TOMBSTONE -> Bytes.EMPTY;
    };
  }

  /**
   * Where the current value starts.
   *
   * @return an offset in {@link #valueArray()}
   */
  public int valueOffset() {
    return origin == Origin.INPUT ? input.valueOffset() : 0;
  }

  /**
   * Length of the current value.
   *
   * @return bytes
   */
  public int valueLength() {
    return switch (origin) {
      case INPUT -> input.valueLength();
      case MERGE_GROUP -> group.value().length;
      case REPLACED_INPUT -> replacement.length;
      case WAITING_TOMBSTONE -> 0;
    };
  }

  /**
   * How many entries went in and out so far.
   *
   * @return counts
   */
  public Counts counts() {
    long filtered = filter == null ? 0 : filter.applied();
    return new Counts(
        entriesIn,
        entriesOut,
        hiddenDropped + ranges.dropped(),
        tombstonesDropped,
        expired,
        filtered);
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
   * @param expired taken for tombstones because they had expired
   * @param filtered dropped or changed by the filter
   */
  public record Counts(
      long in, long out, long hidden, long tombstones, long expired, long filtered) {}
}
