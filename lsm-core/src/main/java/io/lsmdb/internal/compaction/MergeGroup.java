package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The versions of one user key with merge operands among them: taken in, folded, shown.
 *
 * <p>Not thread-safe; belongs to a {@link CompactionIterator}, whose stripes these are.
 *
 * <p>Within each stripe the operands from the newest version down are folded:
 *
 * <ul>
 *   <li>onto the put or tombstone that lies below them in the stripe, which gives a put;
 *   <li>onto nothing, where no older version of the key is left anywhere, which gives a put as
 *       well;
 *   <li>with each other, if the operator can, where an older version may exist: the result keeps
 *       the newest sequence, and its span covers all of them;
 *   <li>else they stay as they are.
 * </ul>
 *
 * <p>Where all parts of the value have expired, a tombstone comes out.
 *
 * <p>A put that is to expire is never folded onto, and stays below the operands: they do not expire
 * with it. Once it has expired it comes in as a tombstone.
 *
 * <p>The folded entry is what a reader of the stripe would have computed, so each reader sees what
 * it saw before. Nothing is folded across a snapshot, but for one case. The span of an operand may
 * reach into older stripes, where it was combined while its parts were still needed:
 *
 * <pre>
 *   k@10 MERGE 6..10     newest of (8, now]
 *   k@7  MERGE 6..7      newest of (5, 8], for the snapshot 8; part of k@10
 *   k@6  MERGE 6         goes
 *   k@3  PUT             also goes, once k@7 is folded onto it
 * </pre>
 *
 * <p>A reader of k@10 goes on below 6, and would not see a put that is k@7 now. So such an operand
 * is folded with all that lies below its span, whatever the stripe; if the operator cannot do that,
 * the older stripes stay unfolded as well. Where a range tombstone stands between, what lies below
 * that is as good as not there.
 */
final class MergeGroup {
  private record Entry(int stripe, int hiddenFrom, long trailer, byte[] value) {
    long sequence() {
      return InternalKey.sequence(trailer);
    }

    int kind() {
      return InternalKey.kind(trailer);
    }
  }

  private final Folding folding;
  private final Operands operands = new Operands();
  private final List<Entry> versions = new ArrayList<>(); // newest first
  private final List<Entry> folded = new ArrayList<>(); // newest first
  private int shown;
  private int wall; // index of the expiring put that ended the taking; -1 for none
  private long aged; // entries that were folded without parts that had expired

  /**
   * Creates an empty group.
   *
   * @param folding the family's operator
   * @param now the clock by which parts of values expire, in ms
   */
  MergeGroup(Folding folding, long now) {
    this.folding = folding;
    operands.judgeAt(now);
  }

  /** Begins with another key. */
  void clear() {
    versions.clear();
    folded.clear();
    shown = 0;
  }

  /**
   * Takes a copy of the next older version.
   *
   * @param stripe its stripe
   * @param hiddenFrom the first stripe whose readers do not see it for a range tombstone
   * @param trailer its sequence and kind
   * @param value holds its value
   * @param offset where that starts
   * @param length its length in bytes
   */
  void add(int stripe, int hiddenFrom, long trailer, byte[] value, int offset, int length) {
    byte[] copy = Arrays.copyOfRange(value, offset, offset + length);
    versions.add(new Entry(stripe, hiddenFrom, trailer, copy));
  }

  /**
   * Folds what was taken.
   *
   * @param key holds the user key, from offset 0 on
   * @param keyLength its length in bytes
   * @param bottom whether no version of the key is older than these
   * @return how many tombstones went because they hide nothing
   */
  int fold(byte[] key, int keyLength, boolean bottom) {
    boolean mayFold = true;
    for (int from = 0, to = 0; from < versions.size(); from = to) {
      while (to < versions.size() && versions.get(to).stripe == versions.get(from).stripe) {
        to++;
      }
      operands.start(key, 0, keyLength);
      mayFold = foldStripe(from, to, bottom, mayFold);
    }
    int dropped = 0;
    while (bottom && isTombstoneLast()) {
      folded.remove(folded.size() - 1);
      dropped++;
    }
    return dropped;
  }

  /**
   * Asks a filter about the newest entry that came out, if that is a put.
   *
   * @return how many tombstones went because they hide nothing
   */
  int filter(FilterStep filter, byte[] key, int keyLength, boolean bottom) {
    if (folded.isEmpty() || !ValueKind.isPut(folded.get(0).kind())) {
      return 0;
    }
    Entry first = folded.get(0);
    long trailer = filter.apply(key, keyLength, first.trailer, first.value, 0, first.value.length);
    if (filter.replacement() != null) {
      folded.set(0, new Entry(first.stripe, first.hiddenFrom, trailer, filter.replacement()));
    }
    if (bottom && folded.size() == 1 && isTombstoneLast()) {
      folded.clear();
      return 1;
    }
    return 0;
  }

  private boolean isTombstoneLast() {
    return !folded.isEmpty() && ValueKind.isTombstone(folded.get(folded.size() - 1).kind());
  }

  /**
   * Folds a stripe.
   *
   * @param mayFold whether the operator is to be asked
   * @return whether older stripes may be folded
   */
  private boolean foldStripe(int from, int to, boolean bottom, boolean mayFold) {
    wall = -1;
    List<Entry> seen = new ArrayList<>(); // by the readers of the stripe
    take(from, to, seen);
    int base = wall;
    boolean older = foldOperands(from, to, bottom, mayFold, seen);
    if (base >= 0) {
      folded.add(versions.get(base));
    }
    return older;
  }

  private boolean foldOperands(
      int from, int to, boolean bottom, boolean mayFold, List<Entry> seen) {
    boolean reachesDown = to < versions.size() && versions.get(to).sequence() > operands.below();
    if (versions.get(from).kind() != ValueKind.MERGE || !mayFold) {
      folded.addAll(seen);
      return mayFold;
    }
    if (reachesDown) {
      takeBelow(versions.get(from).stripe, to);
    }
    if (bottom && wall < 0 && isNothingBelow(to)) {
      operands.settle();
    }
    boolean settled = operands.isSettled();
    byte[] value = null;
    if (settled) {
      value = folding.value(operands);
    } else if (operands.size() > 1) {
      value = folding.combined(operands);
    }
    if (value == null) {
      folded.addAll(seen);
      return !reachesDown;
    }
    aged += operands.hasLeftOut() ? 1 : 0;
    int kind = settled ? ValueKind.PUT : ValueKind.MERGE;
    if (value == Folding.NOTHING) {
      kind = ValueKind.DELETE;
    }
    long trailer = InternalKey.trailer(versions.get(from).sequence(), kind);
    Entry newest = versions.get(from);
    folded.add(new Entry(newest.stripe, newest.hiddenFrom, trailer, value));
    return true;
  }

  /** Takes operands from a range, and what settles them; an expiring put ends the taking. */
  private void take(int from, int to, List<Entry> taken) {
    for (int i = from; i < to && !operands.isSettled() && wall < 0; i++) {
      Entry entry = versions.get(i);
      if (entry.sequence() <= operands.below()) {
        if (entry.kind() == ValueKind.PUT_EXPIRING) {
          wall = i;
          return;
        }
        operands.take(entry.trailer, entry.value, 0, entry.value.length);
        taken.add(entry);
      }
    }
  }

  /** Takes what lies in older stripes, as far as readers of a stripe see it. */
  private void takeBelow(int stripe, int from) {
    int to = from;
    while (to < versions.size() && versions.get(to).hiddenFrom > stripe) {
      to++;
    }
    take(from, to, new ArrayList<>());
    if (to < versions.size() && wall < 0) {
      operands.settle(); // a range tombstone ends what they see
    }
  }

  /** Whether the versions from an index on are all such as the operands stand for. */
  private boolean isNothingBelow(int from) {
    for (int i = from; i < versions.size(); i++) {
      if (versions.get(i).sequence() <= operands.below()) {
        return false;
      }
    }
    return true;
  }

  /** How many entries came out. */
  int size() {
    return folded.size();
  }

  /** The latest expiry of a part that was left out of all keys. */
  long latestLeftOut() {
    return operands.latestLeftOut();
  }

  /** How many entries came out of all keys without parts that had expired. */
  long aged() {
    return aged;
  }

  /** How many versions went in. */
  int taken() {
    return versions.size();
  }

  /** Moves to the next entry; false when all were shown. */
  boolean next() {
    if (shown == folded.size()) {
      return false;
    }
    shown++;
    return true;
  }

  long trailer() {
    return folded.get(shown - 1).trailer;
  }

  byte[] value() {
    return folded.get(shown - 1).value;
  }

  /** The first stripe whose readers do not see the entry for a range tombstone. */
  int hiddenFrom() {
    return folded.get(shown - 1).hiddenFrom;
  }
}
