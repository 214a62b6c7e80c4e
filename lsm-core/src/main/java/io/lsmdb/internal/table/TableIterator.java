package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.iterator.InternalIterator;

/**
 * A cursor over one table: the index names the block, the block holds the entry.
 *
 * <p>Not thread-safe. Closed by whoever asked for it, before the table is closed. Holds the index
 * and one data block, whether or not they are still cached; what it has shown of another block may
 * be overwritten.
 *
 * <p>A subclass may let it stand on one table after another: it calls {@link #open} before a seek,
 * and is asked at either end of a table whether there is another one.
 */
public class TableIterator extends InternalIterator {
  /**
   * So many skips in a row are steps, then one searches, which takes as long as some twenty steps:
   * most keys have few versions in a table.
   */
  private static final int STEPS_A_SEARCH = 32;

  private TableReader table;
  private ReadAhead readAhead; // null: through the cache
  private boolean recycling;
  private IndexBlock index;
  private DataBlock block;
  private int ordinal = -1; // of the block
  private int entryAt; // where the current entry starts
  private int skips; // in a row, since one that searched
  private byte[] keyBuffer = Bytes.EMPTY; // begins with the block's prefix, if it has one

  /** Creates a cursor without a table. */
  protected TableIterator() {}

  /**
   * Creates a cursor over all entries of a table.
   *
   * @param table open until the cursor is closed
   * @param fillCache whether blocks that are read enter the cache; without, the cursor leaves the
   *     cache as it is, and reads ahead in pieces that grow
   */
  public TableIterator(TableReader table, boolean fillCache) {
    open(table, fillCache);
  }

  /**
   * Takes a table in place of the last one; a seek has to follow.
   *
   * @param reader open until the cursor is closed, or leaves the table
   * @param fillCache see the constructor
   */
  protected final void open(TableReader reader, boolean fillCache) {
    leave();
    table = reader;
    readAhead = fillCache ? null : new ReadAhead(reader, recycling);
  }

  /**
   * Lets the blocks that are read past the cache overwrite each other. To be called before a table
   * is opened.
   */
  protected final void recycleBlocks() {
    recycling = true;
  }

  /** Lets go of the table. */
  protected final void leave() {
    valid = false;
    if (block != null) {
      block.letGo();
    }
    table = null;
    readAhead = null;
    index = null;
    block = null;
    ordinal = -1;
    keyArray = Bytes.EMPTY;
    valueArray = Bytes.EMPTY;
  }

  /**
   * Opens the table that follows the current one.
   *
   * @return false when there is none
   */
  protected boolean openFollowing() {
    return false;
  }

  /**
   * Opens the table before the current one.
   *
   * @return false when there is none
   */
  protected boolean openPreceding() {
    return false;
  }

  @Override
  public void seekToFirst() {
    valid = false;
    showFirst(0);
  }

  @Override
  public void seekToLast() {
    valid = false;
    showLast(loadedIndex().count - 1);
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    protectKey(key);
    int target = loadedIndex().find(ordinal, key, offset, length, searchTrailer);
    load(target);
    int at = exactly(key, offset, length, searchTrailer);
    if (at < 0) {
      int first = DataBlockSearch.lowerBound(block, key, offset, length, searchTrailer);
      if (first == block.count) {
        following();
        return;
      }
      at = block.offset(first);
    }
    show(at);
  }

  /**
   * Where the newest visible version of a key starts; negative if it has to be searched for. A
   * probe of the hash slots reads two cache lines where a binary search reads five or six, so it is
   * tried first, unless the key's length tells that it is a mere prefix of keys. Compactions
   * search: the slots are not part of what is checked for them.
   */
  private int exactly(byte[] key, int offset, int length, long searchTrailer) {
    return readAhead == null && block.mayHoldExactly(length) && block.areSlotsSound()
        ? block.newestVisible(key, offset, length, Hash.of(key, offset, length), searchTrailer)
        : DataBlock.ABSENT;
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    protectKey(key);
    int target = loadedIndex().find(ordinal, key, offset, length, searchTrailer);
    load(target);
    int last = DataBlockSearch.lowerBound(block, key, offset, length, searchTrailer) - 1;
    if (last >= 0) {
      show(block.offset(last));
    } else {
      preceding();
    }
  }

  @Override
  public final void next() {
    skips = 0;
    step();
  }

  private void step() {
    int at = valueOffset + valueLength; // entries follow each other without gaps
    if (at < block.entriesEnd) {
      show(at);
    } else {
      valid = false;
      following();
    }
  }

  @Override
  public final void prev() {
    skips = 0;
    stepBack();
  }

  private void stepBack() {
    valid = false;
    if (entryAt > block.prefixLength) {
      show(block.offset(block.ordinalOf(entryAt) - 1));
    } else {
      preceding();
    }
  }

  @Override
  public final void skip(long searchTrailer) {
    if (++skips <= STEPS_A_SEARCH) {
      step();
      return;
    }
    skips = 0;
    long from = Long.compareUnsigned(searchTrailer, trailer) < 0 ? searchTrailer : trailer - 1;
    int first = DataBlockSearch.lowerBound(block, keyArray, keyOffset, keyLength, from);
    if (first < block.count) {
      show(block.offset(first));
    } else {
      seek(keyArray, keyOffset, keyLength, from);
    }
  }

  @Override
  public final void skipBack(long searchTrailer) {
    if (++skips <= STEPS_A_SEARCH) {
      stepBack();
      return;
    }
    skips = 0;
    byte[] key = keyArray;
    int offset = keyOffset;
    int length = keyLength;
    long left = trailer;
    if (Long.compareUnsigned(left, searchTrailer) < 0) {
      seek(key, offset, length, searchTrailer);
      if (trailer != left) {
        return;
      }
    }
    seekBefore(key, offset, length, -1L);
  }

  /** Shows the first entry behind the current block. */
  private void following() {
    if (ordinal + 1 < index.count) {
      showFirst(ordinal + 1);
    } else if (openFollowing()) {
      showFirst(0);
    }
  }

  /** Shows the last entry before the current block. */
  private void preceding() {
    if (ordinal > 0) {
      showLast(ordinal - 1);
    } else if (openPreceding()) {
      showLast(loadedIndex().count - 1);
    }
  }

  private void showFirst(int target) {
    load(target);
    show(block.prefixLength);
  }

  private void showLast(int target) {
    load(target);
    show(block.offset(block.count - 1));
  }

  @Override
  public void close() {
    leave();
  }

  /**
   * Where the target of a seek is the current key of this very cursor, leaves its bytes alone.
   *
   * @param key holds the target
   */
  protected final void protectKey(byte[] key) {
    if (key == keyBuffer) {
      keyBuffer = Bytes.EMPTY;
      ordinal = -1;
    } else if (block != null && key == block.data) {
      block = null; // and is held for ever
      ordinal = -1;
    }
  }

  private IndexBlock loadedIndex() {
    if (index == null) {
      index = readAhead == null ? table.index() : readAhead.readIndex();
    }
    return index;
  }

  private void load(int target) {
    if (target == ordinal) {
      return;
    }
    IndexBlock loaded = loadedIndex();
    ordinal = -1;
    DataBlock read =
        readAhead == null ? table.scanBlock(loaded, target) : readAhead.read(loaded, target);
    int prefix = read.prefixLength;
    if (prefix > 0) {
      if (keyBuffer.length < prefix) {
        keyBuffer = new byte[prefix + 64];
      }
      System.arraycopy(read.data, 0, keyBuffer, 0, prefix);
    }
    if (block != null) {
      block.letGo();
    }
    block = read;
    ordinal = target;
  }

  /** Makes the entry that starts at an offset the current one. */
  private void show(int at) {
    DataBlock b = block;
    byte[] data = b.data;
    int suffix = b.varint(at);
    int q = at + DataBlock.width(suffix);
    int length = b.varint(q);
    int kindAt = q + DataBlock.width(length);
    int suffixAt = b.suffixAt(kindAt);
    int prefix = b.prefixLength;
    trailer = b.trailer(kindAt);
    if (prefix == 0) {
      keyArray = data;
      keyOffset = suffixAt;
      keyLength = suffix;
    } else {
      showJoined(prefix, data, suffixAt, suffix);
    }
    valueArray = data;
    valueOffset = suffixAt + suffix;
    valueLength = length;
    entryAt = at;
    valid = true;
  }

  private void showJoined(int prefix, byte[] data, int suffixAt, int suffix) {
    if (keyBuffer.length - prefix < suffix) {
      byte[] larger = new byte[2 * (prefix + suffix)];
      System.arraycopy(keyBuffer, 0, larger, 0, prefix);
      keyBuffer = larger;
    }
    System.arraycopy(data, suffixAt, keyBuffer, prefix, suffix);
    keyArray = keyBuffer;
    keyOffset = 0;
    keyLength = prefix + suffix;
  }
}
