package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The storage of the blocked skip list: nodes and their blocks in dense arrays of longs.
 *
 * <p>One writer; lock-free readers. Owned by the list, which releases it.
 *
 * <p>A <em>node</em> is a place in a level's list: a number that never changes, with the lowest key
 * that may stand in it. What it holds is in a <em>block</em>; a node's current block can be
 * replaced. Two longs a node, 24 a block:
 *
 * <pre>
 *   node    0  skip 7 bits | block 25 | low key's reference 32 (0: lower than any key)
 *           1  first eight bytes of the low key, sign flipped
 *   block   0      permutation of the slots
 *           1..15  prefix of each slot's key: eight bytes after the block's skip, sign flipped
 *           16..23 sixteen ints: the next node of the level, then what each slot refers to
 * </pre>
 *
 * <p>Prefixes are big-endian with their sign bit flipped, so that signed comparison orders them as
 * unsigned bytes.
 */
final class Nodes {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  /** The longest prefix that a block leaves out of its slots, in bytes. */
  static final int MAX_SKIP = 127;

  private static final int NODE_SHIFT = 12;
  private static final int NODE_MASK = (1 << NODE_SHIFT) - 1;
  private static final int NODE_WORDS = 2;

  private static final int BLOCK_SHIFT = 9;
  private static final int BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;
  private static final int BLOCK_WORDS = 24;
  private static final int BLOCK_BITS = 25;
  private static final int PREFIXES = 1;
  private static final int REFERENCES = 16;

  private final LongArena nodes;
  private final LongArena blocks;

  Nodes(ChunkPool pool) {
    nodes = new LongArena(pool, NODE_WORDS, NODE_SHIFT, 16);
    blocks = new LongArena(pool, BLOCK_WORDS, BLOCK_SHIFT, 4 * BLOCK_WORDS);
  }

  /** Eight bytes of a key after a skip, zero-padded, as a number whose signed order is theirs. */
  static long prefix(byte[] key, int offset, int length, int skip) {
    int left = length - skip;
    long bytes;
    if (left >= 8) {
      bytes = Bytes.prefix(key, offset + skip, 8);
    } else if (left <= 0) {
      bytes = 0;
    } else if (length >= 8) {
      bytes = Bytes.prefix(key, offset + length - 8, 8) << 8 * (8 - left);
    } else {
      bytes = Bytes.prefix(key, offset + skip, left);
    }
    return bytes ^ Long.MIN_VALUE;
  }

  /** Makes sure that so many nodes and blocks need no more memory (writer only). */
  void reserve(int nodeCount, int blockCount) {
    nodes.reserve(nodeCount);
    blocks.reserve(blockCount);
  }

  /** Allocates a node with its low key (writer only); it has no block yet. */
  int newNode(int lowReference, long lowPrefix) {
    int node = nodes.allocate();
    long[] segment = nodes.segment(node >>> NODE_SHIFT);
    int base = (node & NODE_MASK) * NODE_WORDS;
    segment[base] = lowReference & 0xFFFFFFFFL;
    segment[base + 1] = lowPrefix;
    return node;
  }

  /** Allocates an empty block (writer only). */
  int newBlock() {
    int block = blocks.allocate();
    if (block >>> BLOCK_BITS != 0) {
      throw new IllegalStateException("memtable block space exhausted");
    }
    return block;
  }

  /** Makes a complete block a node's current one (writer only, release). */
  void publish(int node, int block, int skip) {
    long[] segment = nodes.segment(node >>> NODE_SHIFT);
    int base = (node & NODE_MASK) * NODE_WORDS;
    long low = segment[base] & 0xFFFFFFFFL;
    WORD.setRelease(segment, base, (long) skip << 32 + BLOCK_BITS | (long) block << 32 | low);
  }

  /** A node's current block, skip and low key (acquire). */
  long word(int node) {
    return (long)
        WORD.getAcquire(nodes.segment(node >>> NODE_SHIFT), (node & NODE_MASK) * NODE_WORDS);
  }

  static int block(long word) {
    return (int) (word >>> 32) & (1 << BLOCK_BITS) - 1;
  }

  static int skip(long word) {
    return (int) (word >>> 32 + BLOCK_BITS);
  }

  static int low(long word) {
    return (int) word;
  }

  long lowPrefix(int node) {
    return nodes.segment(node >>> NODE_SHIFT)[(node & NODE_MASK) * NODE_WORDS + 1];
  }

  /** The array that holds a block. */
  long[] blockArray(int block) {
    return blocks.segment(block >>> BLOCK_SHIFT);
  }

  /** Where a block starts in its array. */
  static int blockBase(int block) {
    return (block & BLOCK_MASK) * BLOCK_WORDS;
  }

  /** A block's permutation (acquire). */
  static long permutation(long[] array, int base) {
    return (long) WORD.getAcquire(array, base);
  }

  static void releasePermutation(long[] array, int base, long permutation) {
    WORD.setRelease(array, base, permutation);
  }

  static long prefix(long[] array, int base, int slot) {
    return array[base + PREFIXES + slot];
  }

  /** What a slot refers to: an entry at the bottom level, else a node one level down. */
  static int reference(long[] array, int base, int slot) {
    int at = slot + 1;
    return (int) (array[base + REFERENCES + (at >>> 1)] >>> 32 * (at & 1));
  }

  /** Fills an unused slot (writer only); the permutation's release makes it visible. */
  static void setSlot(long[] array, int base, int slot, long prefix, int reference) {
    array[base + PREFIXES + slot] = prefix;
    int at = slot + 1;
    int word = base + REFERENCES + (at >>> 1);
    array[word] |= (reference & 0xFFFFFFFFL) << 32 * (at & 1);
  }

  /** The next node of the level (acquire); 0 for none. */
  static int next(long[] array, int base) {
    return (int) (long) WORD.getAcquire(array, base + REFERENCES);
  }

  /**
   * Sets the next node (writer only, release).
   *
   * <p>The word is shared with slot 0. That slot is filled before a block has a next node, so no
   * plain store of the word ever follows this one.
   */
  static void setNext(long[] array, int base, int next) {
    long slotZero = array[base + REFERENCES] & 0xFFFFFFFF00000000L;
    WORD.setRelease(array, base + REFERENCES, slotZero | next & 0xFFFFFFFFL);
  }

  /** Bytes held; for any thread. */
  long bytes() {
    return nodes.bytes() + blocks.bytes();
  }

  /** Gives everything back; nobody may read any more. */
  void release() {
    nodes.release();
    blocks.release();
  }
}
