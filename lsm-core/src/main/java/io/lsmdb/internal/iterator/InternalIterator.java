package io.lsmdb.internal.iterator;

import io.lsmdb.internal.base.Bytes;

/**
 * A cursor over internal entries in internal key order: user key ascending, then trailer
 * descending.
 *
 * <p>Not thread-safe: used by one thread at a time. An abstract class rather than an interface so
 * that reading the current entry is a field access, whatever the subclass.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A new cursor is not positioned: {@link #isValid()} is false.
 *   <li>While valid, the key and value fields describe the current entry. The arrays belong to the
 *       source (a memtable chunk or a cached block): never write to them. They stay as they are
 *       until the next move, but for a key by which the cursor is sought.
 *   <li>{@link #next()}, {@link #prev()} and the skips may be called only while valid. Moving past
 *       either end makes the cursor invalid; only a seek makes it valid again.
 *   <li>A failed read throws (a {@code DbException}) and leaves the cursor invalid; it never skips
 *       over what it could not read.
 *   <li>The source may gain entries while the cursor lives (a mutable memtable); the cursor then
 *       may or may not show them, and always stays in order.
 * </ol>
 */
public abstract class InternalIterator implements AutoCloseable {
  /** Whether the cursor stands on an entry. */
  protected boolean valid;

  /** Holds the current user key. */
  protected byte[] keyArray = Bytes.EMPTY;

  /** Where the current user key starts. */
  protected int keyOffset;

  /** Length of the current user key. */
  protected int keyLength;

  /** Sequence and kind of the current entry. */
  protected long trailer;

  /** Holds the current value. */
  protected byte[] valueArray = Bytes.EMPTY;

  /** Where the current value starts. */
  protected int valueOffset;

  /** Length of the current value. */
  protected int valueLength;

  /** Creates a cursor that stands nowhere. */
  protected InternalIterator() {}

  /** Moves to the smallest entry. */
  public abstract void seekToFirst();

  /** Moves to the largest entry. */
  public abstract void seekToLast();

  /**
   * Moves to the first entry at or after an internal key.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer trailer to search with; see {@code InternalKey.searchTrailer}
   */
  public abstract void seek(byte[] key, int offset, int length, long searchTrailer);

  /**
   * Moves to the last entry strictly before an internal key.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer trailer to search with
   */
  public abstract void seekBefore(byte[] key, int offset, int length, long searchTrailer);

  /** Moves to the entry that follows. */
  public abstract void next();

  /** Moves to the entry before. */
  public abstract void prev();

  /**
   * Moves to the entry that follows, and on past versions of the current user key that are newer
   * than a reader sees.
   *
   * <p>How many are passed is up to the source: at least the current entry, and none of the others
   * that is at or behind the search trailer. Sources keep the cost low for keys with many versions.
   *
   * @param searchTrailer what the reader searches with; 0 to pass all versions of the key
   */
  public void skip(long searchTrailer) {
    next();
  }

  /**
   * Moves to the entry before, and on past versions of the current user key that a reader does not
   * need: those below the newest that it sees, and those newer than it sees.
   *
   * <p>How many are passed is up to the source: at least the current entry, and not the newest of
   * the others at or behind the search trailer. Sources keep the cost low for keys with many
   * versions.
   *
   * @param searchTrailer what the reader searches with
   */
  public void skipBack(long searchTrailer) {
    prev();
  }

  /** Gives back what the cursor holds; closing twice is fine. Never fails. */
  @Override
  public void close() {
    valid = false;
  }

  /**
   * Whether the cursor stands on an entry.
   *
   * @return false before the first seek and beyond either end
   */
  public final boolean isValid() {
    return valid;
  }

  /**
   * Holds the current user key.
   *
   * @return never to be written to
   */
  public final byte[] keyArray() {
    return keyArray;
  }

  /**
   * Where the current user key starts.
   *
   * @return an offset in {@link #keyArray()}
   */
  public final int keyOffset() {
    return keyOffset;
  }

  /**
   * Length of the current user key.
   *
   * @return in bytes
   */
  public final int keyLength() {
    return keyLength;
  }

  /**
   * Sequence and kind of the current entry.
   *
   * @return see {@code InternalKey.trailer}
   */
  public final long trailer() {
    return trailer;
  }

  /**
   * Holds the current value.
   *
   * @return never to be written to
   */
  public final byte[] valueArray() {
    return valueArray;
  }

  /**
   * Where the current value starts.
   *
   * @return an offset in {@link #valueArray()}
   */
  public final int valueOffset() {
    return valueOffset;
  }

  /**
   * Length of the current value.
   *
   * @return in bytes
   */
  public final int valueLength() {
    return valueLength;
  }
}
