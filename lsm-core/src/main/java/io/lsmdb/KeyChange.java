package io.lsmdb;

import io.lsmdb.internal.base.ValueKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The changes that a batch makes to one key, as far as they matter for its value.
 *
 * <p>Immutable.
 *
 * @param kind a {@link ValueKind}: put, removal or merge
 * @param value what is put or merged; null for a removal
 * @param older what an operand is folded onto; null for puts, removals, and where that is in the
 *     store
 */
record KeyChange(int kind, byte @Nullable [] value, @Nullable KeyChange older) {
  static final KeyChange DELETED = new KeyChange(ValueKind.DELETE, null, null);

  boolean isRemoval() {
    return kind == ValueKind.DELETE;
  }

  /** Whether the value depends on what the store has. */
  boolean reachesStore() {
    KeyChange oldest = this;
    while (oldest.older != null) {
      oldest = oldest.older;
    }
    return oldest.kind == ValueKind.MERGE;
  }

  /**
   * The value that the key has after the change, null for none.
   *
   * @param stored the value in the store; matters for operands only
   */
  byte @Nullable [] value(ColumnFamily family, byte[] key, byte @Nullable [] stored) {
    byte @Nullable [] base = stored;
    List<byte[]> operands = new ArrayList<>();
    for (KeyChange change = this; change != null; change = change.older) {
      if (change.kind == ValueKind.MERGE) {
        operands.add(change.value);
      } else {
        base = change.value;
      }
    }
    if (operands.isEmpty()) {
      if (base == null) {
        return null;
      }
      if (!mayComeToNothing(family)) {
        return base.clone();
      }
    }
    return BatchChecks.owned(family).fold(key, base, operands);
  }

  /** Whether the values of a family may come to nothing, so that their keys are absent. */
  static boolean mayComeToNothing(ColumnFamily family) {
    MergeOperator operator = family.options().mergeOperator();
    return operator != null && operator.hasExpiringParts();
  }
}
