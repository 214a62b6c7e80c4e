package io.lsmdb.internal.range;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The range tombstones of a memtable, to which one writer adds.
 *
 * <p>One writer at a time, handed over with a happens-before edge (the commit leader); any number
 * of lock-free readers, who read at sequences that were made visible after all additions up to
 * them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each tombstone leaves a state: a tree of pieces, each with the newest tombstone that covers
 *       it, see {@link PieceTree}. Whoever asks for a sequence uses the newest state at or below
 *       it, which never changes. That sequence may be within a group of writes: a lookup that
 *       gathers operands goes on below each.
 *   <li>An addition takes O(log n) time and memory, however many pieces it covers, and a reader
 *       finds its state among n in O(log n), like a version in a chain: a state jumps twice as far
 *       back as the one before it did when that one's last two jumps were equally long (E. W.
 *       Myers, "An applicative random-access stack", Information Processing Letters 17, 1983).
 *   <li>States that only readers below some sequence need go away once the writer is told so, see
 *       {@link #forgetBelow}.
 * </ol>
 */
public final class LiveRangeTombstones implements RangeCover.Source {
  /** What a state takes in memory beside its tree. */
  private static final int STATE_BYTES = 48;

  /** What the tombstones up to a sequence delete. */
  private static final class State {
    final long sequence;
    final PieceTree.Node tree;
    final State older; // itself in the first one
    final State jump;
    final int depth;

    /** The first state. */
    State(long sequence, PieceTree.Node tree) {
      this.sequence = sequence;
      this.tree = tree;
      older = this;
      jump = this;
      depth = 0;
    }

    State(long sequence, PieceTree.Node tree, State older) {
      this.sequence = sequence;
      this.tree = tree;
      this.older = older;
      depth = older.depth + 1;
      State near = older.jump;
      jump = older.depth - near.depth == near.depth - near.jump.depth ? near.jump : older;
    }
  }

  private final PieceTree trees = new PieceTree();
  private volatile State newest = new State(RangeCover.NONE, null);

  /** Without tombstones. */
  public LiveRangeTombstones() {}

  /**
   * Adds a tombstone; for the single writer.
   *
   * @param from first key; kept, not to be changed
   * @param to end, exclusive, above {@code from}; null for no end; kept, not to be changed
   * @param sequence larger than any before
   */
  public void add(byte[] from, byte[] to, long sequence) {
    State last = newest;
    newest = new State(sequence, trees.delete(last.tree, from, to, sequence), last);
  }

  /**
   * Gives up what only readers below a sequence need; for the single writer.
   *
   * @param sequence nobody reads, or will read, at a smaller one
   */
  public void forgetBelow(long sequence) {
    Deque<State> kept = new ArrayDeque<>();
    State state = newest;
    while (state.sequence > sequence && state.depth > 0) {
      kept.push(state);
      state = state.older;
    }
    State rebuilt = new State(state.sequence, state.tree);
    for (State newer : kept) {
      rebuilt = new State(newer.sequence, newer.tree, rebuilt);
    }
    newest = rebuilt;
    trees.forgetCopies();
  }

  /**
   * The sequence of the newest tombstone; for the writer.
   *
   * @return {@link RangeCover#NONE} if there is none
   */
  public long newestSequence() {
    return newest.sequence;
  }

  /**
   * The state at a sequence. Below the first state that is left only those ask who read later, and
   * have come to an operand: it is not hidden, so the newest tombstone of its key is older than it,
   * and the first state still has that.
   */
  private State at(long sequence) {
    State state = newest;
    while (state.sequence > sequence && state.depth > 0) {
      state = state.jump.sequence > sequence ? state.jump : state.older;
    }
    return state;
  }

  @Override
  public long covering(byte[] key, int offset, int length, long sequence) {
    PieceTree.Node piece = PieceTree.floor(at(sequence).tree, key, offset, length);
    return piece == null ? RangeCover.NONE : piece.sequence;
  }

  @Override
  public void narrow(byte[] key, long sequence, RangeCover answer) {
    PieceTree.Node tree = at(sequence).tree;
    PieceTree.Node piece = PieceTree.floor(tree, key, 0, key.length);
    PieceTree.Node next = PieceTree.higher(tree, key);
    answer.narrow(
        piece == null ? null : piece.from,
        next == null ? null : next.from,
        piece == null ? RangeCover.NONE : piece.sequence);
  }

  /**
   * About how much memory is held; for the writer.
   *
   * @return bytes
   */
  public long memoryUsage() {
    return trees.treeBytes() + trees.copiedBytes() + (long) STATE_BYTES * newest.depth;
  }

  /**
   * The tombstones that somebody may still need; no writer may be at work.
   *
   * @param readers sequences at which somebody reads, ascending; others read at or above the newest
   *     tombstone
   * @return a copy
   */
  public RangeTombstones toImmutable(long... readers) {
    Deque<State> needed = new ArrayDeque<>();
    needed.push(newest);
    for (int i = readers.length - 1; i >= 0; i--) {
      State state = at(readers[i]);
      if (state != needed.peek()) {
        needed.push(state);
      }
    }
    Stacks stacks = new Stacks();
    long before = RangeCover.NONE;
    for (State state : needed) {
      PieceTree.visitAbove(state.tree, before, null, stacks::push);
      before = state.sequence;
    }
    return stacks.build();
  }

  /** Pieces with all of their tombstones, which are added from the oldest to the newest. */
  private static final class Stacks {
    /** A list of sequences, newest first, which shares its tail with others. */
    private static final class Entry {
      final long sequence;
      final Entry older;
      final int size;

      Entry(long sequence, Entry older, int size) {
        this.sequence = sequence;
        this.older = older;
        this.size = size;
      }
    }

    private static final Entry NOTHING = new Entry(RangeCover.NONE, null, 0);

    private final NavigableMap<byte[], Entry> pieces = new TreeMap<>(Arrays::compareUnsigned);

    @SuppressWarnings("ReferenceEquality") // pieces that share a list are one
    void push(byte[] from, byte[] to, long sequence) {
      if (to != null) {
        cut(to);
      }
      cut(from);
      NavigableMap<byte[], Entry> covered =
          to == null ? pieces.tailMap(from, true) : pieces.subMap(from, true, to, false);
      Entry before = null;
      Iterator<Map.Entry<byte[], Entry>> entries = covered.entrySet().iterator();
      while (entries.hasNext()) {
        Map.Entry<byte[], Entry> entry = entries.next();
        if (before == null || before.older != entry.getValue()) {
          before = new Entry(sequence, entry.getValue(), entry.getValue().size + 1);
          entry.setValue(before);
        } else {
          entries.remove(); // does not differ from the piece before
        }
      }
    }

    private void cut(byte[] bound) {
      Map.Entry<byte[], Entry> floor = pieces.floorEntry(bound);
      if (floor == null || !Arrays.equals(floor.getKey(), bound)) {
        pieces.put(bound, floor == null ? NOTHING : floor.getValue());
      }
    }

    RangeTombstones build() {
      RangeTombstones.Builder copy = new RangeTombstones.Builder();
      pieces.forEach(
          (from, entry) -> {
            long[] falling = new long[entry.size];
            Entry at = entry;
            for (int i = 0; i < falling.length; i++) {
              falling[i] = at.sequence;
              at = at.older;
            }
            copy.add(from, falling);
          });
      return copy.build();
    }
  }
}
