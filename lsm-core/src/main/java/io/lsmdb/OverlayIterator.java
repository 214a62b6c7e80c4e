package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over a family with the changes of a batch laid over it.
 *
 * <p>Used by one thread at a time. Owns the cursor over the store. Invariants while it stands on an
 * entry:
 *
 * <ol>
 *   <li>Forward, the stored cursor and the change stand on the first key at or after the current
 *       one of their side; backward, on the last at or before.
 *   <li>The current key is the nearer one of both; where they are equal, the change wins.
 * </ol>
 */
final class OverlayIterator implements DbIterator {
  private final IndexedWriteBatch batch;
  private final ColumnFamily family;
  private final ReadOptions options;
  private final DbIterator stored;
  private final boolean mayComeToNothing;

  private NavigableMap<byte[], KeyChange> changes;
  private DeletedRanges deleted; // from the store
  private long modifications;
  private boolean forward;

  // The current entry.
  private byte @Nullable [] key; // null when the cursor stands on none
  private Map.@Nullable Entry<byte[], KeyChange>
      change; // the nearest one, not always that of the current key
  private @Nullable KeyChange shown; // what the current entry comes of, null for the stored cursor
  private boolean isStored; // the stored cursor stands on the current key
  private byte @Nullable [] value; // null until asked for

  OverlayIterator(
      IndexedWriteBatch batch, ColumnFamily family, ReadOptions options, DbIterator stored) {
    this.batch = batch;
    this.family = family;
    this.options = options;
    this.stored = stored;
    this.mayComeToNothing = KeyChange.mayComeToNothing(family);
    adoptBatch();
  }

  private void adoptBatch() {
    modifications = batch.modifications();
    changes = bounded(batch.index(family));
    deleted = batch.ranges(family);
    key = null;
    value = null;
    change = null;
  }

  private NavigableMap<byte[], KeyChange> bounded(NavigableMap<byte[], KeyChange> all) {
    byte[] from = options.lowerBound();
    byte[] to = options.upperBound();
    if (all.isEmpty() || (from != null && to != null && Arrays.compareUnsigned(from, to) >= 0)) {
      return IndexedWriteBatch.NO_CHANGES;
    }
    NavigableMap<byte[], KeyChange> bounded = from == null ? all : all.tailMap(from, true);
    return to == null ? bounded : bounded.headMap(to, false);
  }

  private void checkUsable() {
    stored.isValid(); // throws if the cursor is closed
    if (modifications != batch.modifications()) {
      throw new BatchStateException(
          "the batch was changed since the cursor was opened; refresh the cursor and seek again");
    }
  }

  /** The current key itself; fails if there is none. */
  private byte[] currentKey() {
    checkUsable();
    byte[] current = key;
    if (current == null) {
      throw new IllegalStateException("the cursor stands on no entry; seek first");
    }
    return current;
  }

  @Override
  public void seekToFirst() {
    checkUsable();
    key = null;
    stored.seekToFirst();
    change = changes.firstEntry();
    forward = true;
    settle();
  }

  @Override
  public void seekToLast() {
    checkUsable();
    key = null;
    stored.seekToLast();
    change = changes.lastEntry();
    forward = false;
    settle();
  }

  @Override
  public void seek(byte[] target) {
    checkUsable();
    key = null;
    stored.seek(target);
    change = changes.ceilingEntry(target);
    forward = true;
    settle();
  }

  @Override
  public void seekForPrev(byte[] target) {
    checkUsable();
    key = null;
    stored.seekForPrev(target);
    change = changes.floorEntry(target);
    forward = false;
    settle();
  }

  @Override
  public void next() {
    step(true);
  }

  @Override
  public void prev() {
    step(false);
  }

  private void step(boolean ahead) {
    byte[] from = currentKey();
    key = null; // if a read fails, the cursor stands on no entry
    if (forward == ahead) {
      if (isStored) {
        stepStored();
      }
      if (shown != null) {
        stepChange(from);
      }
    } else {
      turn(from, ahead);
    }
    settle();
  }

  /** Brings both sides beyond the current key, in the other direction than before. */
  private void turn(byte[] from, boolean ahead) {
    forward = ahead;
    if (ahead) {
      stored.seek(from);
      change = changes.higherEntry(from);
    } else {
      stored.seekForPrev(from);
      change = changes.lowerEntry(from);
    }
    if (stored.isValid() && Arrays.equals(stored.key(), from)) {
      stepStored();
    }
  }

  private void stepStored() {
    if (forward) {
      stored.next();
    } else {
      stored.prev();
    }
  }

  private void stepChange(byte[] from) {
    change = forward ? changes.higherEntry(from) : changes.lowerEntry(from);
  }

  /** Finds the current entry: the nearer of both sides, without what is absent by the change. */
  private void settle() {
    value = null;
    while (true) {
      passDeleted();
      byte[] storedKey = stored.isValid() ? stored.key() : null;
      Map.Entry<byte[], KeyChange> nearest = change;
      if (nearest == null) {
        take(storedKey, null, storedKey != null);
        return;
      }
      int order = storedKey == null ? -1 : Arrays.compareUnsigned(nearest.getKey(), storedKey);
      order = forward || storedKey == null ? order : -order;
      if (order > 0) {
        take(storedKey, null, true);
        return;
      }
      if (isPresent(nearest, order == 0)) {
        take(nearest.getKey(), nearest.getValue(), order == 0);
        return;
      }
      if (order == 0) {
        stepStored();
      }
      stepChange(nearest.getKey());
    }
  }

  /** Whether a change gives its key a value, which is computed where only that can tell. */
  private boolean isPresent(Map.Entry<byte[], KeyChange> of, boolean onStored) {
    KeyChange newest = of.getValue();
    if (newest.isRemoval() || !mayComeToNothing) {
      return !newest.isRemoval();
    }
    value = newest.value(family, of.getKey(), onStored ? stored.value() : null);
    return value != null;
  }

  /** Brings the stored cursor behind the ranges that it stands in. */
  private void passDeleted() {
    while (!deleted.isEmpty() && stored.isValid()) {
      DeletedRanges.Range range = deleted.covering(stored.key());
      if (range == null) {
        return;
      }
      if (!forward) {
        stored.seekForPrev(range.from());
        if (stored.isValid() && Arrays.equals(stored.key(), range.from())) {
          stored.prev();
        }
      } else if (range.to() != null) {
        stored.seek(range.to());
      } else {
        stored.seekToLast();
        stored.next();
      }
    }
  }

  private void take(byte @Nullable [] current, @Nullable KeyChange ofChange, boolean ofStore) {
    key = current;
    shown = ofChange;
    isStored = ofStore;
  }

  private byte[] currentValue() {
    byte[] ofKey = currentKey();
    byte[] current = value;
    if (current == null) {
      byte[] below = isStored ? stored.value() : null;
      current = Objects.requireNonNull(shown == null ? below : shown.value(family, ofKey, below));
      value = current;
    }
    return current;
  }

  @Override
  public boolean isValid() {
    checkUsable();
    return key != null;
  }

  @Override
  public byte[] key() {
    return currentKey().clone();
  }

  @Override
  public byte[] value() {
    return currentValue().clone();
  }

  @Override
  public int key(byte[] into) {
    Objects.requireNonNull(into, "into");
    return copy(currentKey(), into);
  }

  @Override
  public int value(byte[] into) {
    Objects.requireNonNull(into, "into");
    return copy(currentValue(), into);
  }

  private static int copy(byte[] from, byte[] into) {
    System.arraycopy(from, 0, into, 0, Math.min(from.length, into.length));
    return from.length;
  }

  @Override
  public ByteBuffer keyBuffer() {
    return ByteBuffer.wrap(currentKey()).asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer valueBuffer() {
    return ByteBuffer.wrap(currentValue()).asReadOnlyBuffer();
  }

  @Override
  public void refresh() {
    stored.refresh();
    adoptBatch();
  }

  @Override
  public void close() {
    stored.close();
  }
}
