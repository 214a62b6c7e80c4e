package io.lsmdb.internal.memtable;

/**
 * The writer's part of a {@link BlockedSkipList}: finding a new key's place and splitting blocks.
 *
 * <p>Used by the single writer only; see the list for the invariants that its stores keep.
 */
final class BlockInserter {
  /** More levels than a full memtable can have: each but the top has at least half-full blocks. */
  static final int MAX_LEVELS = 24;

  /** A split lengthens a block's skip only by this many bytes or more: it costs reading keys. */
  private static final int SKIP_STEP = 4;

  private static final int CAPACITY = Permutation.CAPACITY;
  private static final int MIDDLE = (CAPACITY + 1) / 2;

  private final Entries entries;
  private final Nodes nodes;
  private final BlockSearch search;

  // The way down to where the key belongs: a node and the position for a new slot at each level.
  private final int[] pathNode = new int[MAX_LEVELS];
  private final int[] pathPosition = new int[MAX_LEVELS];

  /** Whether the path of the last insertion may be used again: it has split no block. */
  private boolean pathHolds;

  // The slots of a block being split, in order, the new one among them.
  private final long[] prefixes = new long[CAPACITY + 1];
  private final int[] references = new int[CAPACITY + 1];

  BlockInserter(Entries entries, Nodes nodes, BlockSearch search) {
    this.entries = entries;
    this.nodes = nodes;
    this.search = search;
  }

  /**
   * Inserts an entry whose key is not in the list yet.
   *
   * @param root the first node of the top level
   * @param top the number of that level
   * @return a node split off the root, which a new level must take up; 0 for none
   */
  int insert(int root, int top, byte[] key, int offset, int length, int entry) {
    findPath(root, top, key, offset, length);
    return insertOnPath(top, key, offset, length, entry);
  }

  /** Lets the next insertion be of any key. */
  void forgetPath() {
    pathHolds = false;
  }

  /** As {@link #insert}, for a key above the one of the last insertion: it may belong beside it. */
  int insertNext(int root, int top, byte[] key, int offset, int length, int entry) {
    return isOnPath(key, offset, length)
        ? insertOnPath(top, key, offset, length, entry)
        : insert(root, top, key, offset, length, entry);
  }

  /** Whether the last path leads to a key above its own as well; if so, to its position. */
  private boolean isOnPath(byte[] key, int offset, int length) {
    if (!pathHolds) {
      return false;
    }
    long word = nodes.word(pathNode[0]);
    int block = Nodes.block(word);
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    long start = Nodes.prefix(key, offset, length, 0);
    if (search.isPast(Nodes.next(array, base), start, false, key, offset, length)) {
      return false;
    }
    long permutation = Nodes.permutation(array, base);
    int skip = Nodes.skip(word);
    long prefix = skip == 0 ? start : Nodes.prefix(key, offset, length, skip);
    pathPosition[0] = search.rank(array, base, permutation, prefix, 0, true, key, offset, length);
    return true;
  }

  private int insertOnPath(int top, byte[] key, int offset, int length, int entry) {
    int skip = Nodes.skip(nodes.word(pathNode[0]));
    int added = insertSlot(0, Nodes.prefix(key, offset, length, skip), entry);
    pathHolds = added == 0;
    for (int level = 1; added != 0 && level <= top; level++) {
      skip = Nodes.skip(nodes.word(pathNode[level]));
      long prefix =
          skip == 0
              ? nodes.lowPrefix(added)
              : entries.keyPrefix(Nodes.low(nodes.word(added)), skip);
      added = insertSlot(level, prefix, added);
    }
    return added;
  }

  /**
   * Notes the node of each level whose range holds a key. The writer sees every level complete,
   * hence never moves right.
   */
  private void findPath(int root, int top, byte[] key, int offset, int length) {
    int node = root;
    long start = Nodes.prefix(key, offset, length, 0);
    for (int level = top; ; level--) {
      long word = nodes.word(node);
      int block = Nodes.block(word);
      long[] array = nodes.blockArray(block);
      int base = Nodes.blockBase(block);
      long permutation = Nodes.permutation(array, base);
      int skip = Nodes.skip(word);
      long prefix = skip == 0 ? start : Nodes.prefix(key, offset, length, skip);
      int rank = search.rank(array, base, permutation, prefix, level, true, key, offset, length);
      pathNode[level] = node;
      if (level == 0) {
        pathPosition[0] = rank;
        return;
      }
      pathPosition[level] = Math.max(1, rank);
      node = Nodes.reference(array, base, Permutation.slot(permutation, pathPosition[level] - 1));
    }
  }

  /** Puts a slot in its place on the path; returns the node that was split off, or 0. */
  private int insertSlot(int level, long prefix, int reference) {
    int block = Nodes.block(nodes.word(pathNode[level]));
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    long permutation = Nodes.permutation(array, base);
    int position = pathPosition[level];
    int count = Permutation.count(permutation);
    if (count < CAPACITY) {
      Nodes.setSlot(array, base, count, prefix, reference);
      Nodes.releasePermutation(array, base, Permutation.insert(permutation, position));
      return 0;
    }
    for (int i = 0, to = 0; to <= CAPACITY; to++) {
      if (to == position) {
        prefixes[to] = prefix;
        references[to] = reference;
      } else {
        int slot = Permutation.slot(permutation, i++);
        prefixes[to] = Nodes.prefix(array, base, slot);
        references[to] = Nodes.reference(array, base, slot);
      }
    }
    return split(level, array, base);
  }

  /**
   * Splits the full block of a level's path node, whose slots and the new one are gathered
   * (invariants 4 and 5 of the list). The level above does not know the new node yet.
   */
  private int split(int level, long[] array, int base) {
    int node = pathNode[level];
    int cut = cut(pathPosition[level]);
    long word = nodes.word(node);
    int skip = Nodes.skip(word);
    int next = Nodes.next(array, base);

    int low = search.keyOf(level, references[cut]);
    int added = nodes.newNode(low, entries.keyPrefix(low, 0));
    int rightSkip = next == 0 ? skip : improved(skip, search.sharedBytes(added, next));
    int right = buildBlock(level, cut, CAPACITY + 1, skip, rightSkip, next);
    nodes.publish(added, right, rightSkip);

    int leftSkip = Nodes.low(word) == 0 ? skip : improved(skip, search.sharedBytes(node, added));
    if (cut == CAPACITY && leftSkip == skip) {
      Nodes.setNext(array, base, added);
    } else {
      nodes.publish(node, buildBlock(level, 0, cut, skip, leftSkip, added), leftSkip);
    }
    return added;
  }

  /**
   * How many of the gathered slots stay in the node: keys that come in rising or falling order
   * leave full blocks behind them, any others half-full ones.
   */
  private static int cut(int position) {
    if (position == CAPACITY) {
      return CAPACITY;
    }
    return position == 0 ? 1 : MIDDLE;
  }

  private static int improved(int skip, int shared) {
    int possible = Math.min(shared, Nodes.MAX_SKIP);
    return possible - skip >= SKIP_STEP ? possible : skip;
  }

  /** Builds a block of gathered slots, to be released by the caller. */
  private int buildBlock(int level, int from, int to, int oldSkip, int skip, int next) {
    int block = nodes.newBlock();
    long[] array = nodes.blockArray(block);
    int base = Nodes.blockBase(block);
    for (int i = from; i < to; i++) {
      long prefix =
          skip == oldSkip
              ? prefixes[i]
              : entries.keyPrefix(search.keyOf(level, references[i]), skip);
      Nodes.setSlot(array, base, i - from, prefix, references[i]);
    }
    Nodes.setNext(array, base, next);
    Nodes.releasePermutation(array, base, Permutation.identity(to - from));
    return block;
  }
}
