package io.lsmdb.internal.memtable;

import io.lsmdb.internal.iterator.InternalIterator;

/**
 * A cursor over all versions of some entries of a memtable; a subclass knows their order.
 *
 * <p>Not thread-safe, but the memtable may be written to while it is used. Owned by its user.
 *
 * <p>Invariant: while valid, the cursor stands on a version of the entry to which the subclass came
 * last. Forwards it takes an entry's versions from the head that was current when it came to the
 * entry; backwards it starts at the oldest one, and ends at the head that is current then.
 */
abstract class EntryIterator extends InternalIterator {
  final Entries entries;
  final PayloadArena payload;
  final VersionChain chain;

  /** References of the current version, and of the current entry's oldest version. */
  private int version;

  private int oldest;

  EntryIterator(Entries entries) {
    this.entries = entries;
    payload = entries.payload();
    chain = entries.chain();
  }

  /** Goes to the entry after the current one. */
  abstract void nextEntry();

  /** Goes to the entry before the current one. */
  abstract void previousEntry();

  /** The word of the current entry as it is now. */
  abstract long freshWord();

  @Override
  public final void next() {
    if (version != oldest) {
      standOnVersion(chain.previous(version));
    } else {
      nextEntry();
    }
  }

  @Override
  public final void prev() {
    int newer = chain.oldestAbove(Entries.head(freshWord()), oldest, trailer);
    if (newer != 0) {
      standOnVersion(newer);
    } else {
      previousEntry();
    }
  }

  @Override
  public final void skip(long searchTrailer) {
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
  public final void skipBack(long searchTrailer) {
    int head = Entries.head(freshWord());
    if (version != head) {
      int found = chain.newestAtOrBelow(head, oldest, searchTrailer);
      if (found != 0 && isNewer(found)) {
        standOnVersion(found);
        return;
      }
    }
    previousEntry();
  }

  private boolean isNewer(int other) {
    byte[] array = payload.array(other);
    return Long.compareUnsigned(VersionRecord.trailer(array, PayloadArena.offset(other)), trailer)
        > 0;
  }

  /**
   * Stands on the entry of a word that is at or after a target: on its first version at or after
   * it, or else on the next entry.
   */
  final void standAtOrAfter(long word, byte[] key, int offset, int length, long searchTrailer) {
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

  /** Stands on the last version before a target, if the entry of a word has the target's key. */
  final boolean standBefore(long word, byte[] key, int offset, int length, long searchTrailer) {
    if (entries.compareKey(Entries.key(word), key, offset, length) != 0) {
      return false;
    }
    int found = chain.oldestAbove(Entries.head(word), Entries.key(word), searchTrailer);
    if (found == 0) {
      return false;
    }
    stand(word, found);
    return true;
  }

  /** Shows a version of the entry that the subclass came to. */
  final void stand(long word, int shown) {
    oldest = Entries.key(word);
    byte[] array = payload.array(oldest);
    int record = PayloadArena.offset(oldest);
    keyArray = array;
    keyOffset = VersionRecord.keyStart(array, record);
    keyLength = VersionRecord.keyLength(array, record);
    standOnVersion(shown);
  }

  /** Shows another version of the current entry. */
  private void standOnVersion(int shown) {
    version = shown;
    byte[] array = payload.array(shown);
    int record = PayloadArena.offset(shown);
    trailer = VersionRecord.trailer(array, record);
    valueArray = array;
    if (shown == oldest) {
      valueOffset = keyOffset + keyLength;
      valueLength = VersionRecord.firstValueLength(array, record);
    } else {
      valueOffset = VersionRecord.laterValueStart(record);
      valueLength = VersionRecord.laterValueLength(array, record);
    }
  }
}
