package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.iterator.InternalIterator;

/**
 * A key that a cursor has left, or stands on.
 *
 * <p>Not thread-safe. After {@link #note}, a key of 8 to 16 bytes is known by two words alone: its
 * first eight bytes, and its last. That is enough for {@link #matches}, which a scan asks for each
 * entry, and cheaper than a copy.
 */
final class SavedKey {
  private byte[] bytes = Bytes.EMPTY;
  private int length;
  private long head;
  private long tail;

  /** Copies a cursor's key. */
  void copy(InternalIterator cursor) {
    copy(cursor.keyArray(), cursor.keyOffset(), cursor.keyLength());
  }

  /** Copies a key. */
  void copy(byte[] key, int offset, int n) {
    copyBytes(key, offset, n);
    takeWords(key, offset, n);
  }

  /** Takes as much of a cursor's key as {@link #matches} needs. */
  void note(InternalIterator cursor) {
    byte[] key = cursor.keyArray();
    int offset = cursor.keyOffset();
    int n = cursor.keyLength();
    if (n < Long.BYTES || n > 2 * Long.BYTES) {
      copyBytes(key, offset, n);
    }
    takeWords(key, offset, n);
  }

  private void copyBytes(byte[] key, int offset, int n) {
    if (bytes.length < n) {
      bytes = new byte[Math.max(64, n * 2)];
    }
    System.arraycopy(key, offset, bytes, 0, n);
  }

  private void takeWords(byte[] key, int offset, int n) {
    length = n;
    if (n >= Long.BYTES) {
      head = Bytes.getLong(key, offset);
      tail = Bytes.getLong(key, offset + n - Long.BYTES);
    }
  }

  /** Whether a cursor's key is this one; the last bytes tell most often. */
  boolean matches(InternalIterator cursor) {
    int n = cursor.keyLength();
    if (n != length) {
      return false;
    }
    byte[] key = cursor.keyArray();
    int offset = cursor.keyOffset();
    if (n < Long.BYTES) {
      return Bytes.equal(key, offset, n, bytes, 0, n);
    }
    return Bytes.getLong(key, offset + n - Long.BYTES) == tail
        && Bytes.getLong(key, offset) == head
        && (n <= 2 * Long.BYTES || Bytes.equal(key, offset, n, bytes, 0, n));
  }

  /** Holds the key from offset 0 on, after {@link #copy}. */
  byte[] bytes() {
    return bytes;
  }

  /** Length of the key. */
  int length() {
    return length;
  }
}
