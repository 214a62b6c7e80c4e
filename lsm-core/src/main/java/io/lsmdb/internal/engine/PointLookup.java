package io.lsmdb.internal.engine;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.version.TableCache;

/**
 * The search for the value of one key in one family: memtables from the newest to the oldest, then
 * the tables.
 *
 * <p>Thread-safe. Called inside the read gate. A memtable holds only newer versions of a key than
 * the memtables and tables sealed before it, so the first version found decides, unless it is a
 * merge operand: then the search goes on downwards, from the place where it was found.
 */
final class PointLookup {
  private static final int NOWHERE = -1;

  private final TableCache tables;
  private final Folding folding;

  /**
   * Creates the search of a family.
   *
   * @param tables opens tables
   * @param folding the family's merge operator, or null; it then has no operands
   */
  PointLookup(TableCache tables, Folding folding) {
    this.tables = tables;
    this.folding = folding;
  }

  /**
   * Looks a key up.
   *
   * @param state where to look
   * @param key holds the key
   * @param offset where it starts
   * @param length its length
   * @param sequence the newest sequence to be seen
   * @param out receives the value
   * @return false when the key is absent
   */
  boolean find(
      ReadState state, byte[] key, int offset, int length, long sequence, LookupResult out) {
    long search = InternalKey.searchTrailer(sequence);
    int place = search(state, 0, key, offset, length, search, out);
    if (place == NOWHERE) {
      return false;
    }
    int kind = InternalKey.kind(out.trailer);
    if (kind == ValueKind.MERGE) {
      fold(state, place, key, offset, length, out);
      return true;
    }
    return !ValueKind.isTombstone(kind);
  }

  /** Whether a key has a value, as {@link #find} without it. */
  boolean contains(
      ReadState state, byte[] key, int offset, int length, long sequence, LookupResult scratch) {
    long search = InternalKey.searchTrailer(sequence);
    return search(state, 0, key, offset, length, search, scratch) != NOWHERE
        && !ValueKind.isTombstone(InternalKey.kind(scratch.trailer));
  }

  /** Whether a key may have a value, as memtables and filters tell; false is certain. */
  boolean mayContain(ReadState state, byte[] key, long sequence) {
    long search = InternalKey.searchTrailer(sequence);
    LookupResult found = new LookupResult();
    if (state.mutable().table().get(key, 0, key.length, search, found)) {
      return !ValueKind.isTombstone(InternalKey.kind(found.trailer));
    }
    for (MemTableRef immutable : state.immutables()) {
      if (immutable.table().get(key, 0, key.length, search, found)) {
        return !ValueKind.isTombstone(InternalKey.kind(found.trailer));
      }
    }
    return state.version().mayContain(key, tables);
  }

  /**
   * Finds the newest version at or below a trailer.
   *
   * @param from where to begin: 0 is the mutable memtable, then come the immutable ones, and the
   *     tables last
   * @return where it was found
   */
  private int search(
      ReadState state,
      int from,
      byte[] key,
      int offset,
      int length,
      long search,
      LookupResult out) {
    if (from == 0 && state.mutable().table().get(key, offset, length, search, out)) {
      return 0;
    }
    MemTableRef[] immutables = state.immutables();
    for (int i = Math.max(0, from - 1); i < immutables.length; i++) {
      if (immutables[i].table().get(key, offset, length, search, out)) {
        return i + 1;
      }
    }
    return state.version().get(key, offset, length, search, tables, out)
        ? immutables.length + 1
        : NOWHERE;
  }

  /** Gathers what lies below the operand that was found, and folds it. */
  private void fold(
      ReadState state, int found, byte[] key, int offset, int length, LookupResult out) {
    Operands operands = new Operands();
    operands.start(key, offset, length);
    int place = found;
    while (place != NOWHERE) {
      operands.take(out.trailer, out.valueArray, out.valueOffset, out.valueLength);
      if (operands.isSettled()) {
        break;
      }
      long search = InternalKey.searchTrailer(operands.below());
      place = search(state, place, key, offset, length, search, out);
    }
    operands.settle();
    byte[] value = folding.value(operands);
    out.set(out.trailer, value, 0, value.length);
  }
}
