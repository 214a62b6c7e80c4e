package io.lsmdb.internal.memtable;

/**
 * A cursor over all versions of the entries of a sorted run.
 *
 * <p>Not thread-safe; owned by its user. See {@link EntryIterator}.
 */
final class RunIterator extends EntryIterator {
  /** Keys of so many entries are read together; they lie anywhere in memory. A power of two. */
  private static final int READ_AHEAD = 16;

  private final SortedRun run;
  private int at;

  /** Depends on all that was read at once, so that no compiler leaves a load out. */
  @SuppressWarnings("UnusedVariable")
  private int touched;

  RunIterator(Entries entries, SortedRun run) {
    super(entries);
    this.run = run;
  }

  @Override
  public void seekToFirst() {
    at = -1;
    nextEntry();
  }

  @Override
  public void seekToLast() {
    at = run.length();
    previousEntry();
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    at = lowerBound(key, offset, length);
    valid = at < run.length();
    if (valid) {
      standAtOrAfter(freshWord(), key, offset, length, searchTrailer);
    }
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    at = lowerBound(key, offset, length);
    valid = at < run.length();
    if (!valid || !standBefore(freshWord(), key, offset, length, searchTrailer)) {
      previousEntry();
    }
  }

  private int lowerBound(byte[] key, int offset, int length) {
    if (isAbove(0, key, offset, length)) {
      return 0; // keys that do not share the leading bytes are below all or above all
    }
    int last = run.length() - 1;
    if (!isAbove(last, key, offset, length)) {
      return run.length();
    }
    long prefix = run.prefix(key, offset, length);
    int fencesBelow = run.fencesBelow(prefix);
    int start = Math.max(0, fencesBelow - 1) * SortedRun.FENCE_STEP;
    touched = run.touchKeys(entries, start, SortedRun.FENCE_STEP);
    int low = start + 1; // what is at the fence is below, unless it is the first, which is too
    int high = Math.min(last, run.fencesUpTo(prefix, fencesBelow) * SortedRun.FENCE_STEP);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (isAbove(middle, key, offset, length)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Whether the key at a place is at or above the given one. */
  private boolean isAbove(int place, byte[] key, int offset, int length) {
    return entries.compareKey(entries.keyOf(run.entry(place)), key, offset, length) >= 0;
  }

  @Override
  long freshWord() {
    return entries.word(run.entry(at));
  }

  @Override
  void nextEntry() {
    valid = ++at < run.length();
    if (valid) {
      if ((at & READ_AHEAD - 1) == 0) {
        touched = run.touchKeys(entries, at, READ_AHEAD);
      }
      long word = freshWord();
      stand(word, Entries.head(word));
    }
  }

  @Override
  void previousEntry() {
    valid = --at >= 0;
    if (valid) {
      long word = freshWord();
      stand(word, Entries.key(word));
    }
  }
}
