package io.lsmdb.internal.memtable;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import java.util.ArrayList;
import java.util.List;

/**
 * A cursor over all versions of all keys in a memtable that does not keep its keys in order.
 *
 * <p>Not thread-safe, but the memtable may be written to while it is used. Owned by its user;
 * closing it gives nothing back. It must not be used after the memtable's release.
 *
 * <p>Invariant: whatever was visible at the sequence that its user acquired before the last seek is
 * shown; newer entries may be. A user that moves on to a newer sequence must seek again.
 */
final class MemTableIterator extends InternalIterator {
  private final Entries entries;
  private final LazyKeyIndex order;

  // Of the last seek that found others.
  private SortedRun[] runs;
  private boolean listed; // whether the list was not empty

  private InternalIterator merged; // over these

  MemTableIterator(Entries entries, LazyKeyIndex order) {
    this.entries = entries;
    this.order = order;
    order.noteCursor();
  }

  /** Makes all keys that were added until now visible to the seek that follows. */
  private InternalIterator current() {
    valid = false;
    LazyKeyIndex.Sources now = order.sources();
    if (now.runs() != runs || now.listed() != listed) {
      merged = over(now);
      runs = now.runs();
      listed = now.listed();
    }
    return merged;
  }

  private InternalIterator over(LazyKeyIndex.Sources sources) {
    if (sources.runs().length == 0) {
      return new ListIterator(entries, sources.list());
    }
    List<InternalIterator> cursors = new ArrayList<>(1 + sources.runs().length);
    if (sources.listed()) {
      cursors.add(new ListIterator(entries, sources.list()));
    }
    for (SortedRun run : sources.runs()) {
      cursors.add(new RunIterator(entries, run));
    }
    return MergingIterator.of(cursors);
  }

  @Override
  public void seekToFirst() {
    current().seekToFirst();
    show();
  }

  @Override
  public void seekToLast() {
    current().seekToLast();
    show();
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    current().seek(key, offset, length, searchTrailer);
    show();
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    current().seekBefore(key, offset, length, searchTrailer);
    show();
  }

  @Override
  public void next() {
    merged.next();
    show();
  }

  @Override
  public void prev() {
    merged.prev();
    show();
  }

  @Override
  public void skip(long searchTrailer) {
    merged.skip(searchTrailer);
    show();
  }

  @Override
  public void skipBack(long searchTrailer) {
    merged.skipBack(searchTrailer);
    show();
  }

  private void show() {
    InternalIterator at = merged;
    valid = at.isValid();
    keyArray = at.keyArray();
    keyOffset = at.keyOffset();
    keyLength = at.keyLength();
    trailer = at.trailer();
    valueArray = at.valueArray();
    valueOffset = at.valueOffset();
    valueLength = at.valueLength();
  }
}
