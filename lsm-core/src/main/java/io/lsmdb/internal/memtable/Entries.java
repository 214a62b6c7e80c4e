package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.LookupResult;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The entries of a memtable: one per user key, each with its key and the newest of its versions.
 *
 * <p>One writer; lock-free readers. Owned by the memtable, which releases it.
 *
 * <p>An entry is one long, {@code key reference << 32 | head reference}: the key reference names
 * the oldest version, whose record also holds the key, and never changes; the head names the newest
 * version. See {@link VersionChain} for the records.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An entry is complete, and its first version readable, before its number is released through
 *       the list or the hash index.
 *   <li>A newer version is complete before the head that names it is released; readers acquire the
 *       head. The old head stays reachable as the new one's predecessor as long as somebody may
 *       need it: whoever reads either head finds each version that it may ask for.
 * </ol>
 */
final class Entries {
  /** The number of the first entry. */
  static final int FIRST = 1;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int SHIFT = 13;
  private static final int MASK = (1 << SHIFT) - 1;

  private final PayloadArena payload;
  private final VersionChain chain;
  private final LongArena words;

  Entries(ChunkPool pool, MemTablePins readers) {
    payload = new PayloadArena(pool);
    chain = new VersionChain(payload, readers);
    words = new LongArena(pool, 1, SHIFT, 32);
  }

  /** Stores a key with its first version (writer only) and returns the entry's number. */
  int create(
      long trailer,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    words.reserve(1);
    int first = chain.first(trailer, key, keyOffset, keyLength, value, valueOffset, valueLength);
    int entry = words.allocate();
    words.segment(entry >>> SHIFT)[entry & MASK] = pack(first, first);
    return entry;
  }

  /**
   * Stores a newer version of an entry (writer only) and makes it the head.
   *
   * @param replaces see {@link VersionChain#append}
   */
  void append(
      int entry, long trailer, byte[] value, int valueOffset, int valueLength, boolean replaces) {
    long[] segment = words.segment(entry >>> SHIFT);
    long word = segment[entry & MASK];
    int version =
        chain.append(head(word), key(word), trailer, value, valueOffset, valueLength, replaces);
    WORD.setRelease(segment, entry & MASK, pack(key(word), version));
  }

  /** The number that the entry after an entry has, or will have. */
  int following(int entry) {
    return words.following(entry);
  }

  /** An entry's key and newest version, acquired together. */
  long word(int entry) {
    return (long) WORD.getAcquire(words.segment(entry >>> SHIFT), entry & MASK);
  }

  private static long pack(int key, int head) {
    return (long) key << 32 | head & 0xFFFFFFFFL;
  }

  /** The key reference of a {@link #word}; also that of its oldest version. */
  static int key(long word) {
    return (int) (word >>> 32);
  }

  /** The newest version's reference of a {@link #word}. */
  static int head(long word) {
    return (int) word;
  }

  /** An entry's key reference, which never changes; a plain read. */
  int keyOf(int entry) {
    return (int) (words.segment(entry >>> SHIFT)[entry & MASK] >>> 32);
  }

  /** Compares the key of a reference with another key, as unsigned bytes. */
  int compareKey(int keyReference, byte[] key, int offset, int length) {
    byte[] array = payload.array(keyReference);
    int record = PayloadArena.offset(keyReference);
    return Bytes.compare(
        array,
        VersionRecord.keyStart(array, record),
        VersionRecord.keyLength(array, record),
        key,
        offset,
        length);
  }

  /** Compares the keys of two entries, as unsigned bytes. */
  int compareKeys(int entry, int other) {
    int reference = keyOf(other);
    byte[] array = payload.array(reference);
    int record = PayloadArena.offset(reference);
    int length = VersionRecord.keyLength(array, record);
    return compareKey(keyOf(entry), array, VersionRecord.keyStart(array, record), length);
  }

  /**
   * Reads from the keys of some entries. They lie anywhere, and so all of them wait for memory
   * together; a number that depends on all.
   */
  int touchKeys(int[] numbers, int from, int end) {
    int sum = 0;
    for (int i = from; i < end; i++) {
      int reference = keyOf(numbers[i]);
      sum += VersionRecord.lengths(payload.array(reference), PayloadArena.offset(reference));
    }
    return sum;
  }

  /** Whether an entry's key is the given one. */
  boolean keyEquals(int entry, byte[] key, int offset, int length) {
    int reference = keyOf(entry);
    byte[] array = payload.array(reference);
    int record = PayloadArena.offset(reference);
    return Bytes.equal(
        array,
        VersionRecord.keyStart(array, record),
        VersionRecord.keyLength(array, record),
        key,
        offset,
        length);
  }

  /** Eight bytes of the key of a reference after a skip; see {@link Nodes}. */
  long keyPrefix(int keyReference, int skip) {
    byte[] array = payload.array(keyReference);
    int record = PayloadArena.offset(keyReference);
    return Nodes.prefix(
        array, VersionRecord.keyStart(array, record), VersionRecord.keyLength(array, record), skip);
  }

  /** How many leading bytes two keys share. */
  int sharedBytes(int keyReference, int otherReference) {
    byte[] a = payload.array(keyReference);
    byte[] b = payload.array(otherReference);
    int aRecord = PayloadArena.offset(keyReference);
    int bRecord = PayloadArena.offset(otherReference);
    int aStart = VersionRecord.keyStart(a, aRecord);
    int bStart = VersionRecord.keyStart(b, bRecord);
    int shorter =
        Math.min(VersionRecord.keyLength(a, aRecord), VersionRecord.keyLength(b, bRecord));
    int mismatch = Arrays.mismatch(a, aStart, aStart + shorter, b, bStart, bStart + shorter);
    return mismatch < 0 ? shorter : mismatch;
  }

  /** Finds an entry's newest version at or below a trailer; false when it has none. */
  boolean get(int entry, long searchTrailer, LookupResult out) {
    long word = word(entry);
    int oldest = key(word);
    return set(oldest, chain.newestAtOrBelow(head(word), oldest, searchTrailer), out);
  }

  /**
   * Finds the newest version at or below a trailer of the key of which {@link #get} has found a
   * newer one; false when it has none.
   */
  boolean getOlder(long searchTrailer, LookupResult found) {
    int oldest = key(found.place);
    int version = head(found.place);
    if (version == oldest) {
      return false;
    }
    int next = chain.previous(version);
    return set(oldest, chain.newestAtOrBelow(next, oldest, searchTrailer), found);
  }

  private boolean set(int oldest, int version, LookupResult out) {
    if (version == 0) {
      return false;
    }
    byte[] array = payload.array(version);
    int record = PayloadArena.offset(version);
    long trailer = VersionRecord.trailer(array, record);
    if (version == oldest) {
      out.set(
          trailer,
          array,
          VersionRecord.firstValueStart(array, record),
          VersionRecord.firstValueLength(array, record));
    } else {
      out.set(
          trailer,
          array,
          VersionRecord.laterValueStart(record),
          VersionRecord.laterValueLength(array, record));
    }
    out.place = pack(oldest, version);
    return true;
  }

  PayloadArena payload() {
    return payload;
  }

  VersionChain chain() {
    return chain;
  }

  /** Bytes held; for any thread. */
  long bytes() {
    return payload.bytes() + words.bytes();
  }

  /** Gives everything back; nobody may read any more. */
  void release() {
    payload.release();
    words.release();
  }
}
