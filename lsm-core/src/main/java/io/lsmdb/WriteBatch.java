package io.lsmdb;

import io.lsmdb.internal.base.BatchAccess;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.base.ValueKind;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A list of changes, over any families, that a store applies atomically and in order.
 *
 * <p>Not thread-safe. Encoded once, as changes are added, in the form that the log stores. A batch
 * may be written more than once, and reused after {@link #clear()}; it needs no closing. Once a
 * change names a family, the batch belongs to the store of that family and is refused by any other;
 * a batch of changes that name no family goes to the default family of whatever store it is written
 * to. Methods throw {@link IllegalArgumentException} for a family of another store than those
 * before, a key longer than {@link #MAX_KEY_LENGTH}, a value longer than {@link #MAX_VALUE_LENGTH}
 * or a batch that would exceed {@link #MAX_BYTES}; the batch is unchanged then.
 */
public final class WriteBatch {
  /** Longest key: 65,536 bytes. */
  public static final int MAX_KEY_LENGTH = BatchEncoder.MAX_KEY_LENGTH;

  /** Longest value: 256 MiB. */
  public static final int MAX_VALUE_LENGTH = BatchEncoder.MAX_VALUE_LENGTH;

  /** Largest batch: 1 GiB, encoded. */
  public static final int MAX_BYTES = BatchEncoder.MAX_BYTES;

  /** How much the batch held when a savepoint was set. */
  private record SavePoint(int size, int count, long payloadBytes, @Nullable StoreToken store) {}

  private final BatchEncoder encoder = new BatchEncoder();
  private @Nullable Deque<SavePoint> savePoints; // newest first; null until the first one

  /** Creates an empty batch. */
  public WriteBatch() {}

  static {
    BatchAccess.install(WriteBatch.class, batch -> batch.encoder);
  }

  /**
   * Adds a put to the default family.
   *
   * @param key copied
   * @param value copied
   * @return this
   */
  public WriteBatch put(byte[] key, byte[] value) {
    encoder.put(0, key, value);
    return this;
  }

  /**
   * Adds a put.
   *
   * @param family the family
   * @param key copied
   * @param value copied
   * @return this
   */
  public WriteBatch put(ColumnFamily family, byte[] key, byte[] value) {
    encoder.put(check(family), key, value);
    return added(family);
  }

  /**
   * Adds a put that expires at a time of its own, whatever times to live the family or the write
   * have.
   *
   * @param family the family
   * @param key copied
   * @param value copied; at most eight bytes shorter than a value may be
   * @param expiryMillis from when on the store's {@link TimeSource} makes the key absent, in ms;
   *     {@link Long#MAX_VALUE} for never
   * @return this
   * @throws IllegalArgumentException if the expiry is negative
   */
  public WriteBatch put(ColumnFamily family, byte[] key, byte[] value, long expiryMillis) {
    if (expiryMillis < 0) {
      throw new IllegalArgumentException("negative expiry: " + expiryMillis);
    }
    encoder.putExpiring(check(family), key, value, expiryMillis);
    return added(family);
  }

  /**
   * Adds a put of parts of arrays.
   *
   * @param family the family
   * @param key holds the key
   * @param keyOffset where it starts
   * @param keyLength its length
   * @param value holds the value
   * @param valueOffset where it starts
   * @param valueLength its length
   * @return this
   */
  public WriteBatch put(
      ColumnFamily family,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    encoder.put(check(family), key, keyOffset, keyLength, value, valueOffset, valueLength);
    return added(family);
  }

  /**
   * Adds a put from buffers.
   *
   * @param family the family
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   * @return this
   */
  public WriteBatch put(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    encoder.put(check(family), key, value);
    return added(family);
  }

  /**
   * Adds a put to the default family from buffers.
   *
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   * @return this
   */
  public WriteBatch put(ByteBuffer key, ByteBuffer value) {
    encoder.put(0, key, value);
    return this;
  }

  /**
   * Adds a removal from the default family.
   *
   * @param key copied
   * @return this
   */
  public WriteBatch delete(byte[] key) {
    encoder.delete(0, key);
    return this;
  }

  /**
   * Adds a removal.
   *
   * @param family the family
   * @param key copied
   * @return this
   */
  public WriteBatch delete(ColumnFamily family, byte[] key) {
    encoder.delete(check(family), key);
    return added(family);
  }

  /**
   * Adds a removal of a key from a buffer.
   *
   * @param family the family
   * @param key the bytes from position to limit, which do not move
   * @return this
   */
  public WriteBatch delete(ColumnFamily family, ByteBuffer key) {
    byte[] copy = new byte[Objects.requireNonNull(key, "key").remaining()];
    key.get(key.position(), copy);
    return delete(family, copy);
  }

  /**
   * Adds a removal of all keys of a range from the default family, those included that the batch
   * has put before.
   *
   * @param from the first key; copied
   * @param to end of the range, exclusive; null for no end; copied. If it equals {@code from},
   *     nothing is added
   * @return this
   * @throws IllegalArgumentException if {@code from} is above {@code to}
   */
  public WriteBatch deleteRange(byte[] from, byte @Nullable [] to) {
    encoder.deleteRange(0, from, to);
    return this;
  }

  /**
   * Adds a removal of all keys of a range, those included that the batch has put before. All bounds
   * of ranges in a batch may have 32 MiB together.
   *
   * @param family the family
   * @param from the first key; copied
   * @param to end of the range, exclusive; null for no end; copied. If it equals {@code from},
   *     nothing is added
   * @return this
   * @throws IllegalArgumentException if {@code from} is above {@code to}
   */
  public WriteBatch deleteRange(ColumnFamily family, byte[] from, byte @Nullable [] to) {
    encoder.deleteRange(check(family), from, to);
    return added(family);
  }

  /**
   * Adds a removal of a key that was put once from the default family.
   *
   * @param key copied; see {@link Keyspace#singleDelete(byte[], WriteOptions)}
   * @return this
   */
  public WriteBatch singleDelete(byte[] key) {
    encoder.singleDelete(0, key);
    return this;
  }

  /**
   * Adds a removal of a key that was put once.
   *
   * @param family the family
   * @param key copied; see {@link Keyspace#singleDelete(byte[], WriteOptions)}
   * @return this
   */
  public WriteBatch singleDelete(ColumnFamily family, byte[] key) {
    encoder.singleDelete(check(family), key);
    return added(family);
  }

  /**
   * Adds a merge to the default family.
   *
   * @param key copied
   * @param operand copied; at most ten bytes shorter than a value may be
   * @return this
   */
  public WriteBatch merge(byte[] key, byte[] operand) {
    encoder.merge(0, key, operand);
    return this;
  }

  /**
   * Adds a merge.
   *
   * @param family the family; writing the batch fails if it has no merge operator
   * @param key copied
   * @param operand copied; at most ten bytes shorter than a value may be
   * @return this
   */
  public WriteBatch merge(ColumnFamily family, byte[] key, byte[] operand) {
    encoder.merge(check(family), key, operand);
    return added(family);
  }

  /**
   * Gives all changes to a visitor, in the order in which they were added. The batch must not be
   * changed meanwhile.
   *
   * @param visitor called once for each change; what it throws ends the visit
   */
  public void forEach(BatchVisitor visitor) {
    Objects.requireNonNull(visitor, "visitor");
    BatchReader change = new BatchReader().reset(encoder.bytes(), 0, encoder.size());
    while (change.hasNext()) {
      String problem = change.next();
      if (problem != null) {
        throw new IllegalStateException("the batch is damaged: " + problem);
      }
      visit(change, visitor);
    }
  }

  private void visit(BatchReader change, BatchVisitor visitor) {
    int family = change.family();
    byte[] key = part(change.keyOffset(), change.keyLength());
    int at = change.valueOffset();
    int length = change.valueLength();
    switch (change.kind()) {
      case ValueKind.PUT -> visitor.put(family, key, part(at, length));
      case ValueKind.PUT_EXPIRING -> {
        long expiry = Long.reverseBytes(Bytes.getLong(encoder.bytes(), at));
        visitor.put(family, key, part(at + Long.BYTES, length - Long.BYTES), expiry);
      }
      case ValueKind.DELETE -> visitor.delete(family, key);
      case ValueKind.SINGLE_DELETE -> visitor.singleDelete(family, key);
      case ValueKind.RANGE_DELETE ->
          visitor.deleteRange(family, key, length == 0 ? null : part(at, length));
      case ValueKind.MERGE -> visitor.merge(family, key, part(at, length));
      default -> throw new IllegalStateException("a batch holds no change of this kind");
    }
  }

  private byte[] part(int offset, int length) {
    return Arrays.copyOfRange(encoder.bytes(), offset, offset + length);
  }

  /** The id of a family; refuses one of another store than that of the changes so far. */
  private int check(ColumnFamily family) {
    BatchChecks.requireStore(family, encoder.store());
    return family.id();
  }

  /** Notes that a change of a family was added. */
  private WriteBatch added(ColumnFamily family) {
    encoder.belongTo(BatchChecks.owned(family).store());
    return this;
  }

  /** The store that the batch belongs to; null for any. */
  @Nullable StoreToken store() {
    return encoder.store();
  }

  /** Removes all changes and savepoints; the memory is kept unless it is large. */
  public void clear() {
    encoder.clear();
    savePoints = null;
  }

  /** Remembers what the batch holds now. Savepoints nest. */
  public void setSavePoint() {
    if (savePoints == null) {
      savePoints = new ArrayDeque<>();
    }
    savePoints.push(
        new SavePoint(encoder.size(), encoder.count(), encoder.payloadBytes(), encoder.store()));
  }

  /**
   * Removes all changes since the newest savepoint, and that savepoint.
   *
   * @throws BatchStateException if there is none; the batch is unchanged then
   */
  public void rollbackToSavePoint() {
    SavePoint to = newestSavePoint();
    encoder.truncate(to.size, to.count, to.payloadBytes, to.store);
  }

  /**
   * Forgets the newest savepoint; the changes since then stay.
   *
   * @throws BatchStateException if there is none
   */
  public void popSavePoint() {
    newestSavePoint();
  }

  private SavePoint newestSavePoint() {
    SavePoint newest = savePoints == null ? null : savePoints.poll();
    if (newest == null) {
      throw new BatchStateException("the batch has no savepoint; call setSavePoint() first");
    }
    return newest;
  }

  /**
   * How many changes the batch holds.
   *
   * @return a count
   */
  public int count() {
    return encoder.count();
  }

  /**
   * Whether the batch holds no change.
   *
   * @return true when empty
   */
  public boolean isEmpty() {
    return encoder.count() == 0;
  }

  /**
   * The encoded size.
   *
   * @return bytes
   */
  public int sizeInBytes() {
    return encoder.size();
  }
}
