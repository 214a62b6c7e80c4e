package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.range.RangeCover;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A value that a cursor shows while its inner cursor stands elsewhere.
 *
 * <p>Not thread-safe; owned by its cursor.
 *
 * <ol>
 *   <li>A noted value is a copy, as stored until {@link #withoutExpiry}.
 *   <li>A folded value is an array of its own.
 * </ol>
 */
final class SavedValue {
  private final Folding folding; // null in a family without operator
  private Operands operands; // made when needed

  private byte[] buffer = Bytes.EMPTY; // for copies
  private byte[] array = Bytes.EMPTY;
  private int offset;
  private int length;

  SavedValue(Folding folding) {
    this.folding = folding;
  }

  /** Copies a cursor's value. */
  void copy(InternalIterator cursor) {
    length = cursor.valueLength();
    if (buffer.length < length) {
      buffer = new byte[Math.max(64, length + length / 4)];
    }
    System.arraycopy(cursor.valueArray(), cursor.valueOffset(), buffer, 0, length);
    array = buffer;
    offset = 0;
  }

  /**
   * Takes the expiry off the value of an expiring put.
   *
   * @param now the clock by which it expires
   * @return false if it is over, and the value is not to be shown
   */
  boolean withoutExpiry(long now) {
    if (Expiry.isOver(array, offset, length, now)) {
      return false;
    }
    offset += Expiry.BYTES;
    length -= Expiry.BYTES;
    return true;
  }

  /**
   * Becomes the value that the versions of a key give from a cursor's on.
   *
   * @param cursor is left behind those that have a part in the value
   * @param key a copy of its key
   * @param ranges that are deleted; null for none
   * @param now the clock by which versions expire, and parts of values
   * @return false if there is none
   */
  boolean fold(InternalIterator cursor, SavedKey key, RangeCover ranges, long now) {
    Folding operator = Folding.required(folding, "a table or memtable");
    if (operands == null) {
      operands = new Operands();
    }
    if (operator.expires()) {
      operands.judgeAt(now);
    }
    operands.start(key.bytes(), 0, key.length());
    long hiddenBelow = ranges == null ? RangeCover.NONE : ranges.at(key.bytes(), 0, key.length());
    do {
      long trailer = cursor.trailer();
      long sequence = InternalKey.sequence(trailer);
      if (sequence <= operands.below()) {
        if (sequence < hiddenBelow) {
          break;
        }
        byte[] value = cursor.valueArray();
        int start = cursor.valueOffset();
        int size = cursor.valueLength();
        operands.takeCopy(Expiry.trailerAt(trailer, value, start, size, now), value, start, size);
      }
      cursor.skip(InternalKey.searchTrailer(operands.below()));
    } while (!operands.isSettled() && cursor.isValid() && key.matches(cursor));
    operands.settle();
    array = operator.value(operands);
    offset = 0;
    length = array.length;
    return array != Folding.NOTHING;
  }

  /** A copy. */
  byte[] toArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** Copies as much as fits; the length of the value. */
  int copy(byte[] into) {
    return ByteViews.copy(array, offset, length, into);
  }

  ByteBuffer view() {
    return ByteViews.view(array, offset, length);
  }
}
