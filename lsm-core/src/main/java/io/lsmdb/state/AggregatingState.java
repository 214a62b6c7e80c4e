package io.lsmdb.state;

import io.lsmdb.InvalidOptionsException;
import io.lsmdb.MergeOperator;
import io.lsmdb.Snapshot;
import io.lsmdb.ValueReader;
import io.lsmdb.operators.Aggregate;
import io.lsmdb.operators.LongOperator;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One aggregate per key, which a merge operator keeps; adding to it reads nothing.
 *
 * <p>Thread-safe where its functions are; each call is atomic. Needs no closing; the store is its
 * opener's to close. Failures are those of the store. Stored under {@link KeyedFamily#storedKey} in
 * the operator's form.
 *
 * @param <K> type of the keys
 * @param <I> type of what is added
 * @param <O> type of the aggregate
 */
public final class AggregatingState<K, I, O> {
  private final KeyedFamily<K> state;
  private final Function<I, byte[]> toOperand;
  private final ValueReader<O> reader;

  /**
   * Makes a view of any operator's values.
   *
   * @param state where the aggregates are
   * @param operator the family's operator
   * @param toOperand makes an operand of what is added
   * @param reader decodes the operator's values
   * @throws InvalidOptionsException if the family lacks the operator
   */
  public AggregatingState(
      KeyedFamily<K> state,
      MergeOperator operator,
      Function<I, byte[]> toOperand,
      ValueReader<O> reader) {
    this.state = Objects.requireNonNull(state, "state");
    this.toOperand = Objects.requireNonNull(toOperand, "toOperand");
    this.reader = Objects.requireNonNull(reader, "reader");
    state.require(operator, "this AggregatingState");
  }

  /**
   * Sums, minima or maxima.
   *
   * @param state where they are
   * @param operator the family's operator
   * @param <K> type of the keys
   * @return the view
   * @throws InvalidOptionsException if the family lacks the operator
   */
  public static <K> AggregatingState<K, Long, Long> ofLongs(
      KeyedFamily<K> state, LongOperator operator) {
    return new AggregatingState<>(state, operator, LongOperator::encode, LongOperator::decode);
  }

  /**
   * Count, sum, minimum and maximum.
   *
   * @param state where they are
   * @param <K> type of the keys
   * @return the view
   * @throws InvalidOptionsException if the family lacks {@link Aggregate#OPERATOR}
   */
  public static <K> AggregatingState<K, Long, Aggregate> ofAggregates(KeyedFamily<K> state) {
    return new AggregatingState<>(
        state, Aggregate.OPERATOR, number -> Aggregate.of(number).encode(), Aggregate::decode);
  }

  /**
   * Adds to an aggregate.
   *
   * @param key the key
   * @param added what is added
   */
  public void add(K key, I added) {
    state.merge(state.storedKey(key), toOperand.apply(Objects.requireNonNull(added, "added")));
  }

  /**
   * Reads an aggregate.
   *
   * @param key the key
   * @return null when nothing was added
   */
  public @Nullable O get(K key) {
    return state.family.get(state.storedKey(key), reader);
  }

  /**
   * Reads an aggregate of a snapshot.
   *
   * @param snapshot of the store
   * @param key the key
   * @return null when nothing was added
   */
  public @Nullable O get(Snapshot snapshot, K key) {
    return state.view(snapshot).get(state.storedKey(key), reader);
  }

  /**
   * Removes an aggregate; an absent one is fine.
   *
   * @param key the key
   */
  public void clear(K key) {
    state.delete(state.storedKey(key));
  }
}
