package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;

/**
 * A cursor over files that follow each other in key order: a level, or a single file.
 *
 * <p>Not thread-safe. Keeps one table open at a time, and holds a reference to it, given back by
 * {@link #close} or when the cursor goes on to another file. Its user keeps the {@link Version}
 * alive.
 *
 * <ol>
 *   <li>The current file's cursor is valid exactly when this one is.
 *   <li>A file that cannot be opened or read stops the cursor with the exception; it is never
 *       skipped, and only a seek makes the cursor valid again.
 * </ol>
 */
public final class LevelIterator extends InternalIterator {
  private final FileMetadata[] files;
  private final TableCache cache;
  private final boolean fillCache;

  /** Index of the open file; meaningless without one. */
  private int index;

  private TableHandle handle;
  private InternalIterator current;

  /**
   * Creates a cursor that has opened nothing.
   *
   * @param files in key order, without common user keys; not copied
   * @param cache opens them
   * @param fillCache whether blocks read enter the block cache
   */
  public LevelIterator(FileMetadata[] files, TableCache cache, boolean fillCache) {
    this.files = files;
    this.cache = cache;
    this.fillCache = fillCache;
  }

  @Override
  public void seekToFirst() {
    valid = false;
    if (enter(0)) {
      current.seekToFirst();
      forward();
    }
  }

  @Override
  public void seekToLast() {
    valid = false;
    if (enter(files.length - 1)) {
      current.seekToLast();
      backward();
    }
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    if (enter(firstReaching(key, offset, length, searchTrailer))) {
      current.seek(key, offset, length, searchTrailer);
      forward();
    }
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    if (enter(firstStartingAt(key, offset, length, searchTrailer) - 1)) {
      current.seekBefore(key, offset, length, searchTrailer);
      backward();
    }
  }

  @Override
  public void next() {
    valid = false;
    current.next();
    forward();
  }

  @Override
  public void prev() {
    valid = false;
    current.prev();
    backward();
  }

  /** Shows the current file's entry, or the first one of a later file. */
  private void forward() {
    while (!current.isValid()) {
      if (!enter(index + 1)) {
        return;
      }
      current.seekToFirst();
    }
    show();
  }

  /** Shows the current file's entry, or the last one of an earlier file. */
  private void backward() {
    while (!current.isValid()) {
      if (!enter(index - 1)) {
        return;
      }
      current.seekToLast();
    }
    show();
  }

  private void show() {
    InternalIterator entry = current;
    keyArray = entry.keyArray();
    keyOffset = entry.keyOffset();
    keyLength = entry.keyLength();
    trailer = entry.trailer();
    valueArray = entry.valueArray();
    valueOffset = entry.valueOffset();
    valueLength = entry.valueLength();
    valid = true;
  }

  /** Makes a file the current one; false when there is none of that index. */
  private boolean enter(int file) {
    if (current != null && file == index) {
      return true;
    }
    leave();
    if (file < 0 || file >= files.length) {
      return false;
    }
    TableHandle opened = cache.retained(files[file]);
    try {
      current = opened.reader().iterator(fillCache);
      handle = opened;
    } finally {
      if (handle == null) {
        opened.release();
      }
    }
    index = file;
    return true;
  }

  private void leave() {
    keyArray = Bytes.EMPTY;
    valueArray = Bytes.EMPTY;
    if (current != null) {
      current.close();
      current = null;
    }
    if (handle != null) {
      TableHandle left = handle;
      handle = null;
      left.release();
    }
  }

  /** The first file whose largest internal key is not before the target. */
  private int firstReaching(byte[] key, int offset, int length, long searchTrailer) {
    int low = 0;
    int high = files.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order(files[middle].largest(), key, offset, length, searchTrailer) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The first file whose smallest internal key is not before the target. */
  private int firstStartingAt(byte[] key, int offset, int length, long searchTrailer) {
    int low = 0;
    int high = files.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order(files[middle].smallest(), key, offset, length, searchTrailer) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int order(InternalKey bound, byte[] key, int offset, int length, long trailer) {
    return InternalKey.compare(
        bound.userKey(), 0, bound.userKey().length, bound.trailer(), key, offset, length, trailer);
  }

  @Override
  public void close() {
    super.close();
    leave();
  }
}
