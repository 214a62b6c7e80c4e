package io.lsmdb;

import io.lsmdb.internal.base.OwnedFamily;
import io.lsmdb.internal.base.StoreToken;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rule that a batch and its families are of one store.
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

  /** Refuses a family of another store, and one that cannot be used. */
  static void requireUsable(ColumnFamily family, @Nullable StoreToken store) {
    requireStore(family, store);
    owned(family).checkUsable();
  }
}
