package io.lsmdb.internal.engine.family;

import io.lsmdb.ColumnFamily;
import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The living column families of a store.
 *
 * <p>Thread-safe: a copy-on-write map. Changes are made by one thread at a time.
 */
public final class FamilyRegistry {
  private final StoreToken token;
  private volatile TreeMap<Integer, ColumnFamilyState> byId = new TreeMap<>();

  /** Creates a registry without families for one opening of a store. */
  public FamilyRegistry(StoreToken token) {
    this.token = token;
  }

  /** The identity of this opening of the store. */
  public StoreToken token() {
    return token;
  }

  /** The state of a handle; throws unless it is a living family of this store. */
  public ColumnFamilyState resolve(ColumnFamily family) {
    if (family instanceof ColumnFamilyState state && state.store() == token) {
      state.checkNotDropped();
      return state;
    }
    if (family == null) {
      throw new NullPointerException("family");
    }
    throw new IllegalArgumentException(
        "the column family "
            + family.name()
            + " belongs to "
            + (family instanceof OwnedFamily owned ? owned.store() : "no store")
            + ", but the call is to "
            + token
            + "; use a family that this store returned");
  }

  /** Keeps readers from going behind what an edit drops that is about to be published. */
  public void noteDropped(VersionEdit edit) {
    for (VersionEdit.DropClock dropped : edit.dropClocks()) {
      ColumnFamilyState family = byId(dropped.family());
      if (family != null) {
        family.clock().dropped(dropped.clock());
      }
    }
  }

  /** The family of an id, or null. */
  public ColumnFamilyState byId(int id) {
    return byId.get(id);
  }

  /** The family of a name, or null. */
  public ColumnFamilyState byName(String name) {
    for (ColumnFamilyState family : byId.values()) {
      if (family.name().equals(name)) {
        return family;
      }
    }
    return null;
  }

  /** All families by ascending id. */
  public List<ColumnFamilyState> all() {
    return new ArrayList<>(byId.values());
  }

  public void add(ColumnFamilyState family) {
    TreeMap<Integer, ColumnFamilyState> copy = new TreeMap<>(byId);
    copy.put(family.id(), family);
    byId = copy;
  }

  public void remove(ColumnFamilyState family) {
    TreeMap<Integer, ColumnFamilyState> copy = new TreeMap<>(byId);
    copy.remove(family.id());
    byId = copy;
  }
}
