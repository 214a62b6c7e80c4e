package io.lsmdb.internal.engine.family;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbClosedException;
import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The living column families of a store, each with the one handle that users have of it.
 *
 * <p>Thread-safe: a copy-on-write map. Changes are made by one thread at a time.
 */
public final class FamilyRegistry {
  private final StoreToken token;
  private volatile TreeMap<Integer, ColumnFamilyState> byId = new TreeMap<>();
  private volatile Function<ColumnFamilyState, ColumnFamily> handles; // null while opening

  /** Creates a registry without families for one opening of a store. */
  public FamilyRegistry(StoreToken token) {
    this.token = token;
  }

  /** The identity of this opening of the store. */
  public StoreToken token() {
    return token;
  }

  /** Makes the handles of all families: of those that there are, and of each that is added. */
  public void useHandles(Function<ColumnFamilyState, ColumnFamily> maker) {
    handles = maker;
    byId.values().forEach(family -> family.setHandle(maker.apply(family)));
  }

  /** The family of a handle; throws unless it is a living family of this store. */
  public ColumnFamilyState resolve(ColumnFamily handle) {
    Objects.requireNonNull(handle, "family");
    if (!(handle instanceof OwnedFamily owned) || owned.store() != token) {
      throw foreign(handle);
    }
    ColumnFamilyState family = byId.get(handle.id());
    if (family == null) {
      owned.checkUsable();
      throw new DbClosedException("the column family " + handle.name() + " has been dropped");
    }
    family.checkNotDropped();
    return family;
  }

  private RuntimeException foreign(ColumnFamily handle) {
    return new IllegalArgumentException(
        "the column family "
            + handle.name()
            + " belongs to "
            + (handle instanceof OwnedFamily owned ? owned.store() : "no store")
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
    if (handles != null) {
      family.setHandle(handles.apply(family));
    }
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
