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
    int low = 0;
    int high = run.length();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (entries.compareKey(entries.keyOf(run.entry(middle)), key, offset, length) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
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
