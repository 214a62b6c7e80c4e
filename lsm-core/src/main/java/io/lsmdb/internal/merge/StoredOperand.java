package io.lsmdb.internal.merge;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Varints;

/**
 * The value of a merge entry as memtables and tables hold it: a span, then the operand.
 *
 * <p>Stateless. The span, a varint of at least 1, says how many sequence numbers the operand stands
 * for: an entry of sequence {@code s} and span {@code n} is the combination of all operands of its
 * key with sequences {@code s - n + 1} to {@code s}, and there is no other version of the key in
 * that range that it does not stand for. Whoever reads the entry goes on below {@code s - n + 1}.
 * The operand of a single merge has the span 1, which the log leaves out.
 *
 * <p>Because of the span, operands can be combined while the originals are still needed: a snapshot
 * between them keeps the older entries, and a reader of now passes over them.
 */
public final class StoredOperand {
  /** Longest span in encoded form, in bytes. */
  public static final int MAX_SPAN_BYTES = Varints.MAX_LONG_BYTES;

  private StoredOperand() {}

  /**
   * Where the operand starts.
   *
   * @param value holds the entry's value
   * @param offset where that starts
   * @param length its length in bytes
   * @return bytes that the span takes; -1 if it is malformed
   */
  public static int spanBytes(byte[] value, int offset, int length) {
    int end = Varints.end(value, offset, offset + length, MAX_SPAN_BYTES);
    return end < 0 || Varints.readLong(value, offset) <= 0 ? -1 : end - offset;
  }

  /**
   * Reads the span of a well-formed value.
   *
   * @param value holds the entry's value
   * @param offset where that starts
   * @return at least 1
   */
  public static long span(byte[] value, int offset) {
    return Varints.readLong(value, offset);
  }

  /**
   * Whether a value may be that of a merge entry.
   *
   * @param sequence of the entry
   * @param value holds its value
   * @param offset where that starts
   * @param length its length in bytes
   * @return false if there is no span, or one that reaches below the first sequence
   */
  public static boolean isWellFormed(long sequence, byte[] value, int offset, int length) {
    return spanBytes(value, offset, length) >= 0 && span(value, offset) <= sequence;
  }

  /**
   * The largest sequence that a merge entry does not stand for.
   *
   * @param sequence of the entry
   * @param value holds its value
   * @param offset where that starts
   * @param length its length in bytes
   * @return below {@code sequence}, at least 0
   * @throws CorruptionException if the value is malformed
   */
  public static long below(long sequence, byte[] value, int offset, int length) {
    if (!isWellFormed(sequence, value, offset, length)) {
      throw new CorruptionException(
          "a table or memtable", -1, "malformed merge operand of sequence " + sequence);
    }
    return sequence - span(value, offset);
  }

  /**
   * Encodes a value.
   *
   * @param span at least 1
   * @param operand holds the operand
   * @param offset where it starts
   * @param length its length in bytes
   * @return span and operand
   */
  public static byte[] encode(long span, byte[] operand, int offset, int length) {
    byte[] value = new byte[Varints.size(span) + length];
    int at = Varints.writeLong(span, value, 0);
    System.arraycopy(operand, offset, value, at, length);
    return value;
  }
}
