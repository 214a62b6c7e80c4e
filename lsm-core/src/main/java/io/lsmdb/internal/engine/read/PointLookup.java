package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.engine.runtime.CallbackThreads;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.range.RangeCover;
import io.lsmdb.internal.version.TableCache;

/**
 * The search for the value of one key in the read state of a family: memtables from the newest to
 * the oldest, then the tables.
 *
 * <p>Thread-safe. Called inside the read gate. A memtable holds only newer versions of a key than
 * the memtables and tables sealed before it, so the first version found decides, unless it is a
 * merge operand: then the search goes on downwards, from the place where it was found. A version
 * that a range tombstone hides is as good as none, and so is all below it.
 */
public final class PointLookup {
  private static final int NOWHERE = -1;

  /** In place of a time: that of the clock when an expiring entry is met. */
  private static final long ASK = Long.MIN_VALUE;

  private final TableCache tables;
  private final CallbackThreads callbacks;

  public PointLookup(TableCache tables, CallbackThreads callbacks) {
    this.tables = tables;
    this.callbacks = callbacks;
  }

  /** Whether even a value without operands is to be folded. */
  private static boolean expires(ReadState state) {
    Folding folding = state.folding();
    return folding != null && folding.expires();
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
    return find(state, key, offset, length, sequence, ASK, out);
  }

  /**
   * Looks a key up at a given time, which may be {@link #ASK}; a lookup of many keys should ask the
   * clock once.
   */
  boolean find(
      ReadState state,
      byte[] key,
      int offset,
      int length,
      long sequence,
      long now,
      LookupResult out) {
    long search = InternalKey.searchTrailer(sequence);
    int place = search(state, 0, key, offset, length, search, out);
    if (place == NOWHERE) {
      return false;
    }
    int kind = InternalKey.kind(out.trailer);
    if (kind == ValueKind.MERGE || (expires(state) && !ValueKind.isTombstone(kind))) {
      return fold(state, place, key, offset, length, now, out);
    }
    if (kind == ValueKind.PUT) {
      return true;
    }
    return kind == ValueKind.PUT_EXPIRING && !isOver(state, out, now) && takeExpiry(out);
  }

  private static boolean isOver(ReadState state, LookupResult found, long now) {
    long time = now == ASK ? state.clock().now() : now;
    return Expiry.isOver(found.valueArray, found.valueOffset, found.valueLength, time);
  }

  private static boolean takeExpiry(LookupResult found) {
    found.valueOffset += Expiry.BYTES;
    found.valueLength -= Expiry.BYTES;
    return true;
  }

  /** Whether a key has a value, as {@link #find} without it. */
  boolean contains(
      ReadState state, byte[] key, int offset, int length, long sequence, LookupResult scratch) {
    if (expires(state)) {
      return find(state, key, offset, length, sequence, scratch);
    }
    long search = InternalKey.searchTrailer(sequence);
    if (search(state, 0, key, offset, length, search, scratch) == NOWHERE) {
      return false;
    }
    int kind = InternalKey.kind(scratch.trailer);
    return kind == ValueKind.PUT_EXPIRING
        ? !isOver(state, scratch, ASK)
        : !ValueKind.isTombstone(kind);
  }

  /** Whether a key may have a value, as memtables and filters tell; false is certain. */
  boolean mayContain(ReadState state, byte[] key, long sequence) {
    long search = InternalKey.searchTrailer(sequence);
    LookupResult found = new LookupResult();
    long hidden = hiddenBelow(state, key, 0, key.length, search);
    if (searchMemTables(state, 0, key, 0, key.length, search, found) == NOWHERE) {
      return state.version().largestSequence() >= hidden && state.version().mayContain(key, tables);
    }
    return InternalKey.sequence(found.trailer) >= hidden
        && !ValueKind.isTombstone(InternalKey.kind(found.trailer));
  }

  /** Versions of a key below this sequence do not count at a trailer. */
  private static long hiddenBelow(
      ReadState state, byte[] key, int offset, int length, long search) {
    return state.hasRangeTombstones()
        ? state.covering(key, offset, length, InternalKey.sequence(search))
        : RangeCover.NONE;
  }

  /**
   * Finds the newest version at or below a trailer that no range tombstone hides.
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
    long hidden = hiddenBelow(state, key, offset, length, search);
    int place = searchMemTables(state, from, key, offset, length, search, out);
    if (place == NOWHERE
        && state.version().largestSequence() >= hidden
        && state.version().get(key, offset, length, search, tables, out)) {
      place = state.immutables().length + 1;
    }
    return place == NOWHERE || InternalKey.sequence(out.trailer) >= hidden ? place : NOWHERE;
  }

  /** Finds what {@link #search} would, given a newer version that was found at a place. */
  private int searchOlder(
      ReadState state,
      int place,
      byte[] key,
      int offset,
      int length,
      long search,
      LookupResult found) {
    MemTableRef[] immutables = state.immutables();
    if (place > immutables.length) {
      return search(state, place, key, offset, length, search, found);
    }
    MemTableRef memtable = place == 0 ? state.mutable() : immutables[place - 1];
    if (!memtable.table().getOlder(search, found)) {
      return search(state, place + 1, key, offset, length, search, found);
    }
    long hidden = hiddenBelow(state, key, offset, length, search);
    return InternalKey.sequence(found.trailer) >= hidden ? place : NOWHERE;
  }

  private static int searchMemTables(
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
    return NOWHERE;
  }

  /**
   * Gathers what lies below the version that was found, and folds it.
   *
   * @return false if that gives no value
   */
  private boolean fold(
      ReadState state, int found, byte[] key, int offset, int length, long now, LookupResult out) {
    Folding operator = Folding.required(state.folding(), "a table or memtable");
    Operands operands = new Operands();
    operands.start(key, offset, length);
    if (expires(state)) {
      operands.judgeAt(now == ASK ? state.clock().now() : now);
    }
    int place = found;
    while (place != NOWHERE) {
      if (InternalKey.kind(out.trailer) == ValueKind.PUT_EXPIRING && isOver(state, out, now)) {
        if (operands.size() == 0) {
          return false;
        }
        break;
      }
      operands.take(out.trailer, out.valueArray, out.valueOffset, out.valueLength);
      if (operands.isSettled()) {
        break;
      }
      long search = InternalKey.searchTrailer(operands.below());
      place = searchOlder(state, place, key, offset, length, search, out);
    }
    operands.settle();
    byte[] value = merged(operator, operands);
    out.set(out.trailer, value, 0, value.length);
    return value != Folding.NOTHING;
  }

  private byte[] merged(Folding operator, Operands operands) {
    int slot = callbacks.enter();
    try {
      return operator.value(operands);
    } finally {
      callbacks.exit(slot);
    }
  }
}
