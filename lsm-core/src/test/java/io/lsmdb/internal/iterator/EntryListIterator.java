package io.lsmdb.internal.iterator;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.key.InternalKey;
import java.util.List;

/** A cursor over a sorted list, which can be told to fail; not thread-safe. */
public final class EntryListIterator extends InternalIterator {
  /** An entry of the list. */
  public record Item(byte[] key, long trailer, byte[] value) implements Comparable<Item> {
    @Override
    public int compareTo(Item other) {
      return InternalKey.compare(
          key, 0, key.length, trailer, other.key, 0, other.key.length, other.trailer);
    }
  }

  private final List<Item> items;
  private int at = -1;

  /** Moves that still succeed; the one after them throws. */
  public int movesUntilFailure = Integer.MAX_VALUE;

  /** Whether closing throws. */
  public boolean failsToClose;

  /** How often the cursor was closed. */
  public int closed;

  /** Creates a cursor over entries that are in order. */
  public EntryListIterator(List<Item> items) {
    this.items = items;
  }

  @Override
  public void seekToFirst() {
    show(0);
  }

  @Override
  public void seekToLast() {
    show(items.size() - 1);
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    show(lowerBound(key, offset, length, searchTrailer));
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    show(lowerBound(key, offset, length, searchTrailer) - 1);
  }

  @Override
  public void next() {
    if (!valid) {
      throw new IllegalStateException("next() on an invalid cursor");
    }
    show(at + 1);
  }

  @Override
  public void prev() {
    if (!valid) {
      throw new IllegalStateException("prev() on an invalid cursor");
    }
    show(at - 1);
  }

  @Override
  public void close() {
    super.close();
    closed++;
    if (failsToClose) {
      throw new IllegalStateException("close fails");
    }
  }

  private int lowerBound(byte[] key, int offset, int length, long searchTrailer) {
    int i = 0;
    while (i < items.size()) {
      Item item = items.get(i);
      if (InternalKey.compare(
              item.key, 0, item.key.length, item.trailer, key, offset, length, searchTrailer)
          >= 0) {
        break;
      }
      i++;
    }
    return i;
  }

  private void show(int index) {
    valid = false;
    if (keyArray.length > 0) {
      java.util.Arrays.fill(keyArray, (byte) 0xA5); // a moved cursor's key is gone
    }
    if (movesUntilFailure-- == 0) {
      throw new IllegalStateException("read fails");
    }
    at = index;
    if (index < 0 || index >= items.size()) {
      keyArray = Bytes.EMPTY;
      return;
    }
    Item item = items.get(index);
    keyArray = new byte[item.key.length + 3];
    System.arraycopy(item.key, 0, keyArray, 2, item.key.length);
    keyOffset = 2;
    keyLength = item.key.length;
    trailer = item.trailer;
    valueArray = item.value;
    valueOffset = 0;
    valueLength = item.value.length;
    valid = true;
  }
}
