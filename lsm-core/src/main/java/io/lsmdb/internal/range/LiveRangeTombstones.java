package io.lsmdb.internal.range;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The range tombstones of a memtable, as pieces to which one writer adds.
 *
 * <p>One writer at a time, handed over with a happens-before edge (the commit leader); any number
 * of lock-free readers, who read at sequences that were made visible after all additions up to
 * them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>What a reader at a visible sequence is told of a key never changes. A piece that is cut in
 *       two has the same list on both sides, and an addition puts a sequence before lists that
 *       stay: a reader at an older sequence passes over it, whatever step the writer has come to.
 *   <li>Lists share their tails, so that a tombstone takes one node for each piece that it covers,
 *       and two bounds at most.
 *   <li>Tombstones of one group of writes are visible together or not at all; the newest of them on
 *       a piece stands for all, and pieces become one that do not differ any more.
 * </ol>
 */
public final class LiveRangeTombstones implements RangeCover.Source {
  /** What a bound takes in memory beside its bytes, about: a node, its index, an array. */
  private static final int BOUND_BYTES = 120;

  private static final int NODE_BYTES = 32;

  private final ConcurrentNavigableMap<byte[], Node> pieces =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

  private long memoryUsage; // the writer's

  /** A list of sequences, newest first, that ends with {@link #UNCOVERED}. */
  private static final class Node {
    final long sequence;
    final Node older;

    Node(long sequence, Node older) {
      this.sequence = sequence;
      this.older = older;
    }
  }

  /** The empty list. */
  private static final Node UNCOVERED = new Node(RangeCover.NONE, null);

  /** Without tombstones. */
  public LiveRangeTombstones() {}

  /**
   * Adds a tombstone; for the single writer.
   *
   * @param from first key; kept, not to be changed
   * @param to end, exclusive, above {@code from}; null for no end; kept, not to be changed
   * @param sequence larger than any before
   * @param group the first sequence of the group of writes that it belongs to
   */
  public void add(byte[] from, byte[] to, long sequence, long group) {
    if (to != null) {
      cut(to);
    }
    cut(from);
    ConcurrentNavigableMap<byte[], Node> covered =
        to == null ? pieces.tailMap(from, true) : pieces.subMap(from, true, to, false);
    Node before = null;
    Iterator<Map.Entry<byte[], Node>> entries = covered.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<byte[], Node> entry = entries.next();
      Node older = entry.getValue();
      boolean sameGroup = older.sequence >= group;
      older = sameGroup ? older.older : older;
      if (sameGroup && before != null && before.older == older) {
        entries.remove(); // was cut in this group, and does not differ from the piece before
        memoryUsage -= BOUND_BYTES + entry.getKey().length;
        continue;
      }
      before = new Node(sequence, older);
      pieces.put(entry.getKey(), before);
      memoryUsage += NODE_BYTES;
    }
  }

  /** Makes a piece begin at a key. */
  private void cut(byte[] bound) {
    Map.Entry<byte[], Node> floor = pieces.floorEntry(bound);
    if (floor == null || !Arrays.equals(floor.getKey(), bound)) {
      pieces.put(bound, floor == null ? UNCOVERED : floor.getValue());
      memoryUsage += BOUND_BYTES + bound.length;
    }
  }

  @Override
  public long covering(byte[] key, int offset, int length, long sequence) {
    boolean whole = offset == 0 && length == key.length;
    Map.Entry<byte[], Node> piece =
        pieces.floorEntry(whole ? key : Arrays.copyOfRange(key, offset, offset + length));
    return piece == null ? RangeCover.NONE : atOrBelow(piece.getValue(), sequence);
  }

  @Override
  public void narrow(byte[] key, long sequence, RangeCover answer) {
    Map.Entry<byte[], Node> piece = pieces.floorEntry(key);
    // Asked after that: bounds which the writer adds in between make the answer narrower.
    byte[] to = pieces.higherKey(key);
    answer.narrow(
        piece == null ? null : piece.getKey(),
        to,
        piece == null ? RangeCover.NONE : atOrBelow(piece.getValue(), sequence));
  }

  private static long atOrBelow(Node newest, long sequence) {
    Node node = newest;
    while (node.sequence > sequence) {
      node = node.older;
    }
    return node.sequence;
  }

  /**
   * About how much memory is held; for the writer.
   *
   * @return bytes
   */
  public long memoryUsage() {
    return memoryUsage;
  }

  /**
   * The tombstones now; no writer may be at work.
   *
   * @return a copy
   */
  public RangeTombstones toImmutable() {
    RangeTombstones.Builder copy = new RangeTombstones.Builder();
    for (Map.Entry<byte[], Node> piece : pieces.entrySet()) {
      int n = 0;
      for (Node node = piece.getValue(); node != UNCOVERED; node = node.older) {
        n++;
      }
      long[] falling = new long[n];
      Node node = piece.getValue();
      for (int i = 0; i < n; i++) {
        falling[i] = node.sequence;
        node = node.older;
      }
      copy.add(piece.getKey(), falling);
    }
    return copy.build();
  }
}
