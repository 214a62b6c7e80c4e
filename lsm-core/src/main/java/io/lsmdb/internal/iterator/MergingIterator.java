package io.lsmdb.internal.iterator;

import io.lsmdb.internal.base.Bytes;
import java.util.List;

/**
 * One cursor over the entries of several cursors, in internal key order.
 *
 * <p>Not thread-safe. Owns its children: closing it closes each of them.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>While valid, the smallest child (moving forward) or the largest (moving backward) is at the
 *       top of the heap, and its entry is the current one.
 *   <li>Every entry of every child is shown, equal ones too: an entry that several children hold
 *       comes once from each, in the order of the children forward and the other way round
 *       backward.
 *   <li>A failure of a child leaves the cursor invalid and the heap empty; the next seek
 *       repositions all children, so that no child's failure is forgotten.
 * </ol>
 */
public final class MergingIterator extends InternalIterator {
  /*
   * The heap is a binary one whose top is replaced in place: a step moves the top child and sifts it
   * down, which takes one comparison pair a level and none of the pop-and-push of a priority queue. In
   * a merge the top child often stays the smallest, and then a step costs two comparisons. Each slot
   * keeps the first eight bytes of its child's key as a number, so that nearly all comparisons read two
   * adjacent longs and no key. (A loser tree makes fewer comparisons on paper and measured slower, and a
   * java.util.PriorityQueue took 1.7 times as long.)
   *
   * Numbers are stored so that "comes out earlier" is a smaller signed long in both directions: the
   * prefix with its sign bit flipped forward, and the complement of that backward.
   *
   * A change of direction repositions every child but the top one around the current entry, then moves
   * the top one. Ties decide on which side of the current entry an equal entry of another child belongs:
   * those of earlier children were shown before it, those of later children come after it. Trailer - 1
   * is the successor of an entry among internal keys, which exists because no kind has the number zero.
   */

  private static final long MIN = Long.MIN_VALUE;

  private final InternalIterator[] children;

  private final int[] heap; // index of the child in each slot
  private final long[] ranks; // its key's prefix, ordered as the direction asks
  private int size;
  private boolean forward = true;

  private MergingIterator(InternalIterator[] children) {
    this.children = children;
    this.heap = new int[children.length];
    this.ranks = new long[children.length];
  }

  /**
   * Merges cursors.
   *
   * @param children cursors to be owned by the result; among equal entries the first child's comes
   *     first
   * @return a cursor over all; the child itself when there is only one
   */
  public static InternalIterator of(List<? extends InternalIterator> children) {
    return children.size() == 1
        ? children.get(0)
        : new MergingIterator(children.toArray(new InternalIterator[0]));
  }

  @Override
  public void seekToFirst() {
    reset(true);
    for (InternalIterator child : children) {
      child.seekToFirst();
    }
    buildHeap();
  }

  @Override
  public void seekToLast() {
    reset(false);
    for (InternalIterator child : children) {
      child.seekToLast();
    }
    buildHeap();
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    reset(true);
    for (InternalIterator child : children) {
      child.seek(key, offset, length, searchTrailer);
    }
    buildHeap();
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    reset(false);
    for (InternalIterator child : children) {
      child.seekBefore(key, offset, length, searchTrailer);
    }
    buildHeap();
  }

  @Override
  public void next() {
    valid = false;
    int top = heap[0];
    InternalIterator child = children[top];
    if (!forward) {
      turnForward(top);
      return;
    }
    child.next();
    if (child.valid) {
      siftDown(0, top, Bytes.prefix(child.keyArray, child.keyOffset, child.keyLength) ^ MIN);
    } else {
      removeTop();
    }
    showTop();
  }

  @Override
  public void prev() {
    valid = false;
    int top = heap[0];
    InternalIterator child = children[top];
    if (forward) {
      turnBackward(top);
      return;
    }
    child.prev();
    if (child.valid) {
      siftDown(0, top, ~(Bytes.prefix(child.keyArray, child.keyOffset, child.keyLength) ^ MIN));
    } else {
      removeTop();
    }
    showTop();
  }

  @Override
  public void close() {
    valid = false;
    size = 0;
    RuntimeException failure = null;
    for (InternalIterator child : children) {
      try {
        child.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void reset(boolean toForward) {
    valid = false;
    size = 0;
    forward = toForward;
  }

  /** Moves to the entry after the current one, which the child {@code top} shows. */
  private void turnForward(int top) {
    InternalIterator at = children[top];
    reset(true);
    for (int i = 0; i < children.length; i++) {
      if (i != top) {
        long from = i < top ? at.trailer - 1 : at.trailer;
        children[i].seek(at.keyArray, at.keyOffset, at.keyLength, from);
      }
    }
    at.next();
    buildHeap();
  }

  /** Moves to the entry before the current one, which the child {@code top} shows. */
  private void turnBackward(int top) {
    InternalIterator at = children[top];
    reset(false);
    for (int i = 0; i < children.length; i++) {
      if (i != top) {
        long before = i < top ? at.trailer - 1 : at.trailer;
        children[i].seekBefore(at.keyArray, at.keyOffset, at.keyLength, before);
      }
    }
    at.prev();
    buildHeap();
  }

  private void buildHeap() {
    int n = 0;
    for (int i = 0; i < children.length; i++) {
      if (children[i].valid) {
        heap[n] = i;
        ranks[n] = rank(children[i]);
        n++;
      }
    }
    size = n;
    for (int slot = (n >>> 1) - 1; slot >= 0; slot--) {
      siftDown(slot, heap[slot], ranks[slot]);
    }
    showTop();
  }

  private long rank(InternalIterator child) {
    long ascending = Bytes.prefix(child.keyArray, child.keyOffset, child.keyLength) ^ MIN;
    return forward ? ascending : ~ascending;
  }

  private void removeTop() {
    int last = --size;
    if (last > 0) {
      siftDown(0, heap[last], ranks[last]);
    }
  }

  /** Puts a child into the slot or below it, where it belongs. */
  private void siftDown(int start, int child, long rank) {
    final int[] slots = heap;
    final long[] keys = ranks;
    int n = size;
    int firstLeaf = n >>> 1;
    int slot = start;
    while (slot < firstLeaf) {
      int best = 2 * slot + 1;
      long bestRank = keys[best];
      int right = best + 1;
      if (right < n) {
        long rightRank = keys[right];
        if (rightRank < bestRank
            || (rightRank == bestRank && comesBefore(slots[right], slots[best]))) {
          best = right;
          bestRank = rightRank;
        }
      }
      if (rank < bestRank || (rank == bestRank && comesBefore(child, slots[best]))) {
        break;
      }
      slots[slot] = slots[best];
      keys[slot] = bestRank;
      slot = best;
    }
    slots[slot] = child;
    keys[slot] = rank;
  }

  /** Whether one child's entry comes out before another's; the prefixes are known to be equal. */
  private boolean comesBefore(int one, int other) {
    InternalIterator a = children[one];
    InternalIterator b = children[other];
    int order =
        Bytes.compare(a.keyArray, a.keyOffset, a.keyLength, b.keyArray, b.keyOffset, b.keyLength);
    if (order == 0) {
      order = Long.compareUnsigned(b.trailer, a.trailer);
      if (order == 0) {
        order = Integer.compare(one, other);
      }
    }
    return forward ? order < 0 : order > 0;
  }

  /** Makes the top child's entry the current one. */
  private void showTop() {
    if (size == 0) {
      return;
    }
    InternalIterator top = children[heap[0]];
    keyArray = top.keyArray;
    keyOffset = top.keyOffset;
    keyLength = top.keyLength;
    trailer = top.trailer;
    valueArray = top.valueArray;
    valueOffset = top.valueOffset;
    valueLength = top.valueLength;
    valid = true;
  }
}
