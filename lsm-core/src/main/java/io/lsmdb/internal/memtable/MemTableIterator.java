package io.lsmdb.internal.memtable;

import io.lsmdb.internal.iterator.InternalIterator;

/**
 * A cursor over all versions of all keys in a memtable.
 *
 * <p>Not thread-safe, but the memtable may be written to while it is used. Owned by its user;
 * closing it gives nothing back. It must not be used after the memtable's release.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Whatever was visible at the sequence that its user acquired before the last seek is shown;
 *       newer entries may be. A user that moves on to a newer sequence must seek again.
 *   <li>The cursor stands on a version of the list cursor's entry. Forwards it takes an entry's
 *       versions from the head that was current when it came to the entry; backwards it starts at
 *       the oldest one, and ends at the head that is current then.
 * </ol>
 */
final class MemTableIterator extends InternalIterator {
  private final Entries entries;
  private final PayloadArena payload;
  private final VersionChain chain;
  private final KeyOrder order;
  private final BlockCursor cursor = new BlockCursor();

  /**
   * The entries of the cursor's block, in its order, once {@link #inBlock}: read together when the
   * first step within the block is made. Entries that follow each other lie anywhere in the arenas;
   * fifteen independent loads wait for memory at the same time, where one load a step would wait
   * fifteen times. Measured with 500,000 random keys: about 100 ns an entry against 145.
   */
  private final long[] words = new long[Permutation.CAPACITY];

  private boolean inBlock;

  /** What the last seek went to. */
  private BlockedSkipList list;

  /** Depends on all that was read at once, so that no compiler leaves a load out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  /** References of the current version, and of the current entry's oldest version. */
  private int version;

  private int oldest;

  MemTableIterator(Entries entries, KeyOrder order) {
    this.entries = entries;
    this.order = order;
    payload = entries.payload();
    chain = entries.chain();
  }

  @Override
  public void seekToFirst() {
    begin();
    valid = list.first(cursor);
    if (valid) {
      standOnNewest();
    }
  }

  @Override
  public void seekToLast() {
    begin();
    valid = list.last(cursor);
    if (valid) {
      standOnOldest();
    }
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    begin();
    valid = list.seek(key, offset, length, cursor);
    if (!valid) {
      return;
    }
    long word = entries.word(cursor.entry());
    if (entries.compareKey(Entries.key(word), key, offset, length) != 0) {
      stand(word, Entries.head(word));
      return;
    }
    int found = chain.newestAtOrBelow(Entries.head(word), Entries.key(word), searchTrailer);
    if (found != 0) {
      stand(word, found);
    } else {
      nextEntry();
    }
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    begin();
    valid = list.seek(key, offset, length, cursor);
    if (valid) {
      long word = entries.word(cursor.entry());
      if (entries.compareKey(Entries.key(word), key, offset, length) == 0) {
        int found = chain.oldestAbove(Entries.head(word), Entries.key(word), searchTrailer);
        if (found != 0) {
          stand(word, found);
          return;
        }
      }
    }
    previousEntry(key, offset, length);
  }

  private void begin() {
    inBlock = false;
    list = order.list();
  }

  @Override
  public void next() {
    if (version != oldest) {
      standOnVersion(chain.previous(version));
    } else {
      nextEntry();
    }
  }

  @Override
  public void prev() {
    int head = Entries.head(entries.word(cursor.entry()));
    int newer = chain.oldestAbove(head, oldest, trailer);
    if (newer != 0) {
      standOnVersion(newer);
    } else {
      previousEntry(keyArray, keyOffset, keyLength);
    }
  }

  @Override
  public void skip(long searchTrailer) {
    if (version != oldest && searchTrailer != 0) {
      int found = chain.newestAtOrBelow(chain.previous(version), oldest, searchTrailer);
      if (found != 0) {
        standOnVersion(found);
        return;
      }
    }
    nextEntry();
  }

  @Override
  public void skipBack(long searchTrailer) {
    int head = Entries.head(entries.word(cursor.entry()));
    if (version != head) {
      int found = chain.newestAtOrBelow(head, oldest, searchTrailer);
      if (found != 0 && isNewer(found)) {
        standOnVersion(found);
        return;
      }
    }
    previousEntry(keyArray, keyOffset, keyLength);
  }

  private boolean isNewer(int other) {
    byte[] array = payload.array(other);
    return Long.compareUnsigned(VersionChain.trailer(array, PayloadArena.offset(other)), trailer)
        > 0;
  }

  private void nextEntry() {
    if (++cursor.position >= Permutation.count(cursor.permutation)) {
      inBlock = false;
      valid = list.enterNext(cursor);
      if (!valid) {
        return;
      }
    }
    readBlock();
    standOnNewest();
  }

  /** Goes to the entry before the list cursor's, whose key is at or above the given one. */
  private void previousEntry(byte[] key, int offset, int length) {
    if (valid && cursor.position > 0) {
      cursor.position--;
      readBlock();
    } else {
      inBlock = false;
      valid = list.seekBelow(key, offset, length, cursor);
    }
    if (valid) {
      standOnOldest();
    }
  }

  /** Reads all entries of the block at once; see {@link #words}. */
  private void readBlock() {
    if (inBlock) {
      return;
    }
    long permutation = cursor.permutation;
    int count = Permutation.count(permutation);
    for (int i = 0; i < count; i++) {
      int slot = Permutation.slot(permutation, i);
      words[i] = entries.word(Nodes.reference(cursor.array, cursor.base, slot));
    }
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int record = Entries.key(words[i]);
      sum += VersionChain.lengths(payload.array(record), PayloadArena.offset(record));
    }
    touched = sum;
    inBlock = true;
  }

  private long word() {
    return inBlock ? words[cursor.position] : entries.word(cursor.entry());
  }

  private void standOnNewest() {
    long word = word();
    stand(word, Entries.head(word));
  }

  private void standOnOldest() {
    long word = word();
    stand(word, Entries.key(word));
  }

  /** Shows a version of the entry that the list cursor came to. */
  private void stand(long word, int shown) {
    oldest = Entries.key(word);
    byte[] array = payload.array(oldest);
    int record = PayloadArena.offset(oldest);
    keyArray = array;
    keyOffset = VersionChain.keyStart(array, record);
    keyLength = VersionChain.keyLength(array, record);
    standOnVersion(shown);
  }

  /** Shows another version of the current entry. */
  private void standOnVersion(int shown) {
    version = shown;
    byte[] array = payload.array(shown);
    int record = PayloadArena.offset(shown);
    trailer = VersionChain.trailer(array, record);
    valueArray = array;
    if (shown == oldest) {
      valueOffset = keyOffset + keyLength;
      valueLength = VersionChain.firstValueLength(array, record);
    } else {
      valueOffset = VersionChain.laterValueStart(record);
      valueLength = VersionChain.laterValueLength(array, record);
    }
  }
}
