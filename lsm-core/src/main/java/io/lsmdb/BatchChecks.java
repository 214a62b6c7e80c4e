package io.lsmdb;

import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rule that a batch, its families and the view below it are of one store.
 *
 * <p>Stateless. Ids alone would let a family take the place of one of another store.
 */
final class BatchChecks {
  private BatchChecks() {}

  /** The family as its store made it; refuses one that was made by nobody's. */
  static OwnedFamily owned(ColumnFamily family) {
    if (Objects.requireNonNull(family, "family") instanceof OwnedFamily owned) {
      return owned;
    }
    throw new IllegalArgumentException(
        "the column family " + family.name() + " is of no store; use one that a Db returned");
  }

  /** Refuses a family of another store; null stands for any store. */
  static void requireStore(ColumnFamily family, @Nullable StoreToken store) {
    StoreToken own = owned(family).store();
    if (store != null && own != store) {
      throw new IllegalArgumentException(
          "the column family "
              + family.name()
              + " belongs to "
              + own
              + ", but the batch has changes for "
              + store
              + "; use one batch for each store");
    }
  }

  /** Refuses a view of another store than the family's, and a family that cannot be used. */
  static void requireStore(ReadView view, ColumnFamily family, @Nullable StoreToken store) {
    Objects.requireNonNull(view, "view");
    requireStore(family, store);
    OwnedFamily owned = owned(family);
    StoreToken viewed = owned(view.defaultColumnFamily()).store();
    if (viewed != owned.store()) {
      throw new IllegalArgumentException(
          "the column family "
              + family.name()
              + " belongs to "
              + owned.store()
              + ", but the view to "
              + viewed
              + "; read each family through its own store");
    }
    owned.checkUsable();
  }
}
