package io.lsmdb.state;

import io.lsmdb.InvalidOptionsException;
import io.lsmdb.MergeOperator;
import io.lsmdb.Snapshot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One value per key.
 *
 * <p>Thread-safe where its serializers are; each call is atomic. Needs no closing; the store is its
 * opener's to close. Failures are those of the store. Stored under {@link KeyedFamily#storedKey}.
 *
 * @param <K> type of the keys
 * @param <V> type of the values
 */
public final class ValueState<K, V> {
  private final KeyedFamily<K> state;
  private final Serializer<V> values;

  /**
   * Makes the view.
   *
   * @param state where the values are
   * @param values how they become bytes
   * @throws InvalidOptionsException if the family has a merge operator whose values {@linkplain
   *     MergeOperator#hasExpiringParts() have expiring parts}
   */
  public ValueState(KeyedFamily<K> state, Serializer<V> values) {
    this.state = Objects.requireNonNull(state, "state");
    this.values = Objects.requireNonNull(values, "values");
    state.refuseExpiringParts("a ValueState");
  }

  /**
   * Reads a value.
   *
   * @param key the key
   * @return null when there is none
   */
  public @Nullable V get(K key) {
    return state.get(state.family, state.storedKey(key), values);
  }

  /**
   * Reads a value of a snapshot.
   *
   * @param snapshot of the store
   * @param key the key
   * @return null when there is none
   */
  public @Nullable V get(Snapshot snapshot, K key) {
    return state.get(state.view(snapshot), state.storedKey(key), values);
  }

  /**
   * Sets a value.
   *
   * @param key the key
   * @param value the value
   */
  public void put(K key, V value) {
    state.put(state.storedKey(key), values.toBytes(Objects.requireNonNull(value, "value")));
  }

  /**
   * Removes a value; an absent one is fine.
   *
   * @param key the key
   */
  public void clear(K key) {
    state.delete(state.storedKey(key));
  }
}
