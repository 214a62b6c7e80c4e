package io.lsmdb;

import io.lsmdb.internal.base.BatchFormat;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.ValueKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link WriteBatch} that can be read, laid over a family or snapshot, before it is written.
 *
 * <p>Not thread-safe; cursors belong to the thread of the batch. It needs no closing, its cursors
 * do. Families are those of one store, as in a {@link WriteBatch}; so is the snapshot. Beside the
 * encoded changes it keeps an index of its keys and values on the heap, about as large again plus
 * some 150 bytes a key. Methods that add a change throw what those of {@link WriteBatch} do, and
 * {@link BatchLimitException}; the batch is unchanged then. Invariants:
 *
 * <ol>
 *   <li>Index and deleted ranges show exactly the changes in the batch: a range hides what is in
 *       the store, and has no part in what is in the index.
 *   <li>While there is a savepoint, each change since the oldest one has its undo.
 * </ol>
 */
public final class IndexedWriteBatch {
  /** No changes, in the order of keys. */
  static final NavigableMap<byte[], KeyChange> NO_CHANGES =
      Collections.unmodifiableNavigableMap(new TreeMap<>(Arrays::compareUnsigned));

  private final WriteBatch changes = new WriteBatch();
  private final long maxBytes;
  private final Map<Integer, NavigableMap<byte[], KeyChange>> families = new HashMap<>();
  private final Map<Integer, DeletedRanges> ranges = new HashMap<>();
  private final List<Runnable> undos = new ArrayList<>(); // oldest first; empty without a savepoint
  private final Deque<Integer> savePoints = new ArrayDeque<>(); // numbers of undos, newest first
  private long modifications;

  /** Creates an empty batch with the limit {@link WriteBatch#MAX_BYTES}. */
  public IndexedWriteBatch() {
    this(WriteBatch.MAX_BYTES);
  }

  /**
   * Creates an empty batch.
   *
   * @param maxBytes limit of {@link #sizeInBytes()}, 1 to {@link WriteBatch#MAX_BYTES}
   * @throws IllegalArgumentException if it is outside these bounds
   */
  public IndexedWriteBatch(long maxBytes) {
    if (maxBytes < 1 || maxBytes > WriteBatch.MAX_BYTES) {
      throw new IllegalArgumentException(
          "maxBytes is " + maxBytes + "; give 1 to " + WriteBatch.MAX_BYTES);
    }
    this.maxBytes = maxBytes;
  }

  /**
   * Adds a put.
   *
   * @param family the family
   * @param key copied
   * @param value copied
   * @return this
   */
  public IndexedWriteBatch put(ColumnFamily family, byte[] key, byte[] value) {
    checkLimit(ValueKind.PUT, family, key, value);
    changes.put(family, key, value);
    record(family, key, new KeyChange(ValueKind.PUT, value.clone(), null));
    return this;
  }

  /**
   * Adds a put that expires at a time of its own, once it is written: the batch asks no clock, and
   * shows the value as long as it holds it.
   *
   * @param family the family
   * @param key copied
   * @param value copied; at most eight bytes shorter than a value may be
   * @param expiryMillis as for {@link WriteBatch#put(ColumnFamily, byte[], byte[], long)}
   * @return this
   * @throws IllegalArgumentException if the expiry is negative
   */
  public IndexedWriteBatch put(ColumnFamily family, byte[] key, byte[] value, long expiryMillis) {
    checkLimit(ValueKind.PUT_EXPIRING, family, key, value);
    changes.put(family, key, value, expiryMillis);
    record(family, key, new KeyChange(ValueKind.PUT, value.clone(), null));
    return this;
  }

  /**
   * Adds a removal.
   *
   * @param family the family
   * @param key copied
   * @return this
   */
  public IndexedWriteBatch delete(ColumnFamily family, byte[] key) {
    checkLimit(ValueKind.DELETE, family, key, Bytes.EMPTY);
    changes.delete(family, key);
    record(family, key, KeyChange.DELETED);
    return this;
  }

  /**
   * Adds a removal of a key that was put once.
   *
   * @param family the family
   * @param key copied; see {@link Keyspace#singleDelete(byte[], WriteOptions)}
   * @return this
   */
  public IndexedWriteBatch singleDelete(ColumnFamily family, byte[] key) {
    checkLimit(ValueKind.SINGLE_DELETE, family, key, Bytes.EMPTY);
    changes.singleDelete(family, key);
    record(family, key, KeyChange.DELETED);
    return this;
  }

  /**
   * Adds a removal of all keys of a range, those included that the batch has put before.
   *
   * @param family the family
   * @param from the first key; copied
   * @param to end of the range, exclusive; null for no end; copied. If it equals {@code from},
   *     nothing is added
   * @return this
   * @throws IllegalArgumentException also if {@code from} is above {@code to}
   */
  public IndexedWriteBatch deleteRange(ColumnFamily family, byte[] from, byte @Nullable [] to) {
    int before = changes.count();
    checkLimit(
        ValueKind.RANGE_DELETE,
        family,
        Objects.requireNonNull(from, "from"),
        to == null ? Bytes.EMPTY : to);
    changes.deleteRange(family, from, to);
    if (changes.count() > before) {
      byte[] first = from.clone();
      byte @Nullable [] end = to == null ? null : to.clone();
      NavigableMap<byte[], KeyChange> index = families.get(family.id());
      if (index != null) {
        NavigableMap<byte[], KeyChange> hidden =
            end == null ? index.tailMap(first, true) : index.subMap(first, true, end, false);
        NavigableMap<byte[], KeyChange> removed = new TreeMap<>(hidden);
        hidden.clear();
        note(() -> index.putAll(removed));
      }
      note(ranges.computeIfAbsent(family.id(), id -> new DeletedRanges()).add(first, end));
      modifications++;
    }
    return this;
  }

  /**
   * Adds a merge. Where parts of a value expire, the batch asks no clock: it shows those that it
   * holds itself until it is written.
   *
   * @param family the family
   * @param key copied
   * @param operand copied; at most ten bytes shorter than a value may be
   * @return this
   * @throws IllegalArgumentException also if the family has no merge operator, or its operator
   *     refuses the operand
   */
  public IndexedWriteBatch merge(ColumnFamily family, byte[] key, byte[] operand) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(operand, "operand");
    BatchChecks.owned(family).checkOperand(operand, 0, operand.length);
    checkLimit(ValueKind.MERGE, family, key, operand);
    changes.merge(family, key, operand);
    KeyChange below = change(family, key);
    if (below == null && ranges(family).covering(key) != null) {
      below = KeyChange.DELETED;
    }
    record(family, key, new KeyChange(ValueKind.MERGE, operand.clone(), below));
    return this;
  }

  private void checkLimit(int kind, ColumnFamily family, byte[] key, byte[] value) {
    int id = Objects.requireNonNull(family, "family").id();
    int keyLength = Objects.requireNonNull(key, "key").length;
    int valueLength = Objects.requireNonNull(value, "value").length;
    if (kind == ValueKind.PUT_EXPIRING) {
      valueLength += Long.BYTES;
    }
    long size = changes.sizeInBytes() + BatchFormat.size(kind, id, keyLength, valueLength);
    if (size > maxBytes) {
      throw new BatchLimitException(
          "the batch would have "
              + size
              + " bytes, its limit is "
              + maxBytes
              + "; write and clear it, then repeat the change");
    }
  }

  private void record(ColumnFamily family, byte[] key, KeyChange change) {
    NavigableMap<byte[], KeyChange> index =
        families.computeIfAbsent(family.id(), id -> new TreeMap<>(Arrays::compareUnsigned));
    byte[] copy = key.clone();
    KeyChange before = index.put(copy, change);
    note(
        () -> {
          if (before == null) {
            index.remove(copy);
          } else {
            index.put(copy, before);
          }
        });
    modifications++;
  }

  private void note(Runnable undo) {
    if (!savePoints.isEmpty()) {
      undos.add(undo);
    }
  }

  private @Nullable KeyChange change(ColumnFamily family, byte[] key) {
    return index(family).get(key);
  }

  /** The changes of a family by key; not to be changed. */
  NavigableMap<byte[], KeyChange> index(ColumnFamily family) {
    return families.getOrDefault(family.id(), NO_CHANGES);
  }

  /** What the batch deletes of a family before its changes; not to be changed. */
  DeletedRanges ranges(ColumnFamily family) {
    return ranges.getOrDefault(family.id(), DeletedRanges.NONE);
  }

  /** Grows with each change of the batch. */
  long modifications() {
    return modifications;
  }

  /** The batch without its index. */
  WriteBatch changes() {
    return changes;
  }

  /**
   * Reads a value as it would be if the batch were written now.
   *
   * @param family a family of the batch's store
   * @param key the key
   * @return a copy of the value, or null when the key is absent
   * @throws IllegalArgumentException if batch and family are not of one store
   * @throws MergeException if the family's operator fails on the operands of this key
   */
  public byte @Nullable [] get(ColumnFamily family, byte[] key) {
    Objects.requireNonNull(key, "key");
    BatchChecks.requireUsable(family, changes.store());
    return read(family, family, key);
  }

  /**
   * Reads a value as it would be if the batch were written to what a snapshot sees.
   *
   * @param snapshot of the family's store
   * @param family a family of the batch's store
   * @param key the key
   * @return a copy of the value, or null when the key is absent
   * @throws IllegalArgumentException if batch, snapshot and family are not of one store
   * @throws MergeException if the family's operator fails on the operands of this key
   */
  public byte @Nullable [] get(Snapshot snapshot, ColumnFamily family, byte[] key) {
    Objects.requireNonNull(key, "key");
    return read(view(snapshot, family), family, key);
  }

  private byte @Nullable [] read(ReadView view, ColumnFamily family, byte[] key) {
    KeyChange newest = change(family, key);
    if (newest == null) {
      return ranges(family).covering(key) == null ? view.get(key) : null;
    }
    return newest.value(family, key, newest.reachesStore() ? view.get(key) : null);
  }

  private ReadView view(Snapshot snapshot, ColumnFamily family) {
    Objects.requireNonNull(snapshot, "snapshot");
    BatchChecks.requireUsable(family, changes.store());
    return snapshot.of(family);
  }

  /**
   * Opens a cursor over a family as it would be if the batch were written now. A change of the
   * batch ends its use: each later call but {@link DbIterator#refresh()}, which takes in the
   * change, and {@link DbIterator#close()} throws {@link BatchStateException}.
   *
   * @param family a family of the batch's store
   * @param options bounds or prefix
   * @return not positioned yet; to be closed by the caller
   * @throws IllegalArgumentException if batch and family are not of one store
   */
  public DbIterator iterate(ColumnFamily family, ReadOptions options) {
    Objects.requireNonNull(options, "options");
    BatchChecks.requireUsable(family, changes.store());
    return new OverlayIterator(this, family, options, family.iterate(options));
  }

  /**
   * Opens a cursor over a family as it would be if the batch were written to what a snapshot sees.
   * A change of the batch ends its use, as for {@link #iterate(ColumnFamily, ReadOptions)}.
   *
   * @param snapshot of the family's store
   * @param family a family of the batch's store
   * @param options bounds or prefix
   * @return not positioned yet; to be closed by the caller
   * @throws IllegalArgumentException if batch, snapshot and family are not of one store
   */
  public DbIterator iterate(Snapshot snapshot, ColumnFamily family, ReadOptions options) {
    Objects.requireNonNull(options, "options");
    ReadView view = view(snapshot, family);
    return new OverlayIterator(this, family, options, view.iterate(options));
  }

  /** Remembers what the batch holds now. Savepoints nest. */
  public void setSavePoint() {
    changes.setSavePoint();
    savePoints.push(undos.size());
  }

  /**
   * Removes all changes since the newest savepoint, and that savepoint.
   *
   * @throws BatchStateException if there is none; the batch is unchanged then
   */
  public void rollbackToSavePoint() {
    changes.rollbackToSavePoint();
    List<Runnable> undone = undos.subList(savePoints.pop(), undos.size());
    for (int i = undone.size() - 1; i >= 0; i--) {
      undone.get(i).run();
    }
    undone.clear();
    modifications++;
  }

  /**
   * Forgets the newest savepoint; the changes since then stay.
   *
   * @throws BatchStateException if there is none
   */
  public void popSavePoint() {
    changes.popSavePoint();
    savePoints.pop();
    if (savePoints.isEmpty()) {
      undos.clear();
    }
  }

  /** Removes all changes and savepoints. */
  public void clear() {
    changes.clear();
    families.clear();
    ranges.clear();
    undos.clear();
    savePoints.clear();
    modifications++;
  }

  /**
   * How many changes the batch holds.
   *
   * @return a count
   */
  public int count() {
    return changes.count();
  }

  /**
   * Whether the batch holds no change.
   *
   * @return true when empty
   */
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /**
   * The encoded size, which the limit is about.
   *
   * @return bytes, without the index
   */
  public int sizeInBytes() {
    return changes.sizeInBytes();
  }
}
