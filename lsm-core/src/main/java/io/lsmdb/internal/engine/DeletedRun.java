package io.lsmdb.internal.engine;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;
import java.util.Arrays;

/**
 * The deleted keys that a cursor passes in one move forward.
 *
 * <p>Not thread-safe; owned by its cursor. Leads the cursor over {@link EmptyRanges} that are
 * known, and tells them what the cursor has seen.
 */
final class DeletedRun {
  private final EmptyRanges ranges;
  private final HeldKey last = new HeldKey();

  private boolean open;
  private EmptyRanges.Range[] known;
  private long sequence;
  private byte[] target; // of the seek that began the move; null for a step
  private byte[] from; // where what is seen begins; null as long as no key is known
  private int deleted;
  private EmptyRanges.Range touched; // left last
  private boolean beyond; // whether there were deleted keys behind it

  DeletedRun(EmptyRanges ranges) {
    this.ranges = ranges;
  }

  /** Begins a step forward. */
  void beginStep() {
    target = null;
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
    target = key;
    open = false;
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
    from = target;
    deleted = 0;
    touched = null;
    beyond = false;
  }

  private void touch(EmptyRanges.Range range) {
    touched = range;
    beyond = false;
    if (from == null) {
      from = range.from;
    }
  }

  /**
   * Passes a deleted key.
   *
   * @param cursor stands on it
   * @param readAt the sequence that the cursor reads at
   * @return where to go on by a seek, or null to go on by a step
   */
  byte[] pass(InternalIterator cursor, long readAt) {
    if (!open) {
      open(ranges.load(), readAt);
    }
    if (known.length > 0) {
      EmptyRanges.Range range =
          EmptyRanges.find(
              known, cursor.keyArray(), cursor.keyOffset(), cursor.keyLength(), sequence);
      if (range != null) {
        touch(range);
        return range.end;
      }
    }
    last.copy(cursor);
    beyond = true;
    deleted++;
    if (from == null) {
      from = Arrays.copyOf(last.bytes(), last.length());
    }
    return null;
  }

  /**
   * Ends the run.
   *
   * @param cursor stands on what is shown next, or nowhere
   * @param bound of the cursor, null for none
   */
  void end(InternalIterator cursor, byte[] bound) {
    boolean worth =
        touched == null
            ? deleted >= EmptyRanges.MIN_DELETED
            : deleted >= EmptyRanges.MIN_EXTENSION || touched.isPending();
    if (worth) {
      byte[] covered = bound;
      if (cursor.isValid() && (bound == null || isBelow(cursor, bound))) {
        covered = keyOf(cursor);
      }
      byte[] behind = beyond ? Arrays.copyOf(last.bytes(), last.length() + 1) : touched.end;
      if (beyond) {
        behind[last.length()] = 0;
      }
      byte[] begin = from == target ? from.clone() : from;
      ranges.learn(known, new EmptyRanges.Seen(begin, behind, covered, deleted, sequence));
    }
    open = false;
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
