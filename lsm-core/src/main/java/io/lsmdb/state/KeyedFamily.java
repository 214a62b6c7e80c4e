package io.lsmdb.state;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.MergeOperator;
import io.lsmdb.ReadView;
import io.lsmdb.Snapshot;
import io.lsmdb.WriteOptions;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a view keeps its state: a family of a store, with the layout of its keys.
 *
 * <p>Immutable, hence thread-safe where its serializer is. Does not own the store, and needs no
 * closing. One family holds the state of one view.
 *
 * @param <K> type of the keys
 */
public final class KeyedFamily<K> {
  private static final int MAX_DELIMITED_KEY = 0xFFFF;

  final Db db;
  final ColumnFamily family;
  final WriteOptions options;
  private final Serializer<K> keys;
  private final KeyGroups groups;

  /**
   * Puts a family to use, without key groups, with buffered writes.
   *
   * @param db the store
   * @param family one of its families
   * @param keys how keys become bytes
   * @throws IllegalArgumentException if the family is not a living one of that store
   */
  public KeyedFamily(Db db, ColumnFamily family, Serializer<K> keys) {
    this(db, family, keys, KeyGroups.NONE, WriteOptions.BUFFERED);
  }

  /**
   * Puts a family to use.
   *
   * @param db the store
   * @param family one of its families
   * @param keys how keys become bytes
   * @param groups the key groups
   * @param options of all writes
   * @throws IllegalArgumentException if the family is not a living one of that store
   */
  public KeyedFamily(
      Db db, ColumnFamily family, Serializer<K> keys, KeyGroups groups, WriteOptions options) {
    this.db = Objects.requireNonNull(db, "db");
    this.family = Objects.requireNonNull(family, "family");
    this.keys = Objects.requireNonNull(keys, "keys");
    this.groups = Objects.requireNonNull(groups, "groups");
    this.options = Objects.requireNonNull(options, "options");
    if (db.columnFamily(family.name()).orElse(null) != family) {
      throw new IllegalArgumentException(
          "the column family "
              + family.name()
              + " is not a living one of the given store; use a family that this store returned");
    }
  }

  /**
   * The stored key of values, lists and aggregates: key group, then the bytes of the key.
   *
   * @param key the key
   * @return a new array, for batches and cursors of one's own
   */
  public byte[] storedKey(K key) {
    byte[] bytes = keys.toBytes(Objects.requireNonNull(key, "key"));
    byte[] group = groups.prefixOf(bytes);
    return group.length == 0 ? bytes : joined(group, bytes);
  }

  /**
   * What the stored keys of one map begin with: key group, the length of the key (two bytes,
   * big-endian, left out if the serializer's length is fixed), the bytes of the key. No map's is
   * the beginning of another's.
   *
   * @param key the key of the map
   * @return a new array, after which the bytes of the map's own key follow
   * @throws IllegalArgumentException if the key has more than 65,535 bytes, or not the fixed length
   *     of its serializer
   */
  public byte[] mapPrefix(K key) {
    byte[] bytes = keys.toBytes(Objects.requireNonNull(key, "key"));
    byte[] group = groups.prefixOf(bytes);
    int fixed = keys.fixedLength();
    if (fixed < 0 ? bytes.length > MAX_DELIMITED_KEY : bytes.length != fixed) {
      throw new IllegalArgumentException(
          "the key of the map has "
              + bytes.length
              + " bytes; "
              + (fixed < 0 ? "at most 65535 are allowed" : "its serializer says " + fixed));
    }
    ByteBuffer prefix =
        ByteBuffer.allocate(group.length + (fixed < 0 ? Short.BYTES : 0) + bytes.length);
    prefix.put(group);
    if (fixed < 0) {
      prefix.putShort((short) bytes.length);
    }
    return prefix.put(bytes).array();
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Whether the family has a merge operator. */
  boolean hasOperator(MergeOperator operator) {
    return family.options().mergeOperatorName().equals(operator.name());
  }

  /** Refuses a family whose merge operator is not the one that a view needs. */
  void require(MergeOperator operator, String view) {
    if (!hasOperator(Objects.requireNonNull(operator, "operator"))) {
      String found = family.options().mergeOperatorName();
      throw new InvalidOptionsException(
          view
              + " needs the merge operator "
              + operator.name()
              + ", but the column family "
              + family.name()
              + " has "
              + (found.isEmpty() ? "none" : found)
              + "; create it with ColumnFamilyOptions.mergeOperator");
    }
  }

  /** Refuses a family whose merge operator would read the values of a view as its own. */
  void refuseExpiringParts(String view) {
    MergeOperator operator = family.options().mergeOperator();
    if (operator != null && operator.hasExpiringParts()) {
      throw new InvalidOptionsException(
          view
              + " cannot keep its values in the column family "
              + family.name()
              + ": the merge operator "
              + operator.name()
              + " has values with expiring parts, so every read passes through it; use a family"
              + " without it");
    }
  }

  /** The reads of the family as of a snapshot. */
  ReadView view(Snapshot snapshot) {
    return Objects.requireNonNull(snapshot, "snapshot").of(family);
  }

  <V> @Nullable V get(ReadView view, byte[] storedKey, Serializer<V> values) {
    return view.get(storedKey, values::fromBytes);
  }

  void put(byte[] storedKey, byte[] value) {
    family.put(storedKey, value, options);
  }

  void merge(byte[] storedKey, byte[] operand) {
    family.merge(storedKey, operand, options);
  }

  void delete(byte[] storedKey) {
    family.delete(storedKey, options);
  }
}
