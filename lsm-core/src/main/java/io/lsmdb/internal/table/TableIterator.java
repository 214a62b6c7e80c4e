package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;

/**
 * A cursor over one table: the index names the block, the block holds the entry.
 *
 * <p>Not thread-safe. Closed by whoever asked for it, before the table is closed. Holds the index
 * and one data block, whether or not they are still cached.
 */
final class TableIterator extends InternalIterator {
  private final TableReader table;
  private final ReadAhead readAhead; // null: through the cache
  private IndexBlock index;
  private DataBlock block;
  private int ordinal = -1; // of the block
  private int entry;
  private byte[] keyBuffer = Bytes.EMPTY; // begins with the block's prefix, if it has one

  TableIterator(TableReader table, ReadAhead readAhead) {
    this.table = table;
    this.readAhead = readAhead;
  }

  @Override
  public void seekToFirst() {
    valid = false;
    load(0);
    show(0, block.offset(0));
  }

  @Override
  public void seekToLast() {
    valid = false;
    load(loadedIndex().count - 1);
    show(block.count - 1, block.offset(block.count - 1));
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    protectKey(key);
    int target = loadedIndex().find(key, offset, length, searchTrailer);
    load(target);
    int first = block.lowerBound(0, key, offset, length, searchTrailer);
    if (first < block.count) {
      show(first, block.offset(first));
    } else if (target + 1 < index.count) {
      load(target + 1);
      show(0, block.offset(0));
    }
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    protectKey(key);
    int target = loadedIndex().find(key, offset, length, searchTrailer);
    load(target);
    int last = block.lowerBound(0, key, offset, length, searchTrailer) - 1;
    if (last < 0 && target > 0) {
      load(target - 1);
      last = block.count - 1;
    }
    if (last >= 0) {
      show(last, block.offset(last));
    }
  }

  @Override
  public void next() {
    int following = entry + 1;
    if (following < block.count) {
      show(following, valueOffset + valueLength);
      return;
    }
    valid = false;
    if (ordinal + 1 < index.count) {
      load(ordinal + 1);
      show(0, block.offset(0));
    }
  }

  @Override
  public void prev() {
    valid = false;
    if (entry > 0) {
      show(entry - 1, block.offset(entry - 1));
    } else if (ordinal > 0) {
      load(ordinal - 1);
      show(block.count - 1, block.offset(block.count - 1));
    }
  }

  @Override
  public void close() {
    valid = false;
    index = null;
    block = null;
    ordinal = -1;
  }

  /** Where the target is the current key of this very cursor, leaves its bytes alone. */
  private void protectKey(byte[] key) {
    if (key == keyBuffer) {
      keyBuffer = Bytes.EMPTY;
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
    IndexBlock loaded = loadedIndex();
    if (target == ordinal) {
      return;
    }
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
    block = read;
    ordinal = target;
  }

  /** Makes an entry the current one. Entries follow each other without gaps. */
  private void show(int shown, int at) {
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
    entry = shown;
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
