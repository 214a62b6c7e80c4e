package io.lsmdb.testing;

import io.lsmdb.DbIterator;
import io.lsmdb.ReadView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What a store must show after the same changes: a sorted map a family.
 *
 * <p>Not thread-safe. A test makes each change twice, here and in the store, and compares.
 */
public final class ModelDb {
  private final Map<String, TreeMap<byte[], byte[]>> families = new TreeMap<>();
  private final Map<String, TreeMap<byte[], Expiring>> expiring = new TreeMap<>();

  /** What becomes of a value that is to expire; null when nothing remains. */
  private record Expiring(long expiry, byte[] after) {}

  /** Creates a model of an empty store, with the default family. */
  public ModelDb() {
    createFamily("default");
  }

  private ModelDb(ModelDb other) {
    other.families.forEach(
        (name, entries) -> {
          TreeMap<byte[], byte[]> copy = newMap();
          copy.putAll(entries);
          families.put(name, copy);
        });
    other.expiring.forEach(
        (name, entries) -> {
          TreeMap<byte[], Expiring> copy = new TreeMap<>(Arrays::compareUnsigned);
          copy.putAll(entries);
          expiring.put(name, copy);
        });
  }

  private static TreeMap<byte[], byte[]> newMap() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  /**
   * Adds an empty family.
   *
   * @param family its name, not taken yet
   */
  public void createFamily(String family) {
    if (families.putIfAbsent(family, newMap()) != null) {
      throw new IllegalArgumentException("there is a family " + family);
    }
    expiring.put(family, new TreeMap<>(Arrays::compareUnsigned));
  }

  /**
   * Removes a family with its entries.
   *
   * @param family its name
   */
  public void dropFamily(String family) {
    entriesOf(family);
    families.remove(family);
    expiring.remove(family);
  }

  /**
   * The names of the families.
   *
   * @return sorted, not to be changed
   */
  public Set<String> families() {
    return Collections.unmodifiableSet(families.keySet());
  }

  /**
   * Stores a value.
   *
   * @param family name of the family
   * @param key kept, not copied
   * @param value kept, not copied
   */
  public void put(String family, byte[] key, byte[] value) {
    entriesOf(family).put(key, value);
    expiring.get(family).remove(key);
  }

  /**
   * Stores a value that expires.
   *
   * @param family name of the family
   * @param key kept, not copied
   * @param value kept, not copied
   * @param expiry from when on it is to be absent; takes effect with {@link #expire}
   */
  public void put(String family, byte[] key, byte[] value, long expiry) {
    put(family, key, value);
    expiring.get(family).put(key, new Expiring(expiry, null));
  }

  /**
   * Changes a value without regard to when it expires: what was added to it remains then.
   *
   * @param family name of the family
   * @param key kept, not copied
   * @param change given null where there is no value
   */
  public void change(String family, byte[] key, UnaryOperator<byte[]> change) {
    entriesOf(family).put(key, change.apply(get(family, key)));
    expiring
        .get(family)
        .computeIfPresent(key, (k, old) -> new Expiring(old.expiry, change.apply(old.after)));
  }

  /**
   * Puts another value in the place of one; its expiry stays.
   *
   * @param family name of the family
   * @param key kept, not copied
   * @param value kept, not copied; null removes the key
   */
  public void replace(String family, byte[] key, byte[] value) {
    if (value == null) {
      delete(family, key);
    } else {
      entriesOf(family).put(key, value);
    }
  }

  /**
   * Removes the keys of a range.
   *
   * @param family name of the family
   * @param from first key
   * @param to end, exclusive; null for no end
   */
  public void deleteRange(String family, byte[] from, byte[] to) {
    (to == null ? entriesOf(family).tailMap(from) : entriesOf(family).subMap(from, to)).clear();
    TreeMap<byte[], Expiring> expiries = expiring.get(family);
    (to == null ? expiries.tailMap(from) : expiries.subMap(from, to)).clear();
  }

  /**
   * Lets values expire.
   *
   * @param now the clock
   */
  public void expire(long now) {
    expiring.forEach(
        (family, entries) ->
            entries
                .entrySet()
                .removeIf(
                    entry -> {
                      boolean isOver = entry.getValue().expiry <= now;
                      if (isOver && entry.getValue().after == null) {
                        entriesOf(family).remove(entry.getKey());
                      } else if (isOver) {
                        entriesOf(family).put(entry.getKey(), entry.getValue().after);
                      }
                      return isOver;
                    }));
  }

  /**
   * Removes a key.
   *
   * @param family name of the family
   * @param key may be absent
   */
  public void delete(String family, byte[] key) {
    entriesOf(family).remove(key);
    expiring.get(family).remove(key);
  }

  /**
   * Reads a value.
   *
   * @param family name of the family
   * @param key the key
   * @return null when the key is absent; not to be changed
   */
  public byte[] get(String family, byte[] key) {
    return entriesOf(family).get(key);
  }

  /**
   * The entries of a family in the order of the store.
   *
   * @param family name of the family
   * @return a view, not to be changed
   */
  public NavigableMap<byte[], byte[]> entries(String family) {
    return Collections.unmodifiableNavigableMap(entriesOf(family));
  }

  private TreeMap<byte[], byte[]> entriesOf(String family) {
    TreeMap<byte[], byte[]> entries = families.get(family);
    if (entries == null) {
      throw new IllegalArgumentException("there is no family " + family);
    }
    return entries;
  }

  /**
   * The model of a snapshot taken now.
   *
   * @return independent of later changes
   */
  public ModelDb snapshot() {
    return new ModelDb(this);
  }

  /**
   * Compares a family in full: forward, backward, and by reading all keys at once.
   *
   * @param view the reads of that family, of now or of a snapshot
   * @param family the family's name
   * @throws AssertionError naming the first difference
   */
  public void check(ReadView view, String family) {
    NavigableMap<byte[], byte[]> expected = entries(family);
    try (DbIterator cursor = view.iterate()) {
      cursor.seekToFirst();
      for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
        checkEntry(family, "forward", entry, cursor);
        cursor.next();
      }
      checkEnd(family, "forward", cursor);
      cursor.seekToLast();
      for (Map.Entry<byte[], byte[]> entry : expected.descendingMap().entrySet()) {
        checkEntry(family, "backward", entry, cursor);
        cursor.prev();
      }
      checkEnd(family, "backward", cursor);
    }
    List<byte[]> keys = new ArrayList<>(expected.keySet());
    List<byte[]> values = view.multiGet(keys);
    for (int i = 0; i < keys.size(); i++) {
      byte[] value = expected.get(keys.get(i));
      if (!Arrays.equals(values.get(i), value)) {
        throw new AssertionError(
            "family "
                + family
                + ": read "
                + show(values.get(i))
                + " at key "
                + show(keys.get(i))
                + ", expected "
                + show(value));
      }
    }
  }

  private static void checkEntry(
      String family, String way, Map.Entry<byte[], byte[]> expected, DbIterator cursor) {
    String where = "family " + family + ", going " + way + ": ";
    if (!cursor.isValid()) {
      throw new AssertionError(where + "ended before key " + show(expected.getKey()));
    }
    if (!Arrays.equals(cursor.key(), expected.getKey())) {
      throw new AssertionError(
          where + "at key " + show(cursor.key()) + ", expected " + show(expected.getKey()));
    }
    if (!Arrays.equals(cursor.value(), expected.getValue())) {
      throw new AssertionError(
          where
              + "value "
              + show(cursor.value())
              + " at key "
              + show(expected.getKey())
              + ", expected "
              + show(expected.getValue()));
    }
  }

  private static void checkEnd(String family, String way, DbIterator cursor) {
    if (cursor.isValid()) {
      throw new AssertionError(
          "family "
              + family
              + ", going "
              + way
              + ": at key "
              + show(cursor.key())
              + ", expected the end");
    }
  }

  /**
   * Bytes for a message: in hexadecimal, shortened.
   *
   * @param bytes may be null
   * @return at most some 60 characters
   */
  public static String show(byte[] bytes) {
    if (bytes == null) {
      return "null";
    }
    if (bytes.length <= 20) {
      return "[" + HexFormat.of().formatHex(bytes) + "]";
    }
    return "[" + HexFormat.of().formatHex(bytes, 0, 20) + "... " + bytes.length + " bytes]";
  }
}
