package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.read.Reads;
import io.lsmdb.internal.engine.write.Writes;
import java.util.List;

/**
 * The handle of a family that users have.
 *
 * <p>Immutable, hence thread-safe. There is one for each family, kept by {@link FamilyRegistry}.
 */
final class ColumnFamilyHandle extends KeyspaceImpl implements ColumnFamily, OwnedFamily {
  ColumnFamilyHandle(ColumnFamilyState state, Reads reads, Writes writes, ColumnFamilies families) {
    super(state, reads, writes, families);
  }

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public int id() {
    return state.id();
  }

  @Override
  public ColumnFamilyOptions options() {
    return state.options();
  }

  @Override
  public StoreToken store() {
    return state.store();
  }

  @Override
  public void checkUsable() {
    state.checkUsable();
  }

  @Override
  public void checkOperand(byte[] array, int offset, int length) {
    state.checkOperand(array, offset, length);
  }

  @Override
  public byte[] fold(byte[] key, byte[] base, List<byte[]> operands) {
    return state.fold(key, base, operands);
  }

  @Override
  public String toString() {
    return state.name();
  }
}
