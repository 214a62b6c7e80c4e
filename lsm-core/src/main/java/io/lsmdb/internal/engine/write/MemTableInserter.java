package io.lsmdb.internal.engine.write;

import io.lsmdb.MergeException;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.merge.Folding;
import io.lsmdb.internal.merge.Operands;
import io.lsmdb.internal.merge.StoredOperand;
import io.lsmdb.internal.range.LiveRangeTombstones;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The step of one operation from its batch into a memtable, for commits and for the replay of the
 * log alike.
 *
 * <p>Used by one thread at a time.
 *
 * <p>A small operand of an associative operator is combined at once with the version that the
 * memtable holds of its key, if that is small too. Otherwise the operands of a hot counter would
 * pile up until the next flush, and each read would have to add them all. The versions below remain
 * as long as somebody may read at an older sequence; then their memory is used again. A put that is
 * to expire is not combined with: operands do not expire with it. Neither is what a range tombstone
 * has deleted.
 */
public final class MemTableInserter {
  /**
   * The longest operand or value that is combined as soon as it is written, in bytes: enough for
   * counters and aggregates, while appending to a list never copies more than this.
   */
  static final int MAX_COMBINED_BYTES = 64;

  /** Longer operands are encoded when memory is reserved, in bytes. */
  private static final int MAX_UNRESERVED_OPERAND = 16 << 10;

  private final LookupResult head = new LookupResult();
  private final Operands operands = new Operands();

  /** Operands in their stored form, in the order in which they are going to be added. */
  private final ArrayDeque<byte[]> largeOperands = new ArrayDeque<>();

  // The operation that is being added.
  private BatchReader operation;
  private byte[] bytes;

  /**
   * Allocates memory for the key and value of an operation that is going to be added. To be called
   * for all operations of a group, in their order, before the first is added.
   *
   * @param table where it goes
   * @param reader stands on the operation
   * @param array what the reader reads from
   */
  void reserve(MemTable table, BatchReader reader, byte[] array) {
    int length = reader.valueLength();
    if (reader.kind() == ValueKind.RANGE_DELETE) {
      return;
    }
    if (reader.kind() == ValueKind.MERGE) {
      if (length > MAX_UNRESERVED_OPERAND) {
        largeOperands.add(StoredOperand.encode(1, array, reader.valueOffset(), length));
      }
      length += StoredOperand.MAX_SPAN_BYTES;
    }
    table.reserve(reader.keyLength(), length);
  }

  /** Releases what was reserved and not used. */
  void endReservation() {
    largeOperands.clear();
  }

  /**
   * Adds the operation that a reader stands on. If there is no memory, nothing has been changed,
   * and the call may be repeated.
   *
   * @param family the family it goes to
   * @param sequence its sequence
   * @param reader stands on the operation
   * @param array what the reader reads from
   */
  public void add(ColumnFamilyState family, long sequence, BatchReader reader, byte[] array) {
    operation = reader;
    bytes = array;
    MemTable table = family.readState().mutable().table();
    int kind = reader.kind();
    if (kind == ValueKind.MERGE) {
      merge(family.folding(), table, sequence);
    } else if (kind == ValueKind.RANGE_DELETE) {
      deleteRange(table, sequence);
    } else {
      add(table, sequence, kind, array, reader.valueOffset(), reader.valueLength());
    }
  }

  private void add(MemTable table, long sequence, int kind, byte[] value, int offset, int length) {
    table.add(
        InternalKey.trailer(sequence, kind),
        bytes,
        operation.keyOffset(),
        operation.keyLength(),
        value,
        offset,
        length);
  }

  private void deleteRange(MemTable table, long sequence) {
    int keyOffset = operation.keyOffset();
    int endOffset = operation.valueOffset();
    int endLength = operation.valueLength();
    byte[] from = Arrays.copyOfRange(bytes, keyOffset, keyOffset + operation.keyLength());
    byte[] to = endLength == 0 ? null : Arrays.copyOfRange(bytes, endOffset, endOffset + endLength);
    table.deleteRange(sequence, from, to);
  }

  private void merge(Folding folding, MemTable table, long sequence) {
    int length = operation.valueLength();
    int entry = 0;
    if (length <= MAX_COMBINED_BYTES && folding.isAssociative()) {
      entry = table.find(bytes, operation.keyOffset(), operation.keyLength());
    }
    if (entry == 0 || !combine(folding, table, entry, sequence)) {
      byte[] operand = reservedOperand(length);
      if (operand == null) {
        operand = StoredOperand.encode(1, bytes, operation.valueOffset(), length);
      }
      add(table, sequence, ValueKind.MERGE, operand, 0, operand.length);
      if (length > MAX_UNRESERVED_OPERAND) {
        largeOperands.pollFirst();
      }
    }
  }

  private byte[] reservedOperand(int length) {
    return length > MAX_UNRESERVED_OPERAND ? largeOperands.peekFirst() : null;
  }

  /** Adds the operand together with the version below it; false if that cannot be. */
  private boolean combine(Folding folding, MemTable table, int entry, long sequence) {
    int keyOffset = operation.keyOffset();
    int keyLength = operation.keyLength();
    table.newest(entry, head);
    if (head.valueLength > MAX_COMBINED_BYTES
        || InternalKey.kind(head.trailer) == ValueKind.PUT_EXPIRING
        || isDeleted(table, keyOffset, keyLength)) {
      return false;
    }
    operands.start(bytes, keyOffset, keyLength);
    operands.takeNew(sequence, bytes, operation.valueOffset(), operation.valueLength());
    operands.take(head.trailer, head.valueArray, head.valueOffset, head.valueLength);
    boolean settled = operands.isSettled();
    byte[] value = folded(folding, settled);
    if (value == null || value.length > MAX_COMBINED_BYTES) {
      return false;
    }
    int kind = settled ? ValueKind.PUT : ValueKind.MERGE;
    table.addTo(entry, InternalKey.trailer(sequence, kind), keyLength, value, 0, value.length);
    return true;
  }

  /** The combined value or operand; null if that fails, and the operand stands for itself. */
  private byte[] folded(Folding folding, boolean settled) {
    try {
      return settled ? folding.value(operands) : folding.combined(operands);
    } catch (MergeException | OutOfMemoryError e) {
      return null; // the read that needs the value reports the failure
    }
  }

  /** Whether a range tombstone hides the version found: the operand does not go on from there. */
  private boolean isDeleted(MemTable table, int keyOffset, int keyLength) {
    LiveRangeTombstones ranges = table.rangeTombstones();
    return ranges != null
        && ranges.covering(bytes, keyOffset, keyLength, InternalKey.MAX_SEQUENCE)
            > InternalKey.sequence(head.trailer);
  }
}
