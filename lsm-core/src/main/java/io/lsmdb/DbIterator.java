package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A cursor over the entries of a family in key order, as of the moment it was opened or last
 * refreshed.
 *
 * <p>Used by one thread at a time; several cursors may run beside each other and beside writers. To
 * be closed by whoever opened it, before the store. Each call after its own close, or after the
 * store's, throws {@link DbClosedException}. A failed read ({@link CorruptionException}, {@link
 * StorageException}) sticks: every later move throws it again, until {@link #refresh()}. A move to
 * a key that its merge operator fails on throws {@link MergeException} and leaves the cursor on no
 * entry; a seek behind that key goes on. A cursor that is forgotten is logged and released. Where
 * it was opened is part of the log for the first thousand handles of a store, a sample of the later
 * ones, and all that are opened after one was forgotten or while the logger {@code io.lsmdb.leaks}
 * is at level DEBUG.
 */
public interface DbIterator extends AutoCloseable {
  /** Moves to the smallest key within the bounds. */
  void seekToFirst();

  /** Moves to the largest key within the bounds. */
  void seekToLast();

  /**
   * Moves to the first key at or after a target.
   *
   * @param target not kept; one below the lower bound means the lower bound
   */
  void seek(byte[] target);

  /**
   * Moves to the first key at or after a target.
   *
   * @param target the bytes from position to limit, which do not move; copied
   */
  default void seek(ByteBuffer target) {
    byte[] key = new byte[Objects.requireNonNull(target, "target").remaining()];
    target.get(target.position(), key);
    seek(key);
  }

  /**
   * Moves to the last key at or before a target.
   *
   * @param target not kept; one at or above the upper bound means the last key within the bounds
   */
  void seekForPrev(byte[] target);

  /**
   * Moves to the next key.
   *
   * @throws IllegalStateException if the cursor stands on no entry
   */
  void next();

  /**
   * Moves to the key before.
   *
   * @throws IllegalStateException if the cursor stands on no entry
   */
  void prev();

  /**
   * Whether the cursor stands on an entry.
   *
   * @return false before the first seek and beyond either end
   */
  boolean isValid();

  /**
   * The current key.
   *
   * @return a copy
   * @throws IllegalStateException if the cursor stands on no entry
   */
  byte[] key();

  /**
   * The current value.
   *
   * @return a copy
   * @throws IllegalStateException if the cursor stands on no entry
   */
  byte[] value();

  /**
   * Copies the current key into a caller's array: the way that allocates nothing.
   *
   * @param into receives as much as fits
   * @return the length of the key, which may be more than fits
   * @throws IllegalStateException if the cursor stands on no entry
   */
  int key(byte[] into);

  /**
   * Copies the current value into a caller's array, as {@link #key(byte[])} does the key.
   *
   * @param into receives as much as fits
   * @return the length of the value, which may be more than fits
   * @throws IllegalStateException if the cursor stands on no entry
   */
  int value(byte[] into);

  /**
   * The current key, not copied.
   *
   * @return read-only, with its own position, to be used before the cursor's next move
   * @throws IllegalStateException if the cursor stands on no entry
   */
  ByteBuffer keyBuffer();

  /**
   * The current value, not copied.
   *
   * @return read-only, with its own position, to be used before the cursor's next move
   * @throws IllegalStateException if the cursor stands on no entry
   */
  ByteBuffer valueBuffer();

  /**
   * Makes the cursor show the state of now, or of its snapshot, and clears a failure. Afterwards it
   * stands on no entry.
   */
  void refresh();

  /** Releases what the cursor holds; closing twice is fine. */
  @Override
  void close();

  /**
   * The entries from the current position on (from the first one when the cursor stands on none),
   * in key order. The stream drives this cursor; closing the stream closes the cursor.
   *
   * @return sequential, ordered, to be consumed once
   */
  default Stream<Entry> stream() {
    isValid(); // throws if the cursor is closed
    Spliterator<Entry> entries =
        new Spliterators.AbstractSpliterator<>(
            Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL) {
          private boolean started;

          @Override
          public boolean tryAdvance(Consumer<? super Entry> action) {
            if (!started) {
              started = true;
              if (!isValid()) {
                seekToFirst();
              }
            } else if (isValid()) {
              next();
            }
            if (!isValid()) {
              return false;
            }
            action.accept(new Entry(key(), value()));
            return true;
          }
        };
    return StreamSupport.stream(entries, false).onClose(this::close);
  }
}
