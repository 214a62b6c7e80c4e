package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.FoldLimits;
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
 *   <li>with each other, if the operator can, where an older version may exist, in runs of bounded
 *       size: the result keeps the newest sequence, and its span covers all of its run;
 *   <li>else they stay as they are, as they do where the operator fails.
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
  /** About what an entry takes besides its value, in bytes. */
  private static final int ENTRY_BYTES = 64;

  private final SafeFolding folding;
  private final FoldLimits limits;
  private final Operands operands = new Operands();
  private final NeededVersions needed = new NeededVersions();
  private final List<MergeVersion> versions = new ArrayList<>(); // newest first; all are needed
  private final List<MergeVersion> folded = new ArrayList<>(); // newest first
  private byte[] key;
  private int keyLength;
  private int taken;
  private long bytes; // that the versions take
  private int shown;
  private int wall; // index of the expiring put that ended the taking; -1 for none
  private long aged; // entries that were folded without parts that had expired

  /**
   * Creates an empty group.
   *
   * @param folding the family's operator
   * @param limits how much is gathered and combined
   * @param now the clock by which parts of values expire, in ms
   */
  MergeGroup(SafeFolding folding, FoldLimits limits, long now) {
    this.folding = folding;
    this.limits = limits;
    operands.judgeAt(now);
  }

  /**
   * Begins with another key.
   *
   * @param userKey holds the key, from offset 0 on, until all was shown
   * @param length its length in bytes
   */
  void begin(byte[] userKey, int length) {
    key = userKey;
    keyLength = length;
    needed.clear();
    versions.clear();
    folded.clear();
    taken = 0;
    bytes = 0;
    shown = 0;
  }

  /** Whether readers of its stripe need the next older version; to be asked once for each. */
  boolean needs(int stripe, long trailer, byte[] value, int offset, int length) {
    return needed.isNext(stripe, trailer, value, offset, length);
  }

  /**
   * Makes room for another version, by combining operands if need be.
   *
   * @param length of its value
   * @return false if the key is to stay as it is, from the versions taken so far on
   */
  boolean hasRoom(int length) {
    long more = (long) length + ENTRY_BYTES;
    return bytes + more <= limits.gatheredBytes()
        || (bytes > limits.gatheredBytes() / 2
            && shrinks()
            && bytes + more <= limits.gatheredBytes());
  }

  /** Combines the operands of each stripe; whether enough came of it to go on for a while. */
  private boolean shrinks() {
    List<MergeVersion> runs = new ArrayList<>();
    long reached = InternalKey.MAX_SEQUENCE; // operands of newer stripes end above what follows
    for (int from = 0, to; from < versions.size(); from = to) {
      to = endOfStripe(from);
      if (versions.get(from).sequence() > reached) {
        runs.addAll(versions.subList(from, to));
      } else {
        combine(from, to, runs);
      }
      for (MergeVersion version : versions.subList(from, to)) {
        reached = Math.min(reached, version.below());
      }
    }
    versions.clear();
    versions.addAll(runs);
    bytes = 0;
    versions.forEach(version -> bytes += version.value().length + (long) ENTRY_BYTES);
    return bytes <= limits.gatheredBytes() / 2;
  }

  private int endOfStripe(int from) {
    int to = from + 1;
    while (to < versions.size() && versions.get(to).stripe() == versions.get(from).stripe()) {
      to++;
    }
    return to;
  }

  /**
   * Takes a copy of the next older version, which is needed.
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
    versions.add(new MergeVersion(stripe, hiddenFrom, trailer, copy));
    bytes += (long) length + ENTRY_BYTES;
    taken++;
  }

  /** Lets the versions that were taken come out as they are. */
  void keep() {
    folded.addAll(versions);
    versions.clear();
  }

  /**
   * Folds what was taken.
   *
   * @param bottom whether no version of the key is older than these
   * @return how many tombstones went because they hide nothing
   */
  int fold(boolean bottom) {
    boolean mayFold = true;
    for (int from = 0, to; from < versions.size(); from = to) {
      to = endOfStripe(from);
      operands.start(key, 0, keyLength);
      mayFold = foldStripe(from, to, bottom, mayFold);
    }
    int dropped = 0;
    while (bottom && isTombstoneLast()) {
      folded.remove(folded.size() - 1);
      dropped++;
    }
    versions.clear();
    operands.start(key, 0, keyLength); // lets go of what was folded
    return dropped;
  }

  /**
   * Asks a filter about the newest entry that came out, if that is a put.
   *
   * @return how many tombstones went because they hide nothing
   */
  int filter(FilterStep filter, boolean bottom) {
    if (folded.isEmpty() || !ValueKind.isPut(folded.get(0).kind())) {
      return 0;
    }
    MergeVersion first = folded.get(0);
    long trailer =
        filter.apply(key, keyLength, first.trailer(), first.value(), 0, first.value().length);
    if (filter.replacement() != null) {
      folded.set(
          0, new MergeVersion(first.stripe(), first.hiddenFrom(), trailer, filter.replacement()));
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
    take(from, to);
    int end = wall < 0 ? to : wall;
    boolean older = foldOperands(from, end, to, bottom, mayFold);
    folded.addAll(versions.subList(end, to));
    return older;
  }

  /** Folds the versions of a stripe up to an end, behind which an expiring put may follow. */
  private boolean foldOperands(int from, int end, int to, boolean bottom, boolean mayFold) {
    boolean reachesDown = to < versions.size() && versions.get(to).sequence() > operands.below();
    if (versions.get(from).kind() != ValueKind.MERGE || !mayFold) {
      folded.addAll(versions.subList(from, end));
      return mayFold;
    }
    if (reachesDown) {
      takeBelow(versions.get(from).stripe(), to);
    }
    if (bottom && wall < 0 && isNothingBelow(to)) {
      operands.settle();
    }
    boolean settled = operands.isSettled();
    if (!settled && !reachesDown) {
      combine(from, end, folded);
      return true;
    }
    byte[] value = settled ? folding.value(operands) : combined();
    if (value == null) {
      folded.addAll(versions.subList(from, end));
      return !reachesDown;
    }
    addFolded(versions.get(from), value, settled ? ValueKind.PUT : ValueKind.MERGE, folded);
    return true;
  }

  /** Adds what operands have become whose newest version is given. */
  private void addFolded(MergeVersion newest, byte[] value, int kind, List<MergeVersion> out) {
    aged += operands.hasLeftOut() ? 1 : 0;
    int outKind = value == Folding.NOTHING ? ValueKind.DELETE : kind;
    long trailer = InternalKey.trailer(newest.sequence(), outKind);
    out.add(new MergeVersion(newest.stripe(), newest.hiddenFrom(), trailer, value));
  }

  private byte[] combined() {
    return operands.size() > 1 && operands.bytes() <= limits.combinedBytes()
        ? folding.combined(operands)
        : null;
  }

  /** Combines versions of one stripe in runs, as far as they are operands. */
  private void combine(int from, int to, List<MergeVersion> out) {
    for (int start = from, end; start < to; start = end) {
      end = takeRun(start, to);
      byte[] value = combined();
      if (value == null) {
        out.addAll(versions.subList(start, end));
      } else {
        addFolded(versions.get(start), value, ValueKind.MERGE, out);
      }
    }
  }

  /** Takes operands that may be combined, or a single version; returns where they end. */
  private int takeRun(int start, int to) {
    operands.start(key, 0, keyLength);
    int end = start;
    do {
      MergeVersion entry = versions.get(end++);
      operands.take(entry.trailer(), entry.value(), 0, entry.value().length);
    } while (end < to
        && !operands.isSettled()
        && versions.get(end).kind() == ValueKind.MERGE
        && operands.bytes() + versions.get(end).value().length <= limits.combinedBytes());
    return end;
  }

  /** Takes operands from a range, and what settles them; an expiring put ends the taking. */
  private void take(int from, int to) {
    for (int i = from; i < to && !operands.isSettled() && wall < 0; i++) {
      MergeVersion entry = versions.get(i);
      if (entry.sequence() <= operands.below()) {
        if (entry.kind() == ValueKind.PUT_EXPIRING) {
          wall = i;
          return;
        }
        operands.take(entry.trailer(), entry.value(), 0, entry.value().length);
      }
    }
  }

  /** Takes what lies in older stripes, as far as readers of a stripe see it. */
  private void takeBelow(int stripe, int from) {
    int to = from;
    while (to < versions.size() && versions.get(to).hiddenFrom() > stripe) {
      to++;
    }
    take(from, to);
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
    return taken;
  }

  /** Moves to the next entry; false when all were shown. */
  boolean next() {
    if (shown >= folded.size()) {
      shown = folded.size() + 1;
      return false;
    }
    shown++;
    return true;
  }

  /** Whether there is an entry where the last move has led to. */
  boolean isShown() {
    return shown <= folded.size();
  }

  long trailer() {
    return folded.get(shown - 1).trailer();
  }

  byte[] value() {
    return folded.get(shown - 1).value();
  }

  /** The first stripe whose readers do not see the entry for a range tombstone. */
  int hiddenFrom() {
    return folded.get(shown - 1).hiddenFrom();
  }
}
