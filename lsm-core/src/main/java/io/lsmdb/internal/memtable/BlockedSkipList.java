package io.lsmdb.internal.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The sorted list of a memtable's entries: a skip list whose levels are lists of blocks.
 *
 * <p>One writer at a time, which need not be the memtable's, see {@link LazyKeyIndex}; lock-free
 * readers.
 *
 * <p>Each level is a singly linked list of nodes, each with a block of up to {@link
 * Permutation#CAPACITY} sorted slots. At the bottom a slot is an entry; above, it is a node of the
 * level below, under that node's low key. Nodes are promoted when they come into being rather than
 * by coin flips, which makes this a B-link tree as well as a blocked skip list (P. L. Lehman, S. B.
 * Yao, "Efficient locking for concurrent operations on B-trees", ACM TODS 6(4), 1981; Y. Luo et
 * al., "Bridging Cache-Friendliness and Concurrency: A Locality-Optimized In-Memory B-Skiplist",
 * arXiv:2507.21492, 2025).
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A node's low key never changes; it is the key of the first slot of each block the node ever
 *       has. The first node of a level has no low key: it is below every key.
 *   <li>All keys in a node's block are at or above its low key, and below the low key of the
 *       block's next node. Low keys rise along next links.
 *   <li>A slot is written once. An insertion fills an unused slot, then releases a permutation that
 *       includes it; readers acquire the permutation and use no other slot.
 *   <li>A full block is split by building two new blocks, one for the node and one for a new node
 *       after it, and releasing the node's new block into the node: one store, before which readers
 *       see neither half and after which both. The replaced block is frozen, its next link
 *       included.
 *   <li>If the new key goes behind all others of a full block, the block stays as it is: a new node
 *       with this key alone is released into its next link. (Unless a longer skip is worth a split
 *       as in 4.)
 *   <li>The node is inserted into the level above only after it is reachable in its own.
 *   <li>All keys of a block share its first {@code skip} bytes, because its low key and the low key
 *       of its next node at its creation do (keys taken as padded with zeros). So do all keys that
 *       will ever be inserted into it: no insertion changes a block's skip.
 * </ol>
 *
 * <p>Why a reader finds its keys. A reader acquires the visible sequence before it starts; each key
 * at or below it was released before. On every level the reader moves right while the next node's
 * low key does not exceed its target, therefore a level above that does not know a new node yet
 * only costs it a step (6): by 2 it ends in the node whose range holds the target. It reads the
 * skip, the next link and the permutation of one block. Where the block skips bytes, it checks the
 * next node first: once the target lies between the two low keys, it shares the skipped bytes as
 * well (7). Where nothing is skipped, prefixes compare with any target, and the next node matters
 * only to a target behind all slots.
 *
 * <p>Why a scan misses nothing and never goes out of order. Let it stand on a block that is
 * replaced meanwhile. The frozen block was current when the scan came, hence holds each key of its
 * range that was visible to the reader. From its end the scan goes on to its frozen next node N,
 * past the new node R that took the upper half: R's first keys are in the frozen block, later ones
 * are not visible to this reader. N is still there, because nodes are never removed; its low key is
 * still above all keys of the frozen block; its current block, loaded afresh, holds all of its
 * visible keys. There are no back links: a step back over the start of a block seeks the last key
 * below its first.
 */
final class BlockedSkipList {
  private static final VarHandle ROOT;

  static {
    try {
      ROOT = MethodHandles.lookup().findVarHandle(BlockedSkipList.class, "root", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** So many keys are read together before they are inserted. */
  private static final int READ_AHEAD = 16;

  private final Entries entries;
  private final Nodes nodes;
  private final BlockSearch search;
  private final BlockInserter inserter;

  /** First node of the top level, and the level's number above bit 32; released by the writer. */
  private long root;

  /** Depends on all keys read ahead, so that no compiler leaves a load out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  BlockedSkipList(ChunkPool pool, Entries entries) {
    this.entries = entries;
    nodes = new Nodes(pool);
    search = new BlockSearch(entries, nodes);
    inserter = new BlockInserter(entries, nodes, search);
    int first = nodes.newNode(0, Long.MIN_VALUE);
    nodes.publish(first, nodes.newBlock(), 0);
    ROOT.setRelease(this, (long) first);
  }

  // ---- reading ----

  /** Moves to the first entry; the cursor is before its order when the list is empty. */
  boolean first(BlockCursor cursor) {
    long top = (long) ROOT.getAcquire(this);
    int node = (int) top;
    for (int level = (int) (top >>> 32); level > 0; level--) {
      int block = Nodes.block(nodes.word(node));
      long[] array = nodes.blockArray(block);
      int base = Nodes.blockBase(block);
      long permutation = Nodes.permutation(array, base);
      node = Nodes.reference(array, base, Permutation.slot(permutation, 0));
    }
    return enter(node, cursor);
  }

  /** Moves to the last entry; false when the list is empty. */
  boolean last(BlockCursor cursor) {
    long top = (long) ROOT.getAcquire(this);
    int node = (int) top;
    for (int level = (int) (top >>> 32); ; level--) {
      int block;
      long[] array;
      int base;
      int next;
      do {
        block = Nodes.block(nodes.word(node));
        array = nodes.blockArray(block);
        base = Nodes.blockBase(block);
        next = Nodes.next(array, base);
        node = next == 0 ? node : next;
      } while (next != 0);
      long permutation = Nodes.permutation(array, base);
      int end = Permutation.count(permutation) - 1;
      if (level == 0) {
        cursor.set(array, base, permutation, end);
        return end >= 0;
      }
      node = Nodes.reference(array, base, Permutation.slot(permutation, end));
    }
  }

  /** Moves to the first entry whose key is at or above the given one; false when there is none. */
  boolean seek(byte[] key, int offset, int length, BlockCursor cursor) {
    descend(key, offset, length, false, cursor);
    if (cursor.position < Permutation.count(cursor.permutation)) {
      return true;
    }
    return enterNext(cursor);
  }

  /** Moves to the last entry whose key is below the given one; false when there is none. */
  boolean seekBelow(byte[] key, int offset, int length, BlockCursor cursor) {
    descend(key, offset, length, true, cursor);
    cursor.position--;
    return cursor.position >= 0;
  }

  /** Moves to the first entry of the next block; false at the end of the list. */
  boolean enterNext(BlockCursor cursor) {
    int next = Nodes.next(cursor.array, cursor.base);
    return next != 0 && enter(next, cursor);
  }

  private boolean enter(int node, BlockCursor cursor) {
    int block = Nodes.block(nodes.word(node));
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    cursor.set(array, base, Nodes.permutation(array, base), 0);
    return Permutation.count(cursor.permutation) > 0;
  }

  /**
   * Goes down to the node whose range holds a key, and sets the position to the number of its keys
   * below that one.
   *
   * @param below whether the node wanted is the one that holds the keys right below the key, which
   *     differs when the key is itself a low key
   */
  private void descend(byte[] key, int offset, int length, boolean below, BlockCursor cursor) {
    long top = (long) ROOT.getAcquire(this);
    int node = (int) top;
    int level = (int) (top >>> 32);
    long start = Nodes.prefix(key, offset, length, 0);
    while (true) {
      long word = nodes.word(node);
      int block = Nodes.block(word);
      long[] array = nodes.blockArray(block);
      int base = Nodes.blockBase(block);
      int skip = Nodes.skip(word);
      long prefix = start;
      if (skip != 0) {
        int next = Nodes.next(array, base);
        if (search.isPast(next, start, below, key, offset, length)) {
          node = next;
          continue;
        }
        prefix = Nodes.prefix(key, offset, length, skip);
      }
      long permutation = Nodes.permutation(array, base);
      boolean orEqual = level > 0 && !below;
      int rank = search.rank(array, base, permutation, prefix, level, orEqual, key, offset, length);
      if (skip == 0 && rank == Permutation.count(permutation)) {
        int next = Nodes.next(array, base);
        if (search.isPast(next, start, below, key, offset, length)) {
          node = next;
          continue;
        }
      }
      if (level == 0) {
        cursor.set(array, base, permutation, rank);
        return;
      }
      node = Nodes.reference(array, base, Permutation.slot(permutation, Math.max(0, rank - 1)));
      level--;
    }
  }

  // ---- writing ----

  /** Makes sure that an insertion needs no more memory: at worst it splits a block a level. */
  void reserve() {
    int levels = top() + 1;
    nodes.reserve(levels + 1, 2 * levels + 1);
  }

  /** Inserts an entry whose key is not in the list yet (writer only). */
  void insert(byte[] key, int offset, int length, int entry) {
    growIfSplit(inserter.insert((int) root, top(), key, offset, length, entry));
  }

  /**
   * Inserts entries whose keys are not in the list yet (writer only).
   *
   * @param sorted the entries in the order of their keys
   */
  void insertAll(int[] sorted) {
    inserter.forgetPath();
    for (int i = 0; i < sorted.length; i++) {
      if (i % READ_AHEAD == 0) {
        touched = entries.touchKeys(sorted, i, Math.min(i + READ_AHEAD, sorted.length));
      }
      int reference = entries.keyOf(sorted[i]);
      byte[] array = entries.payload().array(reference);
      int record = PayloadArena.offset(reference);
      int offset = VersionRecord.keyStart(array, record);
      int length = VersionRecord.keyLength(array, record);
      growIfSplit(inserter.insertNext((int) root, top(), array, offset, length, sorted[i]));
    }
  }

  private int top() {
    return (int) (root >>> 32);
  }

  /** Puts a level on top if the root was split: the old root and the node split off it, or 0. */
  private void growIfSplit(int added) {
    if (added == 0) {
      return;
    }
    int level = top() + 1;
    if (level == BlockInserter.MAX_LEVELS) {
      throw new IllegalStateException("memtable list too high");
    }
    int block = nodes.newBlock();
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    Nodes.setSlot(array, base, 0, Long.MIN_VALUE, (int) root);
    Nodes.setSlot(array, base, 1, nodes.lowPrefix(added), added);
    Nodes.releasePermutation(array, base, Permutation.identity(2));
    int node = nodes.newNode(0, Long.MIN_VALUE);
    nodes.publish(node, block, 0);
    ROOT.setRelease(this, (long) level << 32 | node);
  }

  // ---- housekeeping ----

  /** Bytes held; for any thread. */
  long bytes() {
    return nodes.bytes();
  }

  /** Gives everything back; nobody may read any more. */
  void release() {
    nodes.release();
  }
}
