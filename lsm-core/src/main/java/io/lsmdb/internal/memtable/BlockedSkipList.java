package io.lsmdb.internal.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The sorted list of a memtable's entries: a skip list whose levels are lists of blocks.
 *
 * <p>One writer; lock-free readers. Owned by the memtable, which releases it.
 *
 * <p>Each level is a singly linked list of nodes, each with a block of up to {@link
 * Permutation#CAPACITY} sorted slots. At the bottom a slot is an entry; above, it is a node of the
 * level below, under that node's low key. Nodes are promoted when they come into being rather than
 * by coin flips, which makes this a B-link tree as well as a blocked skip list (P. L. Lehman, S. B.
 * Yao, "Efficient locking for concurrent operations on B-trees", ACM TODS 6(4), 1981; blocks as in
 * "Bridging cache-friendliness and concurrency: a locality-optimized in-memory B-skiplist", 2025).
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
 *       with this key alone is released into its next link.
 *   <li>The node is inserted into the level above only after it is reachable in its own.
 *   <li>All keys of a block share its first {@code skip} bytes, because its low key and the low key
 *       of its next node at its creation do (keys taken as padded with zeros). So do all keys that
 *       will ever be inserted into it: no insertion changes a block's skip.
 * </ol>
 *
 * <p>Why a reader finds its keys. A reader acquires the visible sequence before it starts; each key
 * at or below it was released before. On every level the reader first moves right while the next
 * node's low key does not exceed its target, therefore a level above that does not know a new node
 * yet only costs it a step (6): by 2 it ends in the node whose range holds the target. It takes the
 * next link and the permutation from one block, so that 7 holds for its target too, once that lies
 * below the next node's low key.
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

  /** More levels than a full memtable can have: each but the top has at least half-full blocks. */
  private static final int MAX_LEVELS = 24;

  /** A split lengthens a block's skip only by this many bytes or more: it costs reading keys. */
  private static final int SKIP_STEP = 4;

  private static final int MIDDLE = (Permutation.CAPACITY + 1) / 2;

  private final Entries entries;
  private final Nodes nodes;

  /** First node of the top level, and the level's number above it; released by the writer. */
  private long root;

  // The writer's own: the way down to where it inserts, and the slots of a block being split.
  private final int[] pathNode = new int[MAX_LEVELS];
  private final int[] pathPosition = new int[MAX_LEVELS];
  private final long[] splitPrefixes = new long[Permutation.CAPACITY + 1];
  private final int[] splitReferences = new int[Permutation.CAPACITY + 1];

  BlockedSkipList(ChunkPool pool, Entries entries) {
    this.entries = entries;
    nodes = new Nodes(pool);
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
        set(cursor, array, base, permutation, end);
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

  /** Moves to the entry that follows; false at the end. */
  boolean next(BlockCursor cursor) {
    if (++cursor.position < Permutation.count(cursor.permutation)) {
      return true;
    }
    return enterNext(cursor);
  }

  private boolean enterNext(BlockCursor cursor) {
    int next = Nodes.next(cursor.array, cursor.base);
    return next != 0 && enter(next, cursor);
  }

  private boolean enter(int node, BlockCursor cursor) {
    int block = Nodes.block(nodes.word(node));
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    long permutation = Nodes.permutation(array, base);
    set(cursor, array, base, permutation, 0);
    return Permutation.count(permutation) > 0;
  }

  private static void set(BlockCursor cursor, long[] array, int base, long order, int position) {
    cursor.array = array;
    cursor.base = base;
    cursor.permutation = order;
    cursor.position = position;
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
      int next = Nodes.next(array, base);
      if (next != 0 && isPast(next, start, key, offset, length, below)) {
        node = next;
        continue;
      }
      long permutation = Nodes.permutation(array, base);
      int skip = Nodes.skip(word);
      long prefix = skip == 0 ? start : Nodes.prefix(key, offset, length, skip);
      boolean orEqual = level > 0 && !below;
      long ranks = ranks(array, base, permutation, prefix);
      int rank = (int) ranks;
      if (ranks >>> 32 != 0) {
        rank = rankAmongEqual(array, base, permutation, ranks, level, orEqual, key, offset, length);
      }
      if (level == 0) {
        set(cursor, array, base, permutation, rank);
        return;
      }
      int slot = Permutation.slot(permutation, Math.max(0, rank - 1));
      node = Nodes.reference(array, base, slot);
      level--;
    }
  }

  /** Whether a search for the key must go on to a node, given its low key. */
  private boolean isPast(int node, long start, byte[] key, int offset, int length, boolean below) {
    long low = nodes.lowPrefix(node);
    if (low != start) {
      return low < start;
    }
    int order = entries.compareKey(Nodes.low(nodes.word(node)), key, offset, length);
    return order < 0 || order == 0 && !below;
  }

  /**
   * How many slots of an order have a smaller prefix, and above bit 32 how many have an equal one.
   */
  private static long ranks(long[] array, int base, long permutation, long prefix) {
    int count = Permutation.count(permutation);
    int less = 0;
    int equal = 0;
    for (int i = base + 1, end = i + count; i < end; i++) {
      long p = array[i];
      less += p < prefix ? 1 : 0;
      equal += p == prefix ? 1 : 0;
    }
    return (long) equal << 32 | less;
  }

  /** The number of slots below a key (or at it), where some slots have the key's prefix. */
  private int rankAmongEqual(
      long[] array,
      int base,
      long permutation,
      long ranks,
      int level,
      boolean orEqual,
      byte[] key,
      int offset,
      int length) {
    int low = (int) ranks;
    int high = low + (int) (ranks >>> 32);
    while (low < high) {
      int middle = low + high >>> 1;
      int slot = Permutation.slot(permutation, middle);
      int reference = keyOf(level, Nodes.reference(array, base, slot));
      int order = reference == 0 ? -1 : entries.compareKey(reference, key, offset, length);
      if (order < 0 || order == 0 && orEqual) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The reference of a slot's key: its entry's key, or its node's low key. */
  private int keyOf(int level, int reference) {
    return level == 0 ? entries.keyOf(reference) : Nodes.low(nodes.word(reference));
  }

  // ---- writing ----

  /** Inserts an entry whose key is not in the list yet (writer only). */
  void insert(byte[] key, int offset, int length, int entry) {
    int top = (int) (root >>> 32);
    findPath(key, offset, length, top);
    byte[] slotKey = key;
    int slotOffset = offset;
    int slotLength = length;
    int reference = entry;
    for (int level = 0; ; level++) {
      int node = pathNode[level];
      long word = nodes.word(node);
      long prefix = Nodes.prefix(slotKey, slotOffset, slotLength, Nodes.skip(word));
      int block = Nodes.block(word);
      long[] array = nodes.blockArray(block);
      int base = Nodes.blockBase(block);
      long permutation = Nodes.permutation(array, base);
      int count = Permutation.count(permutation);
      if (count < Permutation.CAPACITY) {
        Nodes.setSlot(array, base, count, prefix, reference);
        Nodes.releasePermutation(array, base, Permutation.insert(permutation, pathPosition[level]));
        return;
      }
      int added = split(level, array, base, prefix, reference);
      if (level == top) {
        growRoot(added, top);
        return;
      }
      int low = Nodes.low(nodes.word(added));
      slotKey = entries.payload().array(low);
      int record = PayloadArena.offset(low);
      slotOffset = VersionChain.keyStart(slotKey, record);
      slotLength = VersionChain.keyLength(slotKey, record);
      reference = added;
    }
  }

  /**
   * Notes the node of each level whose range holds a key, and the position in it where a slot for
   * the key belongs. The writer sees every level complete, hence never moves right.
   */
  private void findPath(byte[] key, int offset, int length, int top) {
    int node = (int) root;
    long start = Nodes.prefix(key, offset, length, 0);
    for (int level = top; ; level--) {
      long word = nodes.word(node);
      int block = Nodes.block(word);
      long[] array = nodes.blockArray(block);
      int base = Nodes.blockBase(block);
      long permutation = Nodes.permutation(array, base);
      int skip = Nodes.skip(word);
      long prefix = skip == 0 ? start : Nodes.prefix(key, offset, length, skip);
      long ranks = ranks(array, base, permutation, prefix);
      int rank = (int) ranks;
      if (ranks >>> 32 != 0) {
        rank = rankAmongEqual(array, base, permutation, ranks, level, true, key, offset, length);
      }
      pathNode[level] = node;
      if (level == 0) {
        pathPosition[0] = rank;
        return;
      }
      pathPosition[level] = Math.max(1, rank);
      node = Nodes.reference(array, base, Permutation.slot(permutation, pathPosition[level] - 1));
    }
  }

  /**
   * Splits the full block of a level's path node while a slot is inserted (invariants 4 and 5), and
   * returns the new node, which the level above does not know yet.
   */
  private int split(int level, long[] array, int base, long prefix, int reference) {
    int node = pathNode[level];
    int position = pathPosition[level];
    gather(array, base, position, prefix, reference);
    long word = nodes.word(node);
    int skip = Nodes.skip(word);
    int next = Nodes.next(array, base);
    int cut = position == Permutation.CAPACITY ? Permutation.CAPACITY : MIDDLE;

    int low = keyOf(level, splitReferences[cut]);
    byte[] lowArray = entries.payload().array(low);
    int record = PayloadArena.offset(low);
    int lowStart = VersionChain.keyStart(lowArray, record);
    int lowLength = VersionChain.keyLength(lowArray, record);
    int added = nodes.newNode(low, Nodes.prefix(lowArray, lowStart, lowLength, 0));

    int rightSkip = next == 0 ? skip : improved(skip, sharedBytes(added, next));
    int right = buildBlock(level, cut, Permutation.CAPACITY + 1, skip, rightSkip, next);
    nodes.publish(added, right, rightSkip);

    int leftSkip = Nodes.low(word) == 0 ? skip : improved(skip, sharedBytes(node, added));
    if (cut == Permutation.CAPACITY && leftSkip == skip) {
      Nodes.setNext(array, base, added);
    } else {
      nodes.publish(node, buildBlock(level, 0, cut, skip, leftSkip, added), leftSkip);
    }
    return added;
  }

  /** Lists the slots of a full block in order, with the new one at its position. */
  private void gather(long[] array, int base, int position, long prefix, int reference) {
    long permutation = Nodes.permutation(array, base);
    for (int i = 0, to = 0; to <= Permutation.CAPACITY; to++) {
      if (to == position) {
        splitPrefixes[to] = prefix;
        splitReferences[to] = reference;
      } else {
        int slot = Permutation.slot(permutation, i++);
        splitPrefixes[to] = Nodes.prefix(array, base, slot);
        splitReferences[to] = Nodes.reference(array, base, slot);
      }
    }
  }

  private static int improved(int skip, int shared) {
    int possible = Math.min(shared, Nodes.MAX_SKIP);
    return possible - skip >= SKIP_STEP ? possible : skip;
  }

  /** How many leading bytes the low keys of two nodes share at least, taken as zero-padded. */
  private int sharedBytes(int lower, int upper) {
    long difference = nodes.lowPrefix(lower) ^ nodes.lowPrefix(upper);
    if (difference != 0) {
      return Long.numberOfLeadingZeros(difference) >>> 3;
    }
    int a = Nodes.low(nodes.word(lower));
    int b = Nodes.low(nodes.word(upper));
    byte[] aArray = entries.payload().array(a);
    byte[] bArray = entries.payload().array(b);
    int aStart = VersionChain.keyStart(aArray, PayloadArena.offset(a));
    int bStart = VersionChain.keyStart(bArray, PayloadArena.offset(b));
    int aEnd = aStart + VersionChain.keyLength(aArray, PayloadArena.offset(a));
    int bEnd = bStart + VersionChain.keyLength(bArray, PayloadArena.offset(b));
    int mismatch = Arrays.mismatch(aArray, aStart, aEnd, bArray, bStart, bEnd);
    return mismatch < 0 ? aEnd - aStart : mismatch;
  }

  /** Builds a block of gathered slots, to be released by the caller. */
  private int buildBlock(int level, int from, int to, int oldSkip, int skip, int next) {
    int block = nodes.newBlock();
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    for (int i = from; i < to; i++) {
      long prefix = splitPrefixes[i];
      if (skip != oldSkip) {
        int key = keyOf(level, splitReferences[i]);
        byte[] keyArray = entries.payload().array(key);
        int record = PayloadArena.offset(key);
        int start = VersionChain.keyStart(keyArray, record);
        prefix = Nodes.prefix(keyArray, start, VersionChain.keyLength(keyArray, record), skip);
      }
      Nodes.setSlot(array, base, i - from, prefix, splitReferences[i]);
    }
    Nodes.setNext(array, base, next);
    Nodes.releasePermutation(array, base, Permutation.identity(to - from));
    return block;
  }

  /** Puts a level on top: the old root and the node that was split off it. */
  private void growRoot(int added, int top) {
    if (top + 1 == MAX_LEVELS) {
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
    ROOT.setRelease(this, (long) (top + 1) << 32 | node);
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
