package io.lsmdb.internal.engine.read;

import io.lsmdb.InvalidOptionsException;
import io.lsmdb.ReadOptions;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;

/**
 * Counts the keys that operations make appear or vanish, for families with an {@code EntryCount}.
 *
 * <p>Used by the commit leader, and by the opening before there is one.
 */
public final class KeyCounter {
  private final ReadGate gate;
  private final PointLookup lookup;
  private final FamilyCursors cursors;
  private final LookupResult scratch = new LookupResult();

  public KeyCounter(ReadGate gate, PointLookup lookup, FamilyCursors cursors) {
    this.gate = gate;
    this.lookup = lookup;
    this.cursors = cursors;
  }

  /** Counts what a family holds when the store is opened. */
  public void countAll(ColumnFamilyState family, long visible) {
    if (family.entryCount() != null) {
      family.entryCount().start(visible, scan(family, new byte[0], null, visible));
    }
  }

  /**
   * Counts an operation that is about to be inserted into a family that counts its entries.
   *
   * @param family what it is written to; counts its entries
   * @param operation stands on it
   * @param bytes what the operation is read from
   * @param sequence its sequence
   * @param group the first sequence of its group
   */
  public void add(
      ColumnFamilyState family, BatchReader operation, byte[] bytes, long sequence, long group) {
    family.entryCount().add(change(family, operation, bytes, sequence - 1), group);
  }

  private long change(ColumnFamilyState family, BatchReader operation, byte[] bytes, long at) {
    int offset = operation.keyOffset();
    int length = operation.keyLength();
    if (operation.kind() == ValueKind.RANGE_DELETE) {
      int end = operation.valueOffset();
      int endLength = operation.valueLength();
      byte[] from = Arrays.copyOfRange(bytes, offset, offset + length);
      byte[] to = endLength == 0 ? null : Arrays.copyOfRange(bytes, end, end + endLength);
      return -scan(family, from, to, at);
    }
    boolean after = ValueKind.isVisible(operation.kind());
    if (after == isPresent(family, operation, bytes, at)) {
      return 0;
    }
    return after ? 1 : -1;
  }

  private boolean isPresent(
      ColumnFamilyState family, BatchReader operation, byte[] bytes, long at) {
    int token = gate.enter();
    try {
      return lookup.contains(
          family.readState(), bytes, operation.keyOffset(), operation.keyLength(), at, scratch);
    } finally {
      gate.exit(token);
    }
  }

  /** Counts the keys of a range by a walk; no operand is folded on it. */
  private long scan(ColumnFamilyState family, byte[] from, byte[] to, long at) {
    ReadState read = pin(family);
    try (InternalIterator cursor = cursors.open(family, ReadOptions.DEFAULT, read, at)) {
      if (from.length == 0) {
        cursor.seekToFirst();
      } else {
        cursor.seek(from, 0, from.length, InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE));
      }
      return walk(family, cursor, to, read, at);
    } finally {
      read.release();
    }
  }

  private ReadState pin(ColumnFamilyState family) {
    int token = gate.enter();
    try {
      return family.readState().retain();
    } finally {
      gate.exit(token);
    }
  }

  private static long walk(
      ColumnFamilyState family, InternalIterator cursor, byte[] to, ReadState read, long at) {
    byte[] key = null;
    long keys = 0;
    for (; cursor.isValid(); cursor.next()) {
      int start = cursor.keyOffset();
      int end = start + cursor.keyLength();
      byte[] array = cursor.keyArray();
      if (to != null && Arrays.compareUnsigned(array, start, end, to, 0, to.length) >= 0) {
        break;
      }
      boolean older = key != null && Arrays.equals(array, start, end, key, 0, key.length);
      if (older || InternalKey.sequence(cursor.trailer()) > at) {
        continue;
      }
      key = Arrays.copyOfRange(array, start, end);
      if (isLive(family, cursor.trailer(), key, read, at)) {
        keys++;
      }
    }
    return keys;
  }

  private static boolean isLive(
      ColumnFamilyState family, long trailer, byte[] key, ReadState read, long at) {
    int kind = InternalKey.kind(trailer);
    if (ValueKind.isTombstone(kind)
        || InternalKey.sequence(trailer) < read.covering(key, 0, key.length, at)) {
      return false;
    }
    if (kind == ValueKind.PUT_EXPIRING) {
      throw new InvalidOptionsException(
          "the column family "
              + family.name()
              + " holds a value that expires, which cannot be counted; open it without"
              + " countEntries, and delete or overwrite such values first");
    }
    return true;
  }
}
