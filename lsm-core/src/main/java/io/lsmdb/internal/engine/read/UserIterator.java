package io.lsmdb.internal.engine.read;

import io.lsmdb.DbClosedException;
import io.lsmdb.DbIterator;
import io.lsmdb.MergeException;
import io.lsmdb.ReadOptions;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.EmptyRanges;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.engine.runtime.LeakDetector;
import io.lsmdb.internal.engine.runtime.LeakGuard;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.range.RangeCover;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

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
 *       that is shown; key and value are copies.
 *   <li>What lies in a range that is known to be empty is passed by a seek; see {@link
 *       EmptyRanges}.
 *   <li>An error of the inner cursor is kept, and thrown again by each move until the next refresh.
 *       One of the merge operator leaves the cursor on no entry, from which it can seek.
 * </ol>
 */
final class UserIterator implements DbIterator {
  /** Behind all versions of a key. */
  private static final long ALL_VERSIONS = 0L;

  /** After so many seeks more of them are expected; a power of two. */
  private static final int MANY_SEEKS = 64;

  private final CursorSource source;
  private final byte[] lower;
  private final byte[] upper;
  private final LeakGuard guard;

  private InternalIterator inner;
  private ReadState pinned; // what it reads
  private long sequence;
  private long now; // by which entries expire
  private RangeCover ranges; // that are deleted; null for none
  private int seeks;
  private boolean closed;
  private RuntimeException error;

  private boolean valid;
  private boolean forward = true;

  private final TombstoneRun run;

  /** The key passed last going forward, or the key shown going backward. */
  private final SavedKey held = new SavedKey();

  /** The value shown going backward, or a folded one. */
  private final SavedValue saved;

  private long passed; // entries, by the move backward

  private final boolean expires; // even a value without operands is to be folded

  /** Whether the entry shown going forward was folded from merge operands. */
  private boolean folded;

  /** How many bytes of the inner cursor's value precede the value shown going forward. */
  private int valuePrefix;

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
    this.saved = new SavedValue(folding);
    this.expires = folding != null && folding.expires();
    this.run = new TombstoneRun(source.emptyRanges());
    CursorSource.Opened opened = source.open();
    use(opened);
    this.guard = leaks.watch("iterator", this, opened);
  }

  private void use(CursorSource.Opened opened) {
    inner = opened.cursor();
    pinned = opened.pinned();
    sequence = opened.sequence();
    now = opened.now();
    ranges = opened.rangeTombstones();
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

  private void beginOnEntry() {
    begin();
    if (!valid) {
      throw new IllegalStateException(
          "the iterator stands on no entry; check isValid() after each move");
    }
  }

  /**
   * Keeps the error of a move, unless it is that of a single key; a store that was closed under the
   * move is the cause then.
   */
  private RuntimeException failed(RuntimeException failure) {
    valid = false;
    source.checkOpen();
    error = failure instanceof MergeException ? null : failure;
    return failure;
  }

  @Override
  public void seekToFirst() {
    begin();
    try {
      seekAtOrAfter(lower == null ? Bytes.EMPTY : lower);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void seekToLast() {
    begin();
    try {
      forward = false;
      run.beginSeekBack(upper, false);
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
    BatchEncoder.checkKey(target);
    begin();
    byte[] from = lower != null && Arrays.compareUnsigned(target, lower) < 0 ? lower : target;
    try {
      seekAtOrAfter(from);
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  private void seekAtOrAfter(byte[] target) {
    noteSeek();
    forward = true;
    seekInner(run.beginSeek(target, sequence));
    findNext(false);
  }

  private void noteSeek() {
    if ((++seeks & MANY_SEEKS - 1) == 0) {
      source.seeksOften(pinned);
    }
  }

  private void seekInner(byte[] key) {
    if (key.length == 0) {
      inner.seekToFirst();
    } else {
      inner.seek(key, 0, key.length, InternalKey.searchTrailer(sequence));
    }
  }

  @Override
  public void seekForPrev(byte[] target) {
    BatchEncoder.checkKey(target);
    begin();
    if (upper != null && Arrays.compareUnsigned(target, upper) >= 0) {
      seekToLast();
      return;
    }
    try {
      noteSeek();
      forward = false;
      run.beginSeekBack(target, true);
      // Trailer 0 sorts behind every version of the target: the search ends on its oldest one.
      inner.seekBefore(target, 0, target.length, 0L);
      findPrevious();
    } catch (RuntimeException e) {
      throw failed(e);
    }
  }

  @Override
  public void next() {
    beginOnEntry();
    try {
      boolean skipping = forward;
      run.beginStep();
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
    beginOnEntry();
    try {
      if (forward) {
        forward = false;
        if (!folded) {
          held.copy(inner);
        }
        inner.seekBefore(held.bytes(), 0, held.length(), -1L);
      }
      run.beginStepBack();
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
    long hidden = 0;
    valid = false;
    while (inner.isValid()) {
      long trailer = inner.trailer();
      if (upper != null && compareInner(upper) >= 0) {
        break;
      }
      if (InternalKey.sequence(trailer) <= sequence && !(skip && held.matches(inner))) {
        int kind = InternalKey.kind(trailer);
        boolean expiring = kind == ValueKind.PUT_EXPIRING;
        boolean deleted = ValueKind.isTombstone(kind) || isInDeletedRange(trailer);
        if (!deleted && !(expiring && isOver())) {
          boolean folds = kind == ValueKind.MERGE || expires;
          if (!folds || showFolded()) {
            valuePrefix = expiring ? Expiry.BYTES : 0;
            valid = true;
            break;
          }
          hidden++;
          skip = true;
          run.beginStep();
          continue; // the inner cursor has moved on
        }
        hidden++;
        EmptyRanges.Range empty = deleted ? passDeleted() : passExpired();
        skip = empty == null;
        if (empty != null) {
          seekInner(empty.end);
          continue;
        }
        held.note(inner);
        inner.next();
      } else {
        hidden++;
        boolean invisible = InternalKey.sequence(trailer) > sequence;
        inner.skip(invisible ? InternalKey.searchTrailer(sequence) : ALL_VERSIONS);
      }
    }
    if (run.isOpen()) {
      run.end(inner, upper);
    }
    if (hidden > 0) {
      source.steppedOver(hidden);
    }
  }

  /** Whether a range tombstone hides the inner cursor's entry, and all below it. */
  private boolean isInDeletedRange(long trailer) {
    return ranges != null
        && InternalKey.sequence(trailer)
            < ranges.at(inner.keyArray(), inner.keyOffset(), inner.keyLength());
  }

  private boolean isOver() {
    return Expiry.isOver(inner.valueArray(), inner.valueOffset(), inner.valueLength(), now);
  }

  private EmptyRanges.Range passDeleted() {
    return run.pass(inner.keyArray(), inner.keyOffset(), inner.keyLength(), sequence);
  }

  /** Ends the run of deleted keys: what a clock hides is no evidence for an empty range. */
  private EmptyRanges.Range passExpired() {
    if (run.isOpen()) {
      run.end(inner, upper);
    }
    run.beginStep();
    return null;
  }

  /**
   * Shows what the versions that the inner cursor stands on are folded to.
   *
   * @return false if that is nothing
   */
  private boolean showFolded() {
    if (run.isOpen()) {
      run.end(inner, upper); // which ends here, not where the inner cursor goes now
    }
    held.copy(inner);
    folded = saved.fold(inner, held, ranges, now);
    return folded;
  }

  /** Moves the inner cursor back over all versions of the previous key that has a value. */
  private void findPrevious() {
    valid = false;
    passed = 0;
    while (!valid && inner.isValid() && (lower == null || compareInner(lower) >= 0)) {
      int newest = passVersionsBack();
      if (ValueKind.isTombstone(newest)) {
        passDeletedBack();
      } else if (newest != 0) {
        valid = showsPrevious(newest);
      }
    }
    if (run.isOpen()) {
      run.endBack();
    }
    if (passed > 1) {
      source.steppedOver(valid ? passed - 1 : passed);
    }
  }

  /**
   * Moves the inner cursor back over all versions of its key, which is held from now on; saves the
   * newest visible one.
   *
   * @return the kind of that one; 0 if none is visible
   */
  private int passVersionsBack() {
    held.copy(inner);
    int newest = 0;
    int steps = 0;
    long visible = InternalKey.searchTrailer(sequence);
    do {
      if (InternalKey.sequence(inner.trailer()) <= sequence) {
        newest = saveVersion();
      }
      if (steps++ == 0) {
        inner.prev(); // most keys have one version
      } else {
        inner.skipBack(visible);
      }
    } while (inner.isValid() && held.matches(inner));
    passed += steps;
    return newest;
  }

  /** Saves the version that the inner cursor stands on; its kind. */
  private int saveVersion() {
    long trailer = inner.trailer();
    saved.copy(inner);
    return isInDeletedRange(trailer) ? ValueKind.DELETE : InternalKey.kind(trailer);
  }

  /** Where the held key lies in an empty range, moves the inner cursor to what is before that. */
  private void passDeletedBack() {
    EmptyRanges.Range empty = run.pass(held.bytes(), 0, held.length(), sequence);
    if (empty != null) {
      inner.seekBefore(empty.from, 0, empty.from.length, -1L);
    }
  }

  /**
   * Takes the value of the held key, whose newest visible version is no tombstone, going backward.
   *
   * @return false if it has none, by a clock or by what its versions are folded to
   */
  private boolean showsPrevious(int newest) {
    if (run.isOpen()) {
      run.endBack();
    }
    run.beginStepBack();
    if (newest == ValueKind.PUT_EXPIRING && !saved.withoutExpiry(now)) {
      return false;
    }
    if (newest != ValueKind.MERGE && !expires) {
      return true;
    }
    // Operands are gathered from the newest down, hence going forward, and back again.
    inner.seek(held.bytes(), 0, held.length(), InternalKey.searchTrailer(sequence));
    boolean shown = saved.fold(inner, held, ranges, now);
    inner.seekBefore(held.bytes(), 0, held.length(), -1L);
    return shown;
  }

  private int compareInner(byte[] key) {
    return Bytes.compare(
        inner.keyArray(), inner.keyOffset(), inner.keyLength(), key, 0, key.length);
  }

  /** Whether key and value are those of the inner cursor's entry. */
  private boolean showsInner() {
    return forward && !folded;
  }

  private int innerValueOffset() {
    return inner.valueOffset() + valuePrefix;
  }

  private int innerValueLength() {
    return inner.valueLength() - valuePrefix;
  }

  @Override
  public boolean isValid() {
    begin();
    return valid;
  }

  @Override
  public byte[] key() {
    beginOnEntry();
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
    beginOnEntry();
    try {
      return showsInner()
          ? Arrays.copyOfRange(
              inner.valueArray(), innerValueOffset(), innerValueOffset() + innerValueLength())
          : saved.toArray();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public int key(byte[] into) {
    Objects.requireNonNull(into, "into");
    beginOnEntry();
    try {
      return showsInner()
          ? ByteViews.copy(inner.keyArray(), inner.keyOffset(), inner.keyLength(), into)
          : ByteViews.copy(held.bytes(), 0, held.length(), into);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public int value(byte[] into) {
    Objects.requireNonNull(into, "into");
    beginOnEntry();
    try {
      return showsInner()
          ? ByteViews.copy(inner.valueArray(), innerValueOffset(), innerValueLength(), into)
          : saved.copy(into);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public ByteBuffer keyBuffer() {
    beginOnEntry();
    return showsInner()
        ? ByteViews.view(inner.keyArray(), inner.keyOffset(), inner.keyLength())
        : ByteViews.view(held.bytes(), 0, held.length());
  }

  @Override
  public ByteBuffer valueBuffer() {
    beginOnEntry();
    return showsInner()
        ? ByteViews.view(inner.valueArray(), innerValueOffset(), innerValueLength())
        : saved.view();
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
      use(opened);
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
