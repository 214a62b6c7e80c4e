package io.lsmdb.internal.engine;

import io.lsmdb.DbClosedException;
import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The public cursor: shows, of the versions that its source holds, the newest visible one of each
 * key, without tombstones, within bounds.
 *
 * <p>Used by one thread at a time; closed by the user. Holds one reference on a read state, by way
 * of its {@link CursorSource}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Going forward, the inner cursor stands on the entry that is shown; where that was folded
 *       from merge operands, it stands behind those, the key is a copy, and the value is new.
 *   <li>Going backward, the inner cursor stands on the last entry before all versions of the key
 *       that is shown; the key is a copy, the value lies where it was found.
 *   <li>An error of the inner cursor is kept, and thrown again by each move until the next refresh.
 * </ol>
 */
final class UserIterator implements DbIterator {
  private final CursorSource source;
  private final byte[] lower;
  private final byte[] upper;
  private final LeakGuard guard;

  private InternalIterator inner;
  private long sequence;
  private boolean closed;
  private RuntimeException error;

  private boolean valid;
  private boolean forward = true;

  /** The key passed last going forward, or the key shown going backward. */
  private final HeldKey held = new HeldKey();

  // The value shown going backward, which stays where the inner cursor has found it, or a folded
  // one.
  private byte[] savedValue = Bytes.EMPTY;
  private int savedValueOffset;
  private int savedValueLength;

  private final Folding folding;
  private Operands operands; // made when needed

  /** Whether the entry shown going forward was folded from merge operands. */
  private boolean folded;

  /**
   * Opens a cursor.
   *
   * @param source what to read from
   * @param options bounds
   * @param folding the family's merge operator, null for none
   * @param leaks watches the cursor
   */
  UserIterator(CursorSource source, ReadOptions options, Folding folding, LeakDetector leaks) {
    this.source = source;
    this.lower = options.lowerBound();
    this.upper = options.upperBound();
    this.folding = folding;
    CursorSource.Opened opened = source.open();
    this.inner = opened.cursor();
    this.sequence = opened.sequence();
    this.guard = leaks.watch("iterator", this, opened);
  }

  private void begin() {
    if (closed) {
      throw new DbClosedException("the iterator is closed; open a new one");
    }
    source.checkOpen();
    if (error != null) {
      throw error;
    }
  }

  /** Keeps the error of a move; a store that was closed under the move is the cause then. */
  private RuntimeException failed(RuntimeException failure) {
    valid = false;
    source.checkOpen();
    error = failure;
    return failure;
  }

  @Override
  public void seekToFirst() {
    begin();
    try {
      forward = true;
      if (lower == null) {
        inner.seekToFirst();
      } else {
        inner.seek(lower, 0, lower.length, InternalKey.searchTrailer(sequence));
      }
      findNext(false);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void seekToLast() {
    begin();
    try {
      forward = false;
      if (upper == null) {
        inner.seekToLast();
      } else {
        inner.seekBefore(upper, 0, upper.length, -1L);
      }
      findPrevious();
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void seek(byte[] target) {
    BatchEncoder.checkKey(target.length);
    begin();
    byte[] from = lower != null && Arrays.compareUnsigned(target, lower) < 0 ? lower : target;
    try {
      forward = true;
      inner.seek(from, 0, from.length, InternalKey.searchTrailer(sequence));
      findNext(false);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void seekForPrev(byte[] target) {
    BatchEncoder.checkKey(target.length);
    begin();
    if (upper != null && Arrays.compareUnsigned(target, upper) >= 0) {
      seekToLast();
      return;
    }
    try {
      forward = false;
      // Trailer 0 sorts behind every version of the target: the search ends on its oldest one.
      inner.seekBefore(target, 0, target.length, 0L);
      findPrevious();
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void next() {
    begin();
    checkValid();
    try {
      boolean skipping = forward;
      if (showsInner()) {
        held.note(inner);
        inner.next();
      } else if (!forward) {
        forward = true;
        inner.seek(held.bytes(), 0, held.length(), 0L); // behind all versions of the key
      }
      findNext(skipping);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void prev() {
    begin();
    checkValid();
    try {
      if (forward) {
        forward = false;
        if (!folded) {
          held.copy(inner);
        }
        inner.seekBefore(held.bytes(), 0, held.length(), -1L);
      }
      findPrevious();
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  /**
   * Moves the inner cursor forward to the newest visible version of the next key that has a value.
   *
   * @param skipping whether further versions of the key passed last are to be passed over
   */
  private void findNext(boolean skipping) {
    boolean skip = skipping;
    folded = false;
    for (; inner.isValid(); inner.next()) {
      long trailer = inner.trailer();
      if (upper != null && compareInner(upper) >= 0) {
        break;
      }
      if (InternalKey.sequence(trailer) > sequence || (skip && held.matches(inner))) {
        continue;
      }
      int kind = InternalKey.kind(trailer);
      if (!ValueKind.isTombstone(kind)) {
        if (kind == ValueKind.MERGE) {
          held.copy(inner);
          fold();
          folded = true;
        }
        valid = true;
        return;
      }
      held.note(inner);
      skip = true;
    }
    valid = false;
  }

  /**
   * Saves the value that the versions of the held key give from the inner cursor's on, which is a
   * merge operand; leaves the inner cursor behind those that have a part in it.
   */
  private void fold() {
    if (operands == null) {
      operands = new Operands();
    }
    operands.start(held.bytes(), 0, held.length());
    do {
      long trailer = inner.trailer();
      if (InternalKey.sequence(trailer) <= operands.below()) {
        operands.takeCopy(trailer, inner.valueArray(), inner.valueOffset(), inner.valueLength());
      }
      inner.next();
    } while (!operands.isSettled() && inner.isValid() && held.matches(inner));
    operands.settle();
    savedValue = folding.value(operands);
    savedValueOffset = 0;
    savedValueLength = savedValue.length;
  }

  /** Moves the inner cursor back over all versions of the previous key that has a value. */
  private void findPrevious() {
    valid = false;
    while (inner.isValid()) {
      if (lower != null && compareInner(lower) < 0) {
        return;
      }
      held.copy(inner);
      int newest = ValueKind.DELETE; // of the visible versions
      do {
        long trailer = inner.trailer();
        if (InternalKey.sequence(trailer) <= sequence) {
          newest = InternalKey.kind(trailer);
          saveValue();
        }
        inner.prev();
      } while (inner.isValid() && held.matches(inner));
      if (newest == ValueKind.MERGE) {
        // Operands are gathered from the newest down, hence going forward, and back again.
        inner.seek(held.bytes(), 0, held.length(), InternalKey.searchTrailer(sequence));
        fold();
        inner.seekBefore(held.bytes(), 0, held.length(), -1L);
      }
      if (!ValueKind.isTombstone(newest)) {
        valid = true;
        return;
      }
    }
  }

  private int compareInner(byte[] key) {
    return Bytes.compare(
        inner.keyArray(), inner.keyOffset(), inner.keyLength(), key, 0, key.length);
  }

  private void saveValue() {
    savedValue = inner.valueArray();
    savedValueOffset = inner.valueOffset();
    savedValueLength = inner.valueLength();
  }

  /** Whether key and value are those of the inner cursor's entry. */
  private boolean showsInner() {
    return forward && !folded;
  }

  private void checkValid() {
    if (!valid) {
      throw new IllegalStateException(
          "the iterator stands on no entry; check isValid() after each move");
    }
  }

  @Override
  public boolean isValid() {
    begin();
    return valid;
  }

  @Override
  public byte[] key() {
    begin();
    checkValid();
    try {
      return showsInner()
          ? Arrays.copyOfRange(
              inner.keyArray(), inner.keyOffset(), inner.keyOffset() + inner.keyLength())
          : Arrays.copyOf(held.bytes(), held.length());
    } finally {
      Reference.reachabilityFence(this); // what is copied is given back when this is collected
    }
  }

  @Override
  public byte[] value() {
    begin();
    checkValid();
    try {
      return showsInner()
          ? Arrays.copyOfRange(
              inner.valueArray(), inner.valueOffset(), inner.valueOffset() + inner.valueLength())
          : Arrays.copyOfRange(savedValue, savedValueOffset, savedValueOffset + savedValueLength);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public int key(byte[] into) {
    begin();
    checkValid();
    try {
      return showsInner()
          ? copy(inner.keyArray(), inner.keyOffset(), inner.keyLength(), into)
          : copy(held.bytes(), 0, held.length(), into);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public int value(byte[] into) {
    begin();
    checkValid();
    try {
      return showsInner()
          ? copy(inner.valueArray(), inner.valueOffset(), inner.valueLength(), into)
          : copy(savedValue, savedValueOffset, savedValueLength, into);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public ByteBuffer keyBuffer() {
    begin();
    checkValid();
    return showsInner()
        ? view(inner.keyArray(), inner.keyOffset(), inner.keyLength())
        : view(held.bytes(), 0, held.length());
  }

  @Override
  public ByteBuffer valueBuffer() {
    begin();
    checkValid();
    return showsInner()
        ? view(inner.valueArray(), inner.valueOffset(), inner.valueLength())
        : view(savedValue, savedValueOffset, savedValueLength);
  }

  /** Copies as much as fits; the length of what there was to copy. */
  static int copy(byte[] array, int offset, int length, byte[] into) {
    System.arraycopy(array, offset, into, 0, Math.min(length, into.length));
    return length;
  }

  /** A read-only window whose position is 0 and whose limit is its capacity. */
  static ByteBuffer view(byte[] array, int offset, int length) {
    return ByteBuffer.wrap(array).asReadOnlyBuffer().slice(offset, length);
  }

  @Override
  public void refresh() {
    if (!closed) {
      error = null;
    }
    begin();
    valid = false;
    CursorSource.Opened opened = source.open();
    try {
      inner = opened.cursor();
      sequence = opened.sequence();
      guard.replace(opened);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      valid = false;
      guard.close();
    }
  }
}
