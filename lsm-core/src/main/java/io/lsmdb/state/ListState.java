package io.lsmdb.state;

import io.lsmdb.InvalidOptionsException;
import io.lsmdb.ReadView;
import io.lsmdb.Snapshot;
import io.lsmdb.operators.ExpiringListAppend;
import io.lsmdb.operators.ListAppend;
import io.lsmdb.operators.ListReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * One list per key; adding to it reads nothing.
 *
 * <p>Thread-safe where its serializers are; each call is atomic. Needs no closing; the store is its
 * opener's to close. Failures are those of the store. Stored under {@link KeyedFamily#storedKey} in
 * the form of {@link ListAppend} or {@link ExpiringListAppend}, whichever operator the family has.
 * With the latter, elements that were added with an expiry are gone from that moment on; a list
 * whose elements have all expired is none.
 *
 * @param <K> type of the keys
 * @param <E> type of the elements
 */
public final class ListState<K, E> {
  private final KeyedFamily<K> state;
  private final Serializer<E> elements;
  private final boolean expiring;

  /**
   * Makes the view.
   *
   * @param state where the lists are
   * @param elements how elements become bytes
   * @throws InvalidOptionsException if the family has neither {@link ListAppend#OPERATOR} nor
   *     {@link ExpiringListAppend#OPERATOR}
   */
  public ListState(KeyedFamily<K> state, Serializer<E> elements) {
    this.state = Objects.requireNonNull(state, "state");
    this.elements = Objects.requireNonNull(elements, "elements");
    this.expiring = state.hasOperator(ExpiringListAppend.OPERATOR);
    if (!expiring) {
      state.require(ListAppend.OPERATOR, "a ListState");
    }
  }

  /**
   * Adds an element to the end.
   *
   * @param key the key
   * @param element the element
   */
  public void add(K key, E element) {
    addAll(key, List.of(Objects.requireNonNull(element, "element")));
  }

  /**
   * Adds an element that expires to the end.
   *
   * @param key the key
   * @param element the element
   * @param expiresAt when it expires, see {@link ExpiringListAppend#encode(byte[], long)}
   * @throws InvalidOptionsException if the family lacks {@link ExpiringListAppend#OPERATOR}
   * @throws IllegalArgumentException if the expiry is negative
   */
  public void add(K key, E element, long expiresAt) {
    addAll(key, List.of(Objects.requireNonNull(element, "element")), expiresAt);
  }

  /**
   * Adds elements to the end.
   *
   * @param key the key
   * @param added in their order
   */
  public void addAll(K key, Collection<E> added) {
    if (!Objects.requireNonNull(added, "added").isEmpty()) {
      state.merge(state.storedKey(key), encoded(added));
    }
  }

  /**
   * Adds elements that expire together to the end.
   *
   * @param key the key
   * @param added in their order
   * @param expiresAt when they expire, see {@link ExpiringListAppend#encode(byte[], long)}
   * @throws InvalidOptionsException if the family lacks {@link ExpiringListAppend#OPERATOR}
   * @throws IllegalArgumentException if the expiry is negative
   */
  public void addAll(K key, Collection<E> added, long expiresAt) {
    state.require(ExpiringListAppend.OPERATOR, "an element that expires");
    byte[] operand =
        ExpiringListAppend.encode(bytes(Objects.requireNonNull(added, "added")), expiresAt);
    if (operand.length > 0) {
      state.merge(state.storedKey(key), operand);
    }
  }

  /**
   * Replaces a list; an empty one is none. Its elements do not expire.
   *
   * @param key the key
   * @param list the new list
   */
  public void set(K key, Collection<E> list) {
    if (Objects.requireNonNull(list, "list").isEmpty()) {
      clear(key);
    } else {
      state.put(state.storedKey(key), encoded(list));
    }
  }

  private byte[] encoded(Collection<E> list) {
    return expiring
        ? ExpiringListAppend.encode(bytes(list), ExpiringListAppend.NEVER)
        : ListAppend.encode(bytes(list));
  }

  private List<byte[]> bytes(Collection<E> list) {
    return list.stream()
        .map(element -> elements.toBytes(Objects.requireNonNull(element, "element")))
        .toList();
  }

  /**
   * Reads a list.
   *
   * @param key the key
   * @return oldest first; empty when there is none
   */
  public List<E> get(K key) {
    return read(state.family, key, Integer.MAX_VALUE, false);
  }

  /**
   * Reads a list of a snapshot.
   *
   * @param snapshot of the store
   * @param key the key
   * @return oldest first; empty when there is none
   */
  public List<E> get(Snapshot snapshot, K key) {
    return read(state.view(snapshot), key, Integer.MAX_VALUE, false);
  }

  /**
   * Reads the newest elements of a list, and decodes no others.
   *
   * @param key the key
   * @param limit how many at most, at least 0
   * @return newest first
   * @throws IllegalArgumentException if the limit is negative
   */
  public List<E> newest(K key, int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit is " + limit + "; give at least 0");
    }
    return read(state.family, key, limit, true);
  }

  private List<E> read(ReadView view, K key, int limit, boolean newestFirst) {
    List<E> list = new ArrayList<>();
    view.get(
        state.storedKey(key),
        value -> {
          ListReader reader = expiring ? ListReader.ofExpiring(value) : ListReader.of(value);
          Iterator<ByteBuffer> from = (newestFirst ? reader.newestFirst() : reader).iterator();
          while (list.size() < limit && from.hasNext()) {
            list.add(elements.fromBytes(from.next()));
          }
          return list;
        });
    return list;
  }

  /**
   * Removes a list; an absent one is fine.
   *
   * @param key the key
   */
  public void clear(K key) {
    state.delete(state.storedKey(key));
  }
}
