package io.lsmdb.internal.engine.family;

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
public final class EmptyRanges {
  /*
   * A queue kept in sorted keys is appended to at its end and deleted from its start, and each look
   * for the first entry would step over the tombstones of all deletions before, in memtables and
   * tables alike, until compaction has dropped them. So would each look for the last entry of a
   * stack. This keeps what such looks have found out.
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
   * Which keys a cursor has seen to hold nothing at S is all that counts in this, not the order in
   * which it came to them: looks forward and backward are the same, and prove what the other noted.
   *
   * Once a range is proven, its end moves on in the same way: by two looks over what has been deleted
   * in the meantime. What has been deleted before its start becomes a range that ends there, and one
   * with it when it is proven.
   *
   * A put leaves what is on both sides of it. Of a part that ends at a put, or begins right behind
   * one, the next put leaves only the side that is away from the first one: where keys are put in
   * their order, there is nothing deleted between them, and ranges are to stay few.
   *
   * What counts as empty must be tombstones and what they hide. An entry that is hidden by something
   * that may end without a write, such as a clock that says that it has expired, is no evidence.
   */

  /** A cursor that has stepped over fewer deleted keys at a time than this makes no new range. */
  public static final int MIN_DELETED = 32;

  /** Nor does it extend one for fewer. */
  public static final int MIN_EXTENSION = 8;

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

  /** Part of the family's keys. Immutable apart from {@code seenAt}. */
  public static final class Range {
    /** The first key. */
    public final byte[] from;

    /** Where the proven part ends, exclusive; may be empty. */
    public final byte[] end;

    /** The sequence from which on the proven part is empty. */
    final long since;

    /** Where the part ends that one cursor has seen as empty, exclusive; not before the end. */
    final byte[] seenEnd;

    /** Whether it begins right behind a put that has cut it off. */
    final boolean behindPut;

    /** Whether it ends at a put that has cut it off. */
    final boolean beforePut;

    /** From which sequence on a second look counts; known only after the range is stored. */
    volatile long seenAt = Long.MAX_VALUE;

    Range(byte[] from, byte[] end, long since, byte[] seenEnd) {
      this(from, end, since, seenEnd, false, false);
    }

    private Range(
        byte[] from, byte[] end, long since, byte[] seenEnd, boolean behindPut, boolean beforePut) {
      this.from = from;
      this.end = end;
      this.since = since;
      this.seenEnd = seenEnd;
      this.behindPut = behindPut;
      this.beforePut = beforePut;
    }

    /** Whether a second look would prove more. */
    public boolean isPending() {
      return !Arrays.equals(end, seenEnd);
    }

    /** Whether it has been noted from when on a second look counts, and that has not come yet. */
    boolean isWaiting() {
      return isPending() && seenAt != Long.MAX_VALUE;
    }

    /** This range and the one that begins where its proven part ends; it is not pending. */
    Range with(Range after) {
      boolean proven = !Arrays.equals(after.from, after.end);
      long both = proven ? Math.max(since, after.since) : since;
      Range joined = new Range(from, after.end, both, after.seenEnd);
      joined.seenAt = after.seenAt;
      return joined;
    }

    /** What a put leaves of the proven part before it; null for nothing. */
    Range leftBefore(byte[] key, int offset, int length) {
      if (behindPut) {
        return null;
      }
      boolean inside = isBelow(key, offset, length, end);
      byte[] to = inside ? Arrays.copyOfRange(key, offset, offset + length) : end;
      return Arrays.compareUnsigned(from, to) < 0
          ? new Range(from, to, since, to, false, inside || beforePut)
          : null;
    }

    /** What a put leaves of the proven part behind it; null for nothing. */
    Range leftBehind(byte[] key, int offset, int length) {
      if (beforePut || !isBelow(key, offset, length, end)) {
        return null;
      }
      byte[] behind = behind(key, offset, length);
      return Arrays.compareUnsigned(behind, end) < 0
          ? new Range(behind, end, since, end, true, false)
          : null;
    }

    boolean contains(byte[] key, int offset, int length, long sequence) {
      return sequence >= since
          && !isBelow(key, offset, length, from)
          && isBelow(key, offset, length, end);
    }
  }

  /**
   * What a cursor has passed, in either direction: from a key on, every visible entry up to another
   * was deleted.
   *
   * @param from first key
   * @param behindDeleted right behind the last deleted key
   * @param covered there is nothing visible before, not even behind the last deleted key; null for
   *     no end
   * @param deleted how many deleted keys it met
   * @param sequence what it read at
   */
  public record Seen(
      byte[] from, byte[] behindDeleted, byte[] covered, int deleted, long sequence) {
    /** Whether this is the second look at the part of a range that waits for one. */
    boolean proves(Range range) {
      return range.isPending()
          && sequence >= range.seenAt
          && sequence >= range.since
          && Arrays.compareUnsigned(from, range.end) <= 0
          && (covered == null || Arrays.compareUnsigned(covered, range.seenEnd) >= 0);
    }
  }

  /**
   * What is known now, for {@link #find} and {@link #learn}. To be loaded after the sequence at
   * which it is used became visible.
   */
  public Range[] load() {
    return ranges;
  }

  /** The proven range that a key lies in, for a reader at a sequence; null when there is none. */
  public static Range find(Range[] known, byte[] key, int offset, int length, long sequence) {
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

  /** The smallest key behind another. */
  public static byte[] behind(byte[] key, int offset, int length) {
    byte[] behind = new byte[length + 1];
    System.arraycopy(key, offset, behind, 0, length);
    return behind;
  }

  /**
   * Cuts what a put ends; called by the commit leader for every operation that may make a key
   * visible, before it is published. Whatever else may add keys to an open store has to do the same
   * for each of them.
   */
  public void put(byte[] key, int offset, int length) {
    for (Range[] known = ranges; known.length > 0; known = ranges) {
      int at = floor(known, key, offset, length);
      if (at < 0 || !isBelow(key, offset, length, known[at].seenEnd)) {
        return;
      }
      Range before = known[at].leftBefore(key, offset, length);
      Range behind = known[at].leftBehind(key, offset, length);
      if (RANGES.compareAndSet(this, known, replaced(known, at, before, behind))) {
        return;
      }
    }
  }

  /** The ranges with up to two others, which may be null, in the place of one. */
  private static Range[] replaced(Range[] known, int at, Range before, Range behind) {
    int parts = (before == null ? 0 : 1) + (behind == null ? 0 : 1);
    Range[] next = new Range[known.length - 1 + parts];
    System.arraycopy(known, 0, next, 0, at);
    System.arraycopy(known, at + 1, next, at + parts, known.length - at - 1);
    if (before != null) {
      next[at] = before;
    }
    if (behind != null) {
      next[at + parts - 1] = behind;
    }
    return next.length > MAX_RANGES ? few(new ArrayList<>(Arrays.asList(next)), at) : next;
  }

  /**
   * Takes note of what a cursor has seen, unless the ranges have changed meanwhile.
   *
   * @param known loaded before the cursor began to look
   * @param seen what it has seen
   */
  public void learn(Range[] known, Seen seen) {
    if (seen.from.length > MAX_KEY_BYTES || seen.behindDeleted.length > MAX_KEY_BYTES) {
      return;
    }
    List<Range> next = new ArrayList<>(known.length + 1);
    for (Range range : known) {
      append(
          next,
          seen.proves(range)
              ? new Range(range.from, range.seenEnd, seen.sequence, range.seenEnd)
              : range);
    }
    int at = floor(next.toArray(NONE), seen.from, 0, seen.from.length);
    note(next, at, seen);
    Range[] learnt = few(next, at + 1);
    if (!Arrays.equals(learnt, known) && RANGES.compareAndSet(this, known, learnt)) {
      for (Range range : learnt) {
        if (range.isPending() && !range.isWaiting()) {
          range.seenAt = groupBound.getAsLong();
        }
      }
    }
  }

  /** Adds a range behind others; what is proven without a gap becomes one. */
  private static void append(List<Range> next, Range range) {
    int last = next.size() - 1;
    if (last >= 0 && Arrays.equals(next.get(last).end, range.from)) {
      next.set(last, next.get(last).with(range));
    } else {
      next.add(range);
    }
  }

  /**
   * Makes pending what a cursor has seen and is not proven.
   *
   * @param next the ranges, to be changed
   * @param floor the last range that begins at or before what is seen; negative for none
   * @param seen what the cursor has seen
   */
  private static void note(List<Range> next, int floor, Seen seen) {
    int at = floor;
    int least = MIN_EXTENSION;
    boolean begins = at < 0 || Arrays.compareUnsigned(seen.from, next.get(at).end) > 0;
    if (begins) {
      if (at >= 0 && Arrays.compareUnsigned(seen.from, next.get(at).seenEnd) < 0) {
        return; // begins in what is not proven yet: of no use to that, and in its way
      }
      at++;
      if (at == next.size() || Arrays.compareUnsigned(next.get(at).from, seen.behindDeleted) > 0) {
        least = MIN_DELETED;
      }
    }
    if (seen.deleted < least) {
      return;
    }
    if (begins) {
      next.add(at, new Range(seen.from, seen.from, seen.sequence, seen.from));
    }
    for (; at < next.size(); at++) {
      Range range = next.get(at);
      if (Arrays.compareUnsigned(range.end, seen.behindDeleted) >= 0) {
        return;
      }
      if (!range.isWaiting() && seen.sequence >= range.since) {
        byte[] to = seen.behindDeleted;
        if (at + 1 < next.size() && Arrays.compareUnsigned(next.get(at + 1).from, to) < 0) {
          to = next.get(at + 1).from;
        }
        next.set(at, new Range(range.from, range.end, range.since, to));
      }
    }
  }

  /** The ranges, without the one that is the oldest if they have become too many. */
  private static Range[] few(List<Range> next, int apart) {
    if (next.size() > MAX_RANGES) {
      next.remove(oldest(next, apart));
    }
    return next.toArray(NONE);
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
