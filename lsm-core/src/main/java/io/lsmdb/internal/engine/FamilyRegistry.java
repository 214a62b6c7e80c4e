package io.lsmdb.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The living column families of a store.
 *
 * <p>Thread-safe: a copy-on-write map. Changes are made by one thread at a time.
 */
final class FamilyRegistry {
  private volatile TreeMap<Integer, ColumnFamilyState> byId = new TreeMap<>();

  /** The family of an id, or null. */
  ColumnFamilyState byId(int id) {
    return byId.get(id);
  }

  /** The family of a name, or null. */
  ColumnFamilyState byName(String name) {
    for (ColumnFamilyState family : byId.values()) {
      if (family.name().equals(name)) {
        return family;
      }
    }
    return null;
  }

  /** All families by ascending id. */
  List<ColumnFamilyState> all() {
    return new ArrayList<>(byId.values());
  }

  void add(ColumnFamilyState family) {
    TreeMap<Integer, ColumnFamilyState> copy = new TreeMap<>(byId);
    copy.put(family.id(), family);
    byId = copy;
  }

  void remove(ColumnFamilyState family) {
    TreeMap<Integer, ColumnFamilyState> copy = new TreeMap<>(byId);
    copy.remove(family.id());
    byId = copy;
  }
}
