package io.lsmdb.internal.engine;

import io.lsmdb.InvalidOptionsException;
import io.lsmdb.ReadOptions;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;

/**
 * How many keys of a family have a value.
 *
 * <p>Changed by the commit leader alone (and by the opening, before there is one); {@link #now()}
 * may be called by all threads. Owned by its family.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The leader counts each operation before it inserts it, against all that is before it, the
 *       earlier operations of its group included.
 *   <li>The change by a group shows when the group becomes visible, neither earlier nor later.
 *   <li>Nothing but an operation makes a key appear or vanish: what expires, is filtered or is
 *       dropped with its file is refused for the family.
 * </ol>
 */
final class EntryCount {
  /**
   * The count before and after a group.
   *
   * @param group the group's first sequence
   */
  private record Count(long group, long before, long after) {}

  private final EngineContext context;
  private final ColumnFamilyState family;
  private final LookupResult scratch = new LookupResult();

  private volatile Count count = new Count(0, 0, 0);

  /** Starts the count of an empty family. */
  EntryCount(EngineContext context, ColumnFamilyState family) {
    this.context = context;
    this.family = family;
  }

  /** Counts what the families that count hold when the store is opened. */
  static void countAll(EngineContext context) {
    for (ColumnFamilyState family : context.families().all()) {
      EntryCount entries = family.entryCount();
      if (entries != null) {
        long at = context.applier().visibleSequence();
        long found = entries.scan(new byte[0], null, at);
        entries.count = new Count(at, found, found);
      }
    }
  }

  /** The count as of what is visible now. */
  long now() {
    while (true) {
      Count newest = count;
      if (context.applier().visibleSequence() < newest.group) {
        return newest.before;
      }
      if (newest.equals(count)) { // else it was made in the midst of a group that is visible by now
        return newest.after;
      }
    }
  }

  /**
   * Counts an operation that is about to be inserted.
   *
   * @param operation stands on it
   * @param bytes what the operation is read from
   * @param sequence its sequence
   * @param group the first sequence of its group
   */
  void add(BatchReader operation, byte[] bytes, long sequence, long group) {
    long change = change(operation, bytes, sequence - 1);
    if (change != 0) {
      Count last = count;
      long before = last.group == group ? last.before : last.after;
      count = new Count(group, before, last.after + change);
    }
  }

  private long change(BatchReader operation, byte[] bytes, long at) {
    int offset = operation.keyOffset();
    int length = operation.keyLength();
    if (operation.kind() == ValueKind.RANGE_DELETE) {
      int end = operation.valueOffset();
      int endLength = operation.valueLength();
      byte[] from = Arrays.copyOfRange(bytes, offset, offset + length);
      byte[] to = endLength == 0 ? null : Arrays.copyOfRange(bytes, end, end + endLength);
      return -scan(from, to, at);
    }
    boolean after = ValueKind.isVisible(operation.kind());
    if (after == isPresent(bytes, offset, length, at)) {
      return 0;
    }
    return after ? 1 : -1;
  }

  private boolean isPresent(byte[] key, int offset, int length, long at) {
    int token = context.gate().enter();
    try {
      return family.lookup().contains(family.readState(), key, offset, length, at, scratch);
    } finally {
      context.gate().exit(token);
    }
  }

  /** Counts the keys of a range by a walk; no operand is folded on it. */
  private long scan(byte[] from, byte[] to, long at) {
    ReadState read = pin();
    try (InternalIterator cursor = Reads.cursor(context, family, ReadOptions.DEFAULT, read, at)) {
      if (from.length == 0) {
        cursor.seekToFirst();
      } else {
        cursor.seek(from, 0, from.length, InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE));
      }
      return walk(cursor, to, read, at);
    } finally {
      read.release();
    }
  }

  private ReadState pin() {
    int token = context.gate().enter();
    try {
      return family.readState().retain();
    } finally {
      context.gate().exit(token);
    }
  }

  private long walk(InternalIterator cursor, byte[] to, ReadState read, long at) {
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
      if (isLive(cursor.trailer(), key, read, at)) {
        keys++;
      }
    }
    return keys;
  }

  private boolean isLive(long trailer, byte[] key, ReadState read, long at) {
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
