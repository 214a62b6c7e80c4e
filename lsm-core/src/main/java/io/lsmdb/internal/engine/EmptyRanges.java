package io.lsmdb.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Ranges of a family's keys that are known to hold no visible entry, so that cursors need not step
 * over the tombstones in them again.
 *
 * <p>Thread-safe, without locks: cursors learn ranges, the commit leader cuts them. Owned by the
 * family; lost when the store is closed.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Whoever reads at a sequence at or above a range's {@code since}, and has loaded the ranges
 *       after that sequence became visible, sees no entry in [{@code from}, {@code end}).
 *       Memtables, flushes and compactions do not matter to that; only a write can end it.
 *   <li>Ranges ascend and do not overlap, not even in the part up to {@code seenEnd} that is not
 *       proven yet.
 *   <li>An array of ranges is never changed; it is replaced as a whole, by compare-and-set.
 * </ol>
 */
final class EmptyRanges {
  /*
   * A queue kept in sorted keys is appended to at its end and deleted from its start, and each look
   * for the first entry would step over the tombstones of all deletions before, in memtables and
   * tables alike, until compaction has dropped them. This keeps what such a look has found out.
   *
   * Why it is right. A cursor that reads at sequence S sees that a range is empty at S. It stays so
   * until something is put there, which only the commit leader does. The leader therefore cuts every
   * range that it puts a key into, before it publishes the sequence of the put. The difficulty is a
   * put between S and the moment when the leader sees the range. So a range takes two looks:
   *
   *   1. A first cursor has stepped over many tombstones up to some key. That key becomes the range's
   *      "seen end". The leader cuts ranges at puts below their seen ends. After that a sequence is
   *      noted such that the group of each write above it begins after the range was stored.
   *   2. A second cursor that reads at that sequence or a later one sees the range up to the seen end
   *      as empty, and the ranges are still those that it had loaded. Now the range is proven, from S
   *      on: every put above S belongs to a group whose leader saw the range, so it would have been
   *      cut, and not be among the ranges loaded, or not be the same any more.
   *
   * Once a range is proven, its end moves on in the same way: by two looks over what has been deleted
   * in the meantime.
   *
   * What counts as empty must be tombstones and what they hide. An entry that is hidden by something
   * that may end without a write, such as a clock that says that it has expired, is no evidence.
   */

  /** A cursor that has stepped over fewer deleted keys at a time than this makes no new range. */
  static final int MIN_DELETED = 32;

  /** Nor does it extend one for fewer. */
  static final int MIN_EXTENSION = 8;

  /** More ranges than this are not kept: the leader searches them at each put. */
  static final int MAX_RANGES = 256;

  private static final Range[] NONE = {};

  private static final VarHandle RANGES;

  static {
    try {
      RANGES = MethodHandles.lookup().findVarHandle(EmptyRanges.class, "ranges", Range[].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Longer keys, in bytes, are not worth their memory. */
  private static final int MAX_KEY_BYTES = 1 << 10;

  private final LongSupplier groupBound;
  private volatile Range[] ranges = NONE;

  /**
   * Knows nothing yet.
   *
   * @param groupBound gives a visible sequence, or the one after it, such that the group of each
   *     write above begins after the call
   */
  EmptyRanges(LongSupplier groupBound) {
    this.groupBound = groupBound;
  }

  /** Part of the family's keys. Immutable apart from {@code seenAt}, which is written once. */
  static final class Range {
    /** The first key. */
    final byte[] from;

    /** Where the proven part ends, exclusive; may be empty. */
    final byte[] end;

    /** The sequence from which on the proven part is empty. */
    final long since;

    /** Where the part ends that one cursor has seen as empty, exclusive; not before the end. */
    final byte[] seenEnd;

    /** From which sequence on a second look counts; known right after the range is stored. */
    volatile long seenAt = Long.MAX_VALUE;

    Range(byte[] from, byte[] end, long since, byte[] seenEnd) {
      this.from = from;
      this.end = end;
      this.since = since;
      this.seenEnd = seenEnd;
    }

    /** Whether a second look would prove more. */
    boolean isPending() {
      return !Arrays.equals(end, seenEnd);
    }

    boolean contains(byte[] key, int offset, int length, long sequence) {
      return sequence >= since
          && !isBelow(key, offset, length, from)
          && isBelow(key, offset, length, end);
    }
  }

  /**
   * What a cursor has stepped over: from a key on, every visible entry up to another was deleted.
   *
   * @param from first key
   * @param behindDeleted right behind the last deleted key
   * @param covered where the cursor stopped: there is nothing visible before; null for no end
   * @param deleted how many deleted keys it met
   * @param sequence what it read at
   */
  record Seen(byte[] from, byte[] behindDeleted, byte[] covered, int deleted, long sequence) {
    boolean reaches(byte[] key) {
      return covered == null || Arrays.compareUnsigned(covered, key) >= 0;
    }
  }

  /**
   * What is known now, for {@link #find} and {@link #learn}. To be loaded after the sequence at
   * which it is used became visible.
   */
  Range[] load() {
    return ranges;
  }

  /** The proven range that a key lies in, for a reader at a sequence; null when there is none. */
  static Range find(Range[] known, byte[] key, int offset, int length, long sequence) {
    int at = floor(known, key, offset, length);
    return at >= 0 && known[at].contains(key, offset, length, sequence) ? known[at] : null;
  }

  /** Index of the last range that begins at or before a key; negative when there is none. */
  private static int floor(Range[] known, byte[] key, int offset, int length) {
    int low = 0;
    int high = known.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isBelow(key, offset, length, known[middle].from)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low - 1;
  }

  private static boolean isBelow(byte[] key, int offset, int length, byte[] bound) {
    return Arrays.compareUnsigned(key, offset, offset + length, bound, 0, bound.length) < 0;
  }

  /**
   * Cuts what a put ends; called by the commit leader for every operation that may make a key
   * visible, before it is published. Whatever else may add keys to an open store has to do the same
   * for each of them.
   */
  void put(byte[] key, int offset, int length) {
    for (Range[] known = ranges; known.length > 0; known = ranges) {
      int at = floor(known, key, offset, length);
      if (at < 0 || !isBelow(key, offset, length, known[at].seenEnd)) {
        return;
      }
      Range cut = known[at];
      byte[] end = cut.end;
      if (isBelow(key, offset, length, end)) {
        end = Arrays.copyOfRange(key, offset, offset + length);
      }
      List<Range> next = new ArrayList<>(Arrays.asList(known));
      if (Arrays.equals(cut.from, end)) {
        next.remove(at);
      } else {
        next.set(at, new Range(cut.from, end, cut.since, end));
      }
      if (replace(known, next)) {
        return;
      }
    }
  }

  private boolean replace(Range[] known, List<Range> next) {
    return RANGES.compareAndSet(this, known, next.toArray(NONE));
  }

  /**
   * Takes note of what a cursor has seen, unless the ranges have changed meanwhile.
   *
   * @param known loaded before the cursor began to look
   * @param seen what it has seen
   */
  void learn(Range[] known, Seen seen) {
    if (seen.from.length > MAX_KEY_BYTES || seen.behindDeleted.length > MAX_KEY_BYTES) {
      return;
    }
    int at = floor(known, seen.from, 0, seen.from.length);
    Range old = at < 0 ? null : known[at];
    if (old != null && Arrays.compareUnsigned(seen.from, old.end) > 0) {
      if (Arrays.compareUnsigned(seen.from, old.seenEnd) < 0) {
        return; // begins in what is not proven yet: of no use to that, and in its way
      }
      old = null;
    }
    Range learnt = old != null ? extended(old, seen) : fresh(seen);
    if (learnt == null) {
      return;
    }
    List<Range> next = new ArrayList<>(Arrays.asList(known));
    if (old != null) {
      next.set(at, learnt);
    } else {
      next.add(++at, learnt);
    }
    Range stored = joined(next, at);
    if (next.size() > MAX_RANGES) {
      next.remove(oldest(next, at));
    }
    if (replace(known, next) && stored.isPending()) {
      stored.seenAt = groupBound.getAsLong();
    }
  }

  private static Range fresh(Seen seen) {
    return seen.deleted < MIN_DELETED
        ? null
        : new Range(seen.from, seen.from, seen.sequence, seen.behindDeleted);
  }

  /** The range with more of it proven or seen; null when nothing is to change. */
  private static Range extended(Range old, Seen seen) {
    if (seen.sequence < old.since) {
      return null;
    }
    boolean proven = old.isPending() && seen.sequence >= old.seenAt && seen.reaches(old.seenEnd);
    if (old.isPending() && !proven && old.seenAt != Long.MAX_VALUE) {
      return null; // waits for another look
    }
    byte[] end = proven ? old.seenEnd : old.end;
    boolean more =
        seen.deleted >= MIN_EXTENSION && Arrays.compareUnsigned(seen.behindDeleted, end) > 0;
    if (!proven && !more) {
      return null;
    }
    long since = proven ? seen.sequence : old.since;
    return new Range(old.from, end, since, more ? seen.behindDeleted : end);
  }

  /** Makes a range end where the next one begins, or takes that one in; what has become of it. */
  private static Range joined(List<Range> next, int at) {
    Range range = next.get(at);
    while (at + 1 < next.size()) {
      Range after = next.get(at + 1);
      if (Arrays.compareUnsigned(range.seenEnd, after.from) < 0) {
        break;
      }
      boolean covered = Arrays.compareUnsigned(range.seenEnd, after.seenEnd) >= 0;
      if (Arrays.compareUnsigned(range.end, after.from) >= 0) {
        // Proven up to the next one or beyond: both become one.
        boolean further = Arrays.compareUnsigned(after.end, range.end) > 0;
        byte[] end = further ? after.end : range.end;
        long since = further ? Math.max(range.since, after.since) : range.since;
        byte[] seenEnd = covered ? range.seenEnd : end;
        range = new Range(range.from, end, since, max(end, seenEnd));
      } else if (!covered || !Arrays.equals(after.from, after.end)) {
        range = new Range(range.from, range.end, range.since, max(range.end, after.from));
        next.set(at, range);
        break;
      }
      next.set(at, range);
      next.remove(at + 1);
    }
    return range;
  }

  private static byte[] max(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }

  /** The range that has waited longest for a look, apart from one. */
  private static int oldest(List<Range> all, int apart) {
    int oldest = apart == 0 ? 1 : 0;
    for (int i = oldest + 1; i < all.size(); i++) {
      if (i != apart && all.get(i).since < all.get(oldest).since) {
        oldest = i;
      }
    }
    return oldest;
  }
}
