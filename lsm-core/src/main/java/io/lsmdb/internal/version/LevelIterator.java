package io.lsmdb.internal.version;

import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.TableIterator;

/**
 * A cursor over files that follow each other in key order: a level, or a single file.
 *
 * <p>Not thread-safe. Keeps one table open at a time, and holds a reference to it, given back by
 * {@link #close} or when the cursor goes on to another file. Its user keeps the {@link Version}
 * alive.
 *
 * <ol>
 *   <li>Within a file this is a plain table cursor: a step that stays in it costs nothing more.
 *   <li>A file that cannot be opened or read stops the cursor with the exception; it is never
 *       skipped, and only a seek makes the cursor valid again.
 * </ol>
 */
public final class LevelIterator extends TableIterator {
  private final FileMetadata[] files;
  private final int begin;
  private final int end;
  private final TableCache cache;
  private final boolean fillCache;

  /** Index of the open file; meaningless without one. */
  private int index;

  private TableHandle handle;

  /**
   * Creates a cursor that has opened nothing.
   *
   * @param files in key order, without common user keys; not copied
   * @param cache opens them
   * @param fillCache whether blocks read enter the block cache
   */
  public LevelIterator(FileMetadata[] files, TableCache cache, boolean fillCache) {
    this(files, 0, files.length, cache, fillCache);
  }

  /**
   * A cursor for one pass over files that are to be rewritten: it leaves the cache as it is, and
   * reads all blocks of a file into one array.
   *
   * @param files in key order, without common user keys; not copied
   * @param cache opens them
   * @return a cursor that has opened nothing
   */
  public static LevelIterator forCompaction(FileMetadata[] files, TableCache cache) {
    LevelIterator cursor = new LevelIterator(files, cache, false);
    cursor.recycleBlocks();
    return cursor;
  }

  /** As the other constructor, over the files from {@code begin} to before {@code end}. */
  LevelIterator(FileMetadata[] files, int begin, int end, TableCache cache, boolean fillCache) {
    this.files = files;
    this.begin = begin;
    this.end = end;
    this.cache = cache;
    this.fillCache = fillCache;
  }

  @Override
  public void seekToFirst() {
    if (enter(begin)) {
      super.seekToFirst();
    }
  }

  @Override
  public void seekToLast() {
    if (enter(end - 1)) {
      super.seekToLast();
    }
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    protectKey(key);
    if (enter(firstReaching(key, offset, length, searchTrailer))) {
      super.seek(key, offset, length, searchTrailer);
    }
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    protectKey(key);
    if (enter(firstStartingAt(key, offset, length, searchTrailer) - 1)) {
      super.seekBefore(key, offset, length, searchTrailer);
    }
  }

  @Override
  protected boolean openFollowing() {
    return enter(index + 1);
  }

  @Override
  protected boolean openPreceding() {
    return enter(index - 1);
  }

  /** The file in which the current entry stands; only while there is one. */
  FileMetadata current() {
    return files[index];
  }

  /** Makes a file the current one; false when there is none of that index. */
  private boolean enter(int file) {
    valid = false;
    if (handle != null && file == index) {
      return true;
    }
    close();
    if (file < begin || file >= end) {
      return false;
    }
    TableHandle opened = cache.retained(files[file]);
    open(opened.reader(), fillCache);
    handle = opened;
    index = file;
    return true;
  }

  /** The first file whose largest internal key is not before the target. */
  private int firstReaching(byte[] key, int offset, int length, long searchTrailer) {
    int low = begin;
    int high = end;
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
    int low = begin;
    int high = end;
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
    if (handle != null) {
      TableHandle left = handle;
      handle = null;
      left.release();
    }
  }
}
