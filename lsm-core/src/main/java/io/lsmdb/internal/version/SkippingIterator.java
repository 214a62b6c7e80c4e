package io.lsmdb.internal.version;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.range.RangeCover;
import java.util.Arrays;

/**
 * A cursor over files that passes by seeks what range tombstones hide as a whole.
 *
 * <p>Not thread-safe. Owns the cursor over the files. Where a tombstone is newer than everything in
 * the current file, all entries of the file in the tombstone's piece are hidden. Entries that are
 * hidden otherwise are shown, for the reader to find out.
 */
public final class SkippingIterator extends InternalIterator {
  /** A seek takes as long as some thirty steps, so that short pieces are stepped over. */
  private static final int MAX_STEPS = 16;

  /** The trailer that sorts before every version of its key. */
  private static final long BEFORE_ALL_VERSIONS = -1L;

  /** The trailer that sorts behind every version of its key. */
  private static final long BEHIND_ALL_VERSIONS = 0L;

  private final LevelIterator files;
  private final RangeCover hidden;

  /**
   * Creates a cursor that stands nowhere.
   *
   * @param files to be closed with this cursor
   * @param hidden the range tombstones that the reader sees; for this cursor alone
   */
  public SkippingIterator(LevelIterator files, RangeCover hidden) {
    this.files = files;
    this.hidden = hidden;
  }

  @Override
  public void seekToFirst() {
    valid = false;
    files.seekToFirst();
    showForward();
  }

  @Override
  public void seekToLast() {
    valid = false;
    files.seekToLast();
    showBackward();
  }

  @Override
  public void seek(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    files.seek(key, offset, length, searchTrailer);
    showForward();
  }

  @Override
  public void seekBefore(byte[] key, int offset, int length, long searchTrailer) {
    valid = false;
    files.seekBefore(key, offset, length, searchTrailer);
    showBackward();
  }

  @Override
  public void next() {
    valid = false;
    files.next();
    showForward();
  }

  @Override
  public void prev() {
    valid = false;
    files.prev();
    showBackward();
  }

  @Override
  public void skip(long searchTrailer) {
    valid = false;
    files.skip(searchTrailer);
    showForward();
  }

  @Override
  public void skipBack(long searchTrailer) {
    valid = false;
    files.skipBack(searchTrailer);
    showBackward();
  }

  private void showForward() {
    int steps = 0;
    while (files.isValid() && isHidden()) {
      if (steps++ < MAX_STEPS) {
        files.next();
        continue;
      }
      steps = 0;
      byte[] to = hidden.to();
      byte[] last = files.current().largest().userKey();
      if (to != null && Arrays.compareUnsigned(to, last) <= 0) {
        files.seek(to, 0, to.length, BEFORE_ALL_VERSIONS);
      } else {
        // To the next file, which may be newer.
        files.seek(last, 0, last.length, BEHIND_ALL_VERSIONS);
      }
    }
    show();
  }

  private void showBackward() {
    int steps = 0;
    while (files.isValid() && isHidden()) {
      if (steps++ < MAX_STEPS) {
        files.prev();
        continue;
      }
      steps = 0;
      byte[] from = hidden.from();
      byte[] first = files.current().smallest().userKey();
      byte[] bound = from != null && Arrays.compareUnsigned(from, first) > 0 ? from : first;
      files.seekBefore(bound, 0, bound.length, BEFORE_ALL_VERSIONS);
    }
    show();
  }

  /**
   * Whether all entries of the current file are hidden that lie in the piece of the current one.
   */
  private boolean isHidden() {
    return hidden.at(files.keyArray(), files.keyOffset(), files.keyLength())
        > files.current().counts().largestSequence();
  }

  private void show() {
    valid = files.isValid();
    keyArray = files.keyArray();
    keyOffset = files.keyOffset();
    keyLength = files.keyLength();
    trailer = files.trailer();
    valueArray = files.valueArray();
    valueOffset = files.valueOffset();
    valueLength = files.valueLength();
  }

  @Override
  public void close() {
    super.close();
    files.close();
  }
}
