package io.lsmdb.internal.range;

import io.lsmdb.internal.base.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The range tombstones of a family's tables, as pieces in key order.
 *
 * <p>Immutable, hence thread-safe. A lookup is one binary search.
 *
 * <ol>
 *   <li>Bounds ascend strictly. The piece from one bound to the next has a list of sequences, which
 *       fall strictly; an empty list means that nothing is deleted there. Before the first bound
 *       nothing is; the last piece has no end.
 *   <li>Neighbouring pieces have different lists, and the first list is not empty.
 * </ol>
 */
public final class RangeTombstones implements RangeCover.Source {
  /** In place of a sequence: no tombstone above. */
  public static final long NOTHING_ABOVE = Long.MAX_VALUE;

  private static final long[] UNCOVERED = {};

  /** Without tombstones. */
  public static final RangeTombstones EMPTY = new RangeTombstones(new byte[0][], new long[0][], 0);

  private final byte[][] bounds;
  private final int shared; // how many first bytes all bounds have in common
  private final long[] prefixes; // of what follows, for a search without pointer chasing
  private final long[][] sequences;
  private final int size;
  private final long largestSequence;

  private RangeTombstones(byte[][] bounds, long[][] sequences, long atLeast) {
    this.bounds = bounds;
    this.sequences = sequences;
    this.prefixes = new long[bounds.length];
    this.shared = bounds.length == 0 ? 0 : shared(bounds[0], bounds[bounds.length - 1]);
    int covered = 0;
    long largest = atLeast;
    for (int i = 0; i < bounds.length; i++) {
      prefixes[i] = Bytes.prefix(bounds[i], shared, bounds[i].length - shared);
      if (sequences[i].length > 0) {
        covered++;
        largest = Math.max(largest, sequences[i][0]);
      }
    }
    this.size = covered;
    this.largestSequence = largest;
  }

  private static int shared(byte[] first, byte[] last) {
    int mismatch = Arrays.mismatch(first, last);
    return mismatch < 0 ? first.length : mismatch;
  }

  /** Collects pieces in key order. Not thread-safe. */
  public static final class Builder {
    private final List<byte[]> bounds = new ArrayList<>();
    private final List<long[]> sequences = new ArrayList<>();

    /** Begins without pieces. */
    public Builder() {}

    /**
     * Adds the piece that ends the one before.
     *
     * @param bound its first key, above the last one; kept, not to be changed
     * @param covering sequences of the tombstones that cover it, falling; kept, not to be changed
     * @return this
     * @throws IllegalArgumentException if something is out of order
     */
    public Builder add(byte[] bound, long... covering) {
      int last = bounds.size() - 1;
      if (last >= 0 && RangeCover.compare(bounds.get(last), bound) >= 0) {
        throw new IllegalArgumentException("bounds of range tombstones out of order");
      }
      for (int i = 1; i < covering.length; i++) {
        if (covering[i] >= covering[i - 1]) {
          throw new IllegalArgumentException("sequences of range tombstones out of order");
        }
      }
      long[] before = last < 0 ? UNCOVERED : sequences.get(last);
      if (!Arrays.equals(before, covering)) {
        bounds.add(bound);
        sequences.add(covering);
      }
      return this;
    }

    /**
     * The pieces.
     *
     * @return what was added
     */
    public RangeTombstones build() {
      return build(0);
    }

    private RangeTombstones build(long largestSequence) {
      return new RangeTombstones(
          bounds.toArray(new byte[0][]), sequences.toArray(new long[0][]), largestSequence);
    }
  }

  /**
   * Whether there is none.
   *
   * @return true if no piece is covered
   */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * How many pieces are covered by a tombstone.
   *
   * @return a count
   */
  public int size() {
    return size;
  }

  /**
   * The sequence of the newest tombstone that is or was among these: see {@link #retain}.
   *
   * @return 0 if there never was one
   */
  public long largestSequence() {
    return largestSequence;
  }

  /**
   * How many pieces there are, those included that are not covered.
   *
   * @return a count
   */
  public int pieces() {
    return bounds.length;
  }

  /**
   * Where a piece begins.
   *
   * @param piece its number, from 0 on
   * @return not to be changed
   */
  public byte[] from(int piece) {
    return bounds[piece];
  }

  /**
   * Where a piece ends.
   *
   * @param piece its number, from 0 on
   * @return exclusive, null for no end; not to be changed
   */
  public byte[] to(int piece) {
    return piece + 1 < bounds.length ? bounds[piece + 1] : null;
  }

  /**
   * The tombstones that cover a piece.
   *
   * @param piece its number, from 0 on
   * @return their sequences, falling; not to be changed
   */
  public long[] sequences(int piece) {
    return sequences[piece];
  }

  /**
   * Finds the piece that a key lies in.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @return its number, -1 before the first piece
   */
  public int find(byte[] key, int offset, int length) {
    int low = 0;
    int high = bounds.length;
    if (shared > 0) {
      int common = Math.min(shared, length);
      int order = Bytes.compare(key, offset, common, bounds[0], 0, shared);
      if (order != 0) {
        return order < 0 ? -1 : high - 1;
      }
    }
    long prefix = Bytes.prefix(key, offset + shared, length - shared);
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = Long.compareUnsigned(prefixes[middle], prefix);
      if (order == 0) {
        byte[] bound = bounds[middle];
        order = Bytes.compare(bound, 0, bound.length, key, offset, length);
      }
      if (order <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  @Override
  public long covering(byte[] key, int offset, int length, long sequence) {
    int piece = find(key, offset, length);
    return piece < 0 ? RangeCover.NONE : atOrBelow(sequences[piece], sequence);
  }

  @Override
  public void narrow(byte[] key, long sequence, RangeCover answer) {
    int piece = find(key, 0, key.length);
    answer.narrow(
        piece < 0 ? null : bounds[piece],
        to(piece),
        piece < 0 ? RangeCover.NONE : atOrBelow(sequences[piece], sequence));
  }

  private static long atOrBelow(long[] falling, long sequence) {
    int at = countAbove(falling, sequence);
    return at < falling.length ? falling[at] : RangeCover.NONE;
  }

  /**
   * The newest tombstone of a piece that a reader at a sequence sees.
   *
   * @param piece number of the piece, from 0 on
   * @param sequence what is read at
   * @return its sequence, or {@link RangeCover#NONE}
   */
  public long newestUpTo(int piece, long sequence) {
    return atOrBelow(sequences[piece], sequence);
  }

  /**
   * The oldest tombstone of a piece that hides an entry.
   *
   * @param piece number of the piece in which the entry's key lies, -1 for before the first
   * @param sequence of the entry
   * @return the smallest sequence above, or {@link #NOTHING_ABOVE}
   */
  public long oldestAbove(int piece, long sequence) {
    if (piece < 0) {
      return NOTHING_ABOVE;
    }
    int above = countAbove(sequences[piece], sequence);
    return above == 0 ? NOTHING_ABOVE : sequences[piece][above - 1];
  }

  private static int countAbove(long[] falling, long sequence) {
    int low = 0;
    int high = falling.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (falling[middle] > sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The tombstones of both.
   *
   * @param other some more
   * @return a new set, or one of the two if the other never had any
   */
  public RangeTombstones union(RangeTombstones other) {
    if (largestSequence == 0 || other.largestSequence == 0) {
      return largestSequence == 0 ? other : this;
    }
    Builder union = new Builder();
    int mine = 0; // pieces before have begun
    int its = 0;
    while (mine < bounds.length || its < other.bounds.length) {
      int order;
      if (mine == bounds.length) {
        order = 1;
      } else if (its == other.bounds.length) {
        order = -1;
      } else {
        order = RangeCover.compare(bounds[mine], other.bounds[its]);
      }
      byte[] bound = order <= 0 ? bounds[mine] : other.bounds[its];
      mine += order <= 0 ? 1 : 0;
      its += order >= 0 ? 1 : 0;
      union.add(bound, union(begun(mine), other.begun(its)));
    }
    return union.build(Math.max(largestSequence, other.largestSequence));
  }

  private long[] begun(int pieces) {
    return pieces == 0 ? UNCOVERED : sequences[pieces - 1];
  }

  private static long[] union(long[] a, long[] b) {
    if (a.length == 0 || b.length == 0) {
      return a.length == 0 ? b : a;
    }
    long[] result = new long[a.length + b.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      long x = i < a.length ? a[i] : -1;
      long y = j < b.length ? b[j] : -1;
      result[n++] = Math.max(x, y);
      i += x >= y ? 1 : 0;
      j += y >= x ? 1 : 0;
    }
    return Arrays.copyOf(result, n);
  }

  /** Decides which tombstones of a piece stay. */
  @FunctionalInterface
  public interface Retention {
    /**
     * Chooses among the tombstones of a piece.
     *
     * @param from where it begins
     * @param to where it ends, exclusive; null for no end
     * @param falling the sequences of its tombstones, not to be changed
     * @return the ones that stay, in their order
     */
    long[] retained(byte[] from, byte[] to, long[] falling);
  }

  /**
   * The tombstones that somebody still needs. {@link #largestSequence} goes on to speak of all.
   *
   * @param retention asked for each piece that is covered
   * @return a new set, or this one if all stay
   */
  public RangeTombstones retain(Retention retention) {
    if (isEmpty()) {
      return this;
    }
    Builder kept = new Builder();
    boolean changed = false;
    for (int piece = 0; piece < bounds.length; piece++) {
      long[] falling = sequences[piece];
      long[] stay =
          falling.length == 0 ? falling : retention.retained(bounds[piece], to(piece), falling);
      changed |= stay.length != falling.length;
      kept.add(bounds[piece], stay);
    }
    return changed ? kept.build(largestSequence) : this;
  }

  /**
   * The sequences above another one.
   *
   * @param falling sequences, not to be changed
   * @param sequence the other one
   * @return those that are larger
   */
  public static long[] above(long[] falling, long sequence) {
    int n = countAbove(falling, sequence);
    return n == falling.length ? falling : Arrays.copyOf(falling, n);
  }
}
