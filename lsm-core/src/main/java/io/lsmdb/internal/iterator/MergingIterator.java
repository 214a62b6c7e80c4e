package io.lsmdb.internal.iterator;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;
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
   * down, which takes one pair of comparisons a level and none of the pop-and-push of a priority
   * queue. In a merge the top child often stays the smallest, and then a step costs two comparisons.
   * Each slot keeps eight bytes of its child's key as a number, its rank, so that nearly all
   * comparisons read two adjacent longs and no key. (A loser tree makes fewer comparisons on paper
   * and measured slower, and a java.util.PriorityQueue took 1.7 times as long.)
   *
   * Ranks are stored so that "comes out earlier" is a smaller signed long in both directions: the
   * bytes as a number with its sign bit flipped forward, and the complement of that backward. Equal
   * ranks say nothing; then the keys are compared.
   *
   * Where all keys begin alike, their first eight bytes are of no use. So ranks are taken behind a
   * "shared" prefix: keys that begin with it rank by the eight bytes after it, smaller keys rank
   * lowest, and larger ones highest. Whatever the prefix is, a smaller rank means a smaller key, so
   * the prefix may be chosen by guess: when keys had to be compared often, it becomes what the keys
   * in the heap share just now. All ranks are then taken anew; the heap stays as it is, because the
   * true order of its slots has not changed.
   *
   * A change of direction repositions every child but the top one around the current entry, then
   * moves the top one. Ties decide on which side of the current entry an equal entry of another child
   * belongs: those of earlier children were shown before it, those of later children come after it.
   * Trailer - 1 is the successor of an entry among internal keys, which exists because no kind has
   * the number zero.
   */

  private static final long SIGN = Long.MIN_VALUE;

  /** A shorter shared prefix is not worth the check of it. */
  private static final int MIN_SHARED = 4;

  private final InternalIterator[] children;

  private final int[] heap; // index of the child in each slot
  private final long[] ranks; // eight bytes of its key, ordered as the direction asks
  private int size;
  private boolean forward = true;

  private byte[] shared = Bytes.EMPTY; // the first sharedLength bytes count
  private int sharedLength;
  private final int maxKeysCompared; // then another prefix may be better
  private int keysCompared; // since the shared prefix was chosen

  private MergingIterator(InternalIterator[] children) {
    this.children = children;
    this.heap = new int[children.length];
    this.ranks = new long[children.length];
    this.maxKeysCompared = 16 * children.length;
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
    replaceTopForward(top, child);
  }

  @Override
  public void skip(long searchTrailer) {
    valid = false;
    int top = heap[0];
    InternalIterator child = children[top];
    if (!forward) {
      turnForward(top);
      return;
    }
    child.skip(searchTrailer); // other children that hold the key are next at the top
    replaceTopForward(top, child);
  }

  private void replaceTopForward(int top, InternalIterator child) {
    if (child.valid) {
      if (size > 1) { // the last child that is left needs no rank
        siftDown(0, top, ascendingRank(child));
      }
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
    replaceTopBackward(top, child);
  }

  @Override
  public void skipBack(long searchTrailer) {
    valid = false;
    int top = heap[0];
    InternalIterator child = children[top];
    if (forward) {
      turnBackward(top);
      return;
    }
    child.skipBack(searchTrailer);
    replaceTopBackward(top, child);
  }

  private void replaceTopBackward(int top, InternalIterator child) {
    if (child.valid) {
      if (size > 1) {
        siftDown(0, top, ~ascendingRank(child));
      }
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
    long ascending = ascendingRank(child);
    return forward ? ascending : ~ascending;
  }

  private long ascendingRank(InternalIterator child) {
    if (sharedLength == 0) {
      return Bytes.prefix(child.keyArray, child.keyOffset, child.keyLength) ^ SIGN;
    }
    int from = child.keyOffset;
    int n = sharedLength;
    int common = Math.min(n, child.keyLength);
    int differs = Arrays.mismatch(child.keyArray, from, from + common, shared, 0, n);
    if (differs < 0) {
      return Bytes.prefix(child.keyArray, from + n, child.keyLength - n) ^ SIGN;
    }
    return differs == common || (child.keyArray[from + differs] & 0xFF) < (shared[differs] & 0xFF)
        ? Long.MIN_VALUE
        : Long.MAX_VALUE;
  }

  /** Takes what all keys in the heap share as the shared prefix. */
  private void chooseShared() {
    keysCompared = 0;
    if (size < 2) {
      return;
    }
    InternalIterator first = children[heap[0]];
    int length = first.keyLength;
    for (int slot = 1; slot < size; slot++) {
      InternalIterator other = children[heap[slot]];
      int differs =
          Arrays.mismatch(
              first.keyArray,
              first.keyOffset,
              first.keyOffset + length,
              other.keyArray,
              other.keyOffset,
              other.keyOffset + other.keyLength);
      length = differs < 0 ? length : Math.min(length, differs);
    }
    if (length < MIN_SHARED) {
      length = 0;
    }
    if (length > shared.length) {
      shared = new byte[2 * length];
    }
    System.arraycopy(first.keyArray, first.keyOffset, shared, 0, length);
    sharedLength = length;
    for (int slot = 0; slot < size; slot++) {
      ranks[slot] = rank(children[heap[slot]]);
    }
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

  /** Whether one child's entry comes out before another's; the ranks are known to be equal. */
  private boolean comesBefore(int one, int other) {
    keysCompared++;
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
    if (keysCompared > maxKeysCompared) {
      chooseShared();
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
