package io.lsmdb;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;

/** The entries that an iterator shows from its first one on. Used by one thread; closes nothing. */
final class EntrySpliterator extends AbstractSpliterator<Entry> {
  private static final int CHARACTERISTICS = ORDERED | SORTED | DISTINCT | NONNULL | IMMUTABLE;
  private static final Comparator<Entry> BY_KEY =
      (a, b) -> Arrays.compareUnsigned(a.key(), b.key());

  private final DbIterator iterator;
  private boolean begun;

  EntrySpliterator(DbIterator iterator) {
    super(Long.MAX_VALUE, CHARACTERISTICS);
    this.iterator = iterator;
  }

  @Override
  public boolean tryAdvance(Consumer<? super Entry> action) {
    if (begun) {
      if (!iterator.isValid()) {
        return false;
      }
      iterator.next();
    } else {
      begun = true;
      iterator.seekToFirst();
    }
    if (!iterator.isValid()) {
      return false;
    }
    action.accept(new Entry(iterator.key(), iterator.value()));
    return true;
  }

  @Override
  public Comparator<? super Entry> getComparator() {
    return BY_KEY;
  }
}
