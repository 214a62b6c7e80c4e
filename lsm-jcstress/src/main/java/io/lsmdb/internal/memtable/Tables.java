package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;

/** What the memtable's stress tests share: tables of small keys whose values repeat the key. */
final class Tables {
  /** A search trailer that finds the newest version. */
  static final long NEWEST = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private static final ChunkPool POOL = new ChunkPool(0);

  private Tables() {}

  /**
   * A table with the keys 2, 4, ... 2 * count, after a common prefix, at the sequences 1 to count.
   */
  static MemTable even(String prefix, int count) {
    return even(prefix, count, true);
  }

  /** As the other method, also for a table that puts its keys in order when a cursor seeks. */
  static MemTable even(String prefix, int count, boolean orderAtOnce) {
    MemTable table = new MemTable(POOL, orderAtOnce, MemTablePins.UNKNOWN);
    for (int i = 1; i <= count; i++) {
      put(table, i, key(prefix, 2 * i), i);
    }
    return table;
  }

  static byte[] key(String prefix, int number) {
    byte[] key = new byte[prefix.length() + 1];
    for (int i = 0; i < prefix.length(); i++) {
      key[i] = (byte) prefix.charAt(i);
    }
    key[prefix.length()] = (byte) number;
    return key;
  }

  /** Adds a version whose value is the key and a mark. */
  static void put(MemTable table, long sequence, byte[] key, int mark) {
    byte[] value = new byte[key.length + 1];
    System.arraycopy(key, 0, value, 0, key.length);
    value[key.length] = (byte) mark;
    long trailer = InternalKey.trailer(sequence, ValueKind.PUT);
    table.add(trailer, key, 0, key.length, value, 0, value.length);
  }

  /** The mark of the version that a lookup finds; 0 for none, -1 for a damaged one. */
  static int get(MemTable table, byte[] key, long searchTrailer) {
    LookupResult out = new LookupResult();
    if (!table.get(key, 0, key.length, searchTrailer, out)) {
      return 0;
    }
    return mark(key, out.valueArray, out.valueOffset, out.valueLength);
  }

  /** The mark of the version that a seek finds; 0 for none, -1 for a damaged one. */
  static int seek(MemTable table, byte[] key, long searchTrailer) {
    try (InternalIterator it = table.iterator()) {
      it.seek(key, 0, key.length, searchTrailer);
      if (!it.isValid() || it.keyLength() != key.length) {
        return 0;
      }
      for (int i = 0; i < key.length; i++) {
        if (it.keyArray()[it.keyOffset() + i] != key[i]) {
          return 0;
        }
      }
      return mark(key, it.valueArray(), it.valueOffset(), it.valueLength());
    }
  }

  private static int mark(byte[] key, byte[] value, int offset, int length) {
    if (length != key.length + 1) {
      return -1;
    }
    for (int i = 0; i < key.length; i++) {
      if (value[offset + i] != key[i]) {
        return -1;
      }
    }
    return value[offset + key.length];
  }

  /** How many keys with an even number a scan finds; -1 if it leaves the order. */
  static int evenForward(MemTable table) {
    int found = 0;
    int last = 0;
    try (InternalIterator it = table.iterator()) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        int number = number(it);
        if (number <= last) {
          return -1;
        }
        last = number;
        found += 1 - (number & 1);
      }
    }
    return found;
  }

  /** As {@link #evenForward}, from the last key to the first. */
  static int evenBackward(MemTable table) {
    int found = 0;
    int last = Integer.MAX_VALUE;
    try (InternalIterator it = table.iterator()) {
      for (it.seekToLast(); it.isValid(); it.prev()) {
        int number = number(it);
        if (number >= last) {
          return -1;
        }
        last = number;
        found += 1 - (number & 1);
      }
    }
    return found;
  }

  private static int number(InternalIterator it) {
    return it.keyArray()[it.keyOffset() + it.keyLength() - 1];
  }
}
