package io.lsmdb.state;

import io.lsmdb.DbIterator;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.MergeOperator;
import io.lsmdb.ReadOptions;
import io.lsmdb.ReadView;
import io.lsmdb.Snapshot;
import io.lsmdb.WriteBatch;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One map per key, each entry stored by itself.
 *
 * <p>Thread-safe where its serializers are; each call is atomic. Needs no closing, but its streams
 * do; the store is its opener's to close. Failures are those of the store. An entry is stored under
 * {@link KeyedFamily#mapPrefix} and the bytes of its map key, which give the order of a map.
 *
 * @param <K> type of the keys
 * @param <U> type of the keys within a map
 * @param <V> type of the values
 */
public final class MapState<K, U, V> {
  /** Not more entries than this are deleted one by one. */
  private static final int FEW = 32;

  private final KeyedFamily<K> state;
  private final Serializer<U> mapKeys;
  private final Serializer<V> values;

  /**
   * Makes the view.
   *
   * @param state where the maps are
   * @param mapKeys how the keys within a map become bytes
   * @param values how values become bytes
   * @throws InvalidOptionsException if the family has a merge operator whose values {@linkplain
   *     MergeOperator#hasExpiringParts() have expiring parts}
   */
  public MapState(KeyedFamily<K> state, Serializer<U> mapKeys, Serializer<V> values) {
    this.state = Objects.requireNonNull(state, "state");
    this.mapKeys = Objects.requireNonNull(mapKeys, "mapKeys");
    this.values = Objects.requireNonNull(values, "values");
    state.refuseExpiringParts("a MapState");
  }

  /**
   * The stored key of an entry.
   *
   * @param key the key
   * @param mapKey the key within its map
   * @return a new array, for batches and cursors of one's own
   */
  public byte[] storedKey(K key, U mapKey) {
    byte[] bytes = mapKeys.toBytes(Objects.requireNonNull(mapKey, "mapKey"));
    return KeyedFamily.joined(state.mapPrefix(key), bytes);
  }

  /**
   * Reads a value.
   *
   * @param key the key
   * @param mapKey the key within its map
   * @return null when there is none
   */
  public @Nullable V get(K key, U mapKey) {
    return state.get(state.family, storedKey(key, mapKey), values);
  }

  /**
   * Reads a value of a snapshot.
   *
   * @param snapshot of the store
   * @param key the key
   * @param mapKey the key within its map
   * @return null when there is none
   */
  public @Nullable V get(Snapshot snapshot, K key, U mapKey) {
    return state.get(state.view(snapshot), storedKey(key, mapKey), values);
  }

  /**
   * Whether there is a value.
   *
   * @param key the key
   * @param mapKey the key within its map
   * @return false when there is none
   */
  public boolean contains(K key, U mapKey) {
    return state.family.containsKey(storedKey(key, mapKey));
  }

  /**
   * Sets a value.
   *
   * @param key the key
   * @param mapKey the key within its map
   * @param value the value
   */
  public void put(K key, U mapKey, V value) {
    state.put(storedKey(key, mapKey), values.toBytes(Objects.requireNonNull(value, "value")));
  }

  /**
   * Removes a value; an absent one is fine.
   *
   * @param key the key
   * @param mapKey the key within its map
   */
  public void remove(K key, U mapKey) {
    state.delete(storedKey(key, mapKey));
  }

  /**
   * The entries of a map as of now, read as the stream is.
   *
   * @param key the key
   * @return in the order of the map keys' bytes; to be closed by the caller
   */
  public Stream<Map.Entry<U, V>> entries(K key) {
    return entriesOf(state.family, key);
  }

  /**
   * The entries of a map in a snapshot, read as the stream is.
   *
   * @param snapshot of the store
   * @param key the key
   * @return in the order of the map keys' bytes; to be closed by the caller
   */
  public Stream<Map.Entry<U, V>> entries(Snapshot snapshot, K key) {
    return entriesOf(state.view(snapshot), key);
  }

  private Stream<Map.Entry<U, V>> entriesOf(ReadView view, K key) {
    byte[] prefix = state.mapPrefix(key);
    return view.stream(ReadOptions.prefix(prefix))
        .map(
            entry -> {
              byte[] stored = entry.key();
              ByteBuffer mapKey =
                  ByteBuffer.wrap(stored, prefix.length, stored.length - prefix.length).slice();
              return Map.entry(
                  mapKeys.fromBytes(mapKey.asReadOnlyBuffer()),
                  values.fromBytes(ByteBuffer.wrap(entry.value()).asReadOnlyBuffer()));
            });
  }

  /**
   * Removes all entries of a map, atomically: few by a deletion each, many by one deletion of their
   * range. An entry that another thread puts meanwhile may go or stay.
   *
   * @param key the key
   */
  public void clear(K key) {
    WriteBatch batch = new WriteBatch();
    byte[] prefix = state.mapPrefix(key);
    ReadOptions ofMap = ReadOptions.prefix(prefix);
    try (DbIterator cursor = state.family.iterate(ofMap)) {
      for (cursor.seekToFirst(); cursor.isValid() && batch.count() <= FEW; cursor.next()) {
        batch.delete(state.family, cursor.key());
      }
    }
    if (batch.count() > FEW) {
      batch.clear();
      batch.deleteRange(state.family, prefix, ofMap.upperBound());
    }
    state.db.write(batch, state.options);
  }
}
