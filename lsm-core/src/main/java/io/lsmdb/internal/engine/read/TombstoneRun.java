package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.engine.family.EmptyRanges;
import io.lsmdb.internal.iterator.InternalIterator;
import java.util.Arrays;

/**
 * The deleted keys that a cursor passes in one move, forward or backward.
 *
 * <p>Not thread-safe; owned by its cursor. Leads the cursor over {@link EmptyRanges} that are
 * known, and tells them what the cursor has seen, which is the same whichever way it went.
 */
final class TombstoneRun {
  private final EmptyRanges ranges;

  /** The key passed last. */
  private final SavedKey last = new SavedKey();

  private boolean backward;
  private boolean open;
  private EmptyRanges.Range[] known;
  private long sequence;

  /** Of the seek that began the move: the target forward, the bound backward; null for neither. */
  private byte[] target;

  /** Whether the move is a seek backward. */
  private boolean soughtBack;

  /** Whether a seek backward passes its bound as well. */
  private boolean inclusive;

  /**
   * The side of what is seen that the cursor came to first: its first key forward, its end
   * backward; null as long as no key is known.
   */
  private byte[] near;

  private int deleted;
  private EmptyRanges.Range touched; // left last
  private boolean beyond; // whether the cursor has passed deleted keys after it

  TombstoneRun(EmptyRanges ranges) {
    this.ranges = ranges;
  }

  /** Begins a step forward. */
  void beginStep() {
    begin(false, null);
  }

  /** Begins a step backward. */
  void beginStepBack() {
    begin(true, null);
  }

  /**
   * Begins a seek backward.
   *
   * @param bound the cursor passes what is below, and nothing visible lies between; null for no
   *     bound; stays as it is during the move
   * @param withBound whether it passes the bound as well
   */
  void beginSeekBack(byte[] bound, boolean withBound) {
    begin(true, bound);
    soughtBack = true;
    inclusive = withBound;
  }

  private void begin(boolean back, byte[] sought) {
    backward = back;
    target = sought;
    soughtBack = false;
    open = false;
  }

  /**
   * Begins a seek forward.
   *
   * @param key the target; stays as it is during the move
   * @param readAt the sequence that the cursor reads at
   * @return where to seek: the target, or the end of an empty range that it lies in
   */
  byte[] beginSeek(byte[] key, long readAt) {
    begin(false, key);
    EmptyRanges.Range[] all = ranges.load();
    if (all.length > 0) {
      EmptyRanges.Range range = EmptyRanges.find(all, key, 0, key.length, readAt);
      if (range != null) {
        open(all, readAt);
        touch(range);
        return range.end;
      }
    }
    return key;
  }

  /** Whether the cursor has passed something that {@link #end} should know of. */
  boolean isOpen() {
    return open;
  }

  private void open(EmptyRanges.Range[] all, long readAt) {
    open = true;
    known = all;
    sequence = readAt;
    near = backward ? null : target;
    deleted = 0;
    touched = null;
    beyond = false;
  }

  private void touch(EmptyRanges.Range range) {
    touched = range;
    beyond = false;
    if (near == null) {
      near = backward ? range.end : range.from;
    }
  }

  /**
   * Passes a deleted key.
   *
   * @param array holds the key
   * @param offset where it starts
   * @param length its length
   * @param readAt the sequence that the cursor reads at
   * @return the empty range that the key lies in, to be passed by a seek; null to go on by a step
   */
  EmptyRanges.Range pass(byte[] array, int offset, int length, long readAt) {
    if (!open) {
      open(ranges.load(), readAt);
    }
    if (known.length > 0) {
      EmptyRanges.Range range = EmptyRanges.find(known, array, offset, length, sequence);
      if (range != null) {
        touch(range);
        return range;
      }
    }
    last.copy(array, offset, length);
    beyond = true;
    deleted++;
    if (near == null) {
      near = backward ? behindLast() : keyLast();
    }
    return null;
  }

  /**
   * Ends a run forward.
   *
   * @param cursor stands on what is shown next, or nowhere
   * @param bound of the cursor, null for none
   */
  void end(InternalIterator cursor, byte[] bound) {
    if (isWorthwhile()) {
      byte[] covered = bound;
      if (cursor.isValid() && (bound == null || isBelow(cursor, bound))) {
        covered = keyOf(cursor);
      }
      byte[] begin = near == target ? near.clone() : near;
      learn(begin, beyond ? behindLast() : touched.end, covered);
    }
    open = false;
  }

  /** Ends a run backward. */
  void endBack() {
    if (isWorthwhile()) {
      byte[] covered = near;
      if (soughtBack) {
        covered = inclusive ? EmptyRanges.behind(target, 0, target.length) : target;
      }
      learn(beyond ? keyLast() : touched.from, near, covered);
    }
    open = false;
  }

  private boolean isWorthwhile() {
    return touched == null
        ? deleted >= EmptyRanges.MIN_DELETED
        : deleted >= EmptyRanges.MIN_EXTENSION || touched.isPending();
  }

  private void learn(byte[] from, byte[] behind, byte[] covered) {
    ranges.learn(known, new EmptyRanges.Seen(from, behind, covered, deleted, sequence));
  }

  private byte[] keyLast() {
    return Arrays.copyOf(last.bytes(), last.length());
  }

  private byte[] behindLast() {
    return EmptyRanges.behind(last.bytes(), 0, last.length());
  }

  private static boolean isBelow(InternalIterator cursor, byte[] bound) {
    return Bytes.compare(
            cursor.keyArray(), cursor.keyOffset(), cursor.keyLength(), bound, 0, bound.length)
        < 0;
  }

  private static byte[] keyOf(InternalIterator cursor) {
    int offset = cursor.keyOffset();
    return Arrays.copyOfRange(cursor.keyArray(), offset, offset + cursor.keyLength());
  }
}
