package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;

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
  private byte[] key; // null when the cursor stands on none
  private Map.Entry<byte[], KeyChange>
      change; // the nearest one, not always that of the current key
  private boolean isChange; // the current entry is the change
  private boolean isStored; // the stored cursor stands on the current key
  private byte[] value; // null until asked for

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

  private void checkOnEntry() {
    checkUsable();
    if (key == null) {
      throw new IllegalStateException("the cursor stands on no entry; seek first");
    }
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
    checkOnEntry();
    step(true);
  }

  @Override
  public void prev() {
    checkOnEntry();
    step(false);
  }

  private void step(boolean ahead) {
    byte[] from = key;
    key = null; // if a read fails, the cursor stands on no entry
    if (forward == ahead) {
      if (isStored) {
        stepStored();
      }
      if (isChange) {
        stepChange();
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

  private void stepChange() {
    change = forward ? changes.higherEntry(change.getKey()) : changes.lowerEntry(change.getKey());
  }

  /** Finds the current entry: the nearer of both sides, without what is absent by the change. */
  private void settle() {
    value = null;
    while (true) {
      passDeleted();
      byte[] storedKey = stored.isValid() ? stored.key() : null;
      if (change == null) {
        take(storedKey, false, storedKey != null);
        return;
      }
      int order = storedKey == null ? -1 : Arrays.compareUnsigned(change.getKey(), storedKey);
      order = forward || storedKey == null ? order : -order;
      if (order > 0) {
        take(storedKey, false, true);
        return;
      }
      if (isChangePresent(order == 0)) {
        take(change.getKey(), true, order == 0);
        return;
      }
      if (order == 0) {
        stepStored();
      }
      stepChange();
    }
  }

  /** Whether the change gives its key a value, which is computed where only that can tell. */
  private boolean isChangePresent(boolean onStored) {
    KeyChange newest = change.getValue();
    if (newest.isRemoval() || !mayComeToNothing) {
      return !newest.isRemoval();
    }
    value = newest.value(family, change.getKey(), onStored ? stored.value() : null);
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

  private void take(byte[] current, boolean ofChange, boolean ofStore) {
    key = current;
    isChange = ofChange;
    isStored = ofStore;
  }

  private byte[] current() {
    checkOnEntry();
    if (value == null) {
      byte[] below = isStored ? stored.value() : null;
      value = isChange ? change.getValue().value(family, key, below) : below;
    }
    return value;
  }

  @Override
  public boolean isValid() {
    checkUsable();
    return key != null;
  }

  @Override
  public byte[] key() {
    checkOnEntry();
    return key.clone();
  }

  @Override
  public byte[] value() {
    return current().clone();
  }

  @Override
  public int key(byte[] into) {
    Objects.requireNonNull(into, "into");
    checkOnEntry();
    return copy(key, into);
  }

  @Override
  public int value(byte[] into) {
    Objects.requireNonNull(into, "into");
    return copy(current(), into);
  }

  private static int copy(byte[] from, byte[] into) {
    System.arraycopy(from, 0, into, 0, Math.min(from.length, into.length));
    return from.length;
  }

  @Override
  public ByteBuffer keyBuffer() {
    checkOnEntry();
    return ByteBuffer.wrap(key).asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer valueBuffer() {
    return ByteBuffer.wrap(current()).asReadOnlyBuffer();
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
