package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;

/**
 * The layout of one version's record in the payload arena. Stateless.
 *
 * <p>The oldest version's record carries the key; the others carry links:
 *
 * <pre>
 *   first:  trailer 8 | lengths 4             | key | value     key &lt; 4095, value &lt; 1 MiB - 1 bytes
 *           trailer 8 | -1 4 | key 4, value 4 | key | value     otherwise
 *   later:  trailer 8 | previous 4 | jump 4 | depth 4 | value length 4 | value
 * </pre>
 *
 * <p>{@link VersionChain} tells how the links go.
 */
final class VersionRecord {
  static final int LENGTHS = 8;
  static final int COMPACT_KEY = 12;
  static final int WIDE_KEY_LENGTH = 12;
  static final int WIDE_VALUE_LENGTH = 16;
  static final int WIDE_KEY = 20;
  static final int WIDE = -1;
  static final int COMPACT_KEY_LIMIT = 0xFFF;
  static final int COMPACT_VALUE_LIMIT = 0xFFFFF;
  static final int VALUE_BITS = 20;

  static final int PREVIOUS = 8;
  static final int JUMP = 12;
  static final int DEPTH = 16;
  static final int VALUE_LENGTH = 20;
  static final int VALUE = 24;

  /** The most that a record takes besides key and value, in bytes. */
  static final int MAX_OVERHEAD = 24;

  private VersionRecord() {}

  static long trailer(byte[] array, int record) {
    return Bytes.getLong(array, record);
  }

  /** The packed lengths of a first version's record. */
  static int lengths(byte[] array, int record) {
    return Bytes.getInt(array, record + LENGTHS);
  }

  static int keyLength(byte[] array, int record) {
    int lengths = lengths(array, record);
    return lengths == WIDE ? Bytes.getInt(array, record + WIDE_KEY_LENGTH) : lengths >>> VALUE_BITS;
  }

  static int keyStart(byte[] array, int record) {
    return record + (Bytes.getInt(array, record + LENGTHS) == WIDE ? WIDE_KEY : COMPACT_KEY);
  }

  static int firstValueStart(byte[] array, int record) {
    return keyStart(array, record) + keyLength(array, record);
  }

  static int firstValueLength(byte[] array, int record) {
    int lengths = Bytes.getInt(array, record + LENGTHS);
    return lengths == WIDE
        ? Bytes.getInt(array, record + WIDE_VALUE_LENGTH)
        : lengths & COMPACT_VALUE_LIMIT;
  }

  /** Bytes of a later version's record. */
  static int laterRecordBytes(byte[] array, int record) {
    return VALUE + laterValueLength(array, record);
  }

  static int laterValueStart(int record) {
    return record + VALUE;
  }

  static int laterValueLength(byte[] array, int record) {
    return Bytes.getInt(array, record + VALUE_LENGTH);
  }

  /** Takes the version below another one out of the chain; both have records of later versions. */
  static void unlinkBelow(PayloadArena payload, int newer) {
    byte[] array = payload.array(newer);
    int link = PayloadArena.offset(newer) + PREVIOUS;
    int below = Bytes.getInt(array, link);
    int next = Bytes.getInt(payload.array(below), PayloadArena.offset(below) + PREVIOUS);
    Bytes.putInt(array, link, next);
  }
}
