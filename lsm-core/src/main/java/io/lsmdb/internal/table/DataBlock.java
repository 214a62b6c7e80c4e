package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.base.Varints;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.merge.StoredOperand;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A decoded data block: sorted entries with an offset array and a hash index.
 *
 * <p>Immutable while it is read, by any number of threads. When it has left the cache, its array
 * may be taken for another block: once the lookups that may have found it have ended, unless a
 * cursor {@link #hold holds} it, which reads longer than a lookup.
 *
 * <p>Invariant: an instance exists only once every length, offset, kind and sequence in it has been
 * checked, what its kind demands of a value, and the strict order of the entries, so that reads
 * need no checks of their own, and cursors always move on. What is not checked is the content of
 * the hash slots, which can make an answer wrong; a cursor, which goes on from where a slot leads,
 * asks {@link #areSlotsSound} first.
 */
final class DataBlock extends ShardedBlockCache.CachedBlock implements BlockBufferPool.Lender {
  /** Answer of {@link DataBlockSearch#find}: the table has no such entry. */
  static final int ABSENT = -1;

  /**
   * Answer of {@link DataBlockSearch#find}: not in this block, but the following one may begin with
   * it.
   */
  static final int BEYOND = -2;

  /** Answer of {@link #newestVisible}: only an older version may be visible. */
  static final int OLDER = -3;

  /** Bytes of the fixed end. Frozen. */
  static final int TAIL_BYTES = 24;

  // Distances from the start of the tail. Frozen.
  static final int TAIL_BASE = 0;
  static final int TAIL_COUNT = 8;
  static final int TAIL_SLOTS = 12;
  static final int TAIL_PREFIX = 16;
  static final int TAIL_SEQUENCE_BYTES = 20;
  static final int TAIL_OFFSET_BYTES = 21;
  static final int TAIL_SLOT_BYTES = 22;
  static final int TAIL_RESERVED = 23;

  /** Offsets below this fit slots of three bytes. Frozen. */
  static final int SMALL_SLOT_LIMIT = (1 << 16) - 1;

  /** Offsets below this fit slots of four bytes; larger blocks have no slots. Frozen. */
  static final int LARGE_SLOT_LIMIT = (1 << 24) - 1;

  /** In place of a number of holders: the array is another block's. */
  private static final int TAKEN = -1;

  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(DataBlock.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final byte SLOTS_UNKNOWN = 0;
  private static final byte SLOTS_SOUND = 1;
  private static final byte SLOTS_BAD = 2;

  private volatile int holders;

  /** Written by any thread, all of which find the same. */
  private byte slotState;

  /** Begins with the block's bytes, which are not written to while the block is read. */
  final byte[] data;

  /** Number of entries. */
  final int count;

  /** Bytes that all keys begin with; they stand at the start of {@link #data}, then the entries. */
  final int prefixLength;

  /** Where the entries end, and the array of their offsets starts. */
  final int entriesEnd;

  private final boolean wideOffsets;
  private final int firstKeyLength; // kept here to spare a cache miss
  private final int slotsAt;
  private final int slotCount;
  private final int slotBytes;
  private final int slotMask; // of the offset in a slot
  private final int sequenceBytes;
  private final long sequenceMask;
  private final long baseSequence;

  /**
   * Decodes and checks a block.
   *
   * @param place where it came from, for errors
   * @param data begins with the content
   * @param size length of the content
   */
  DataBlock(BlockTrailer.Place place, byte[] data, int size) {
    super(data.length);
    int tail = size - TAIL_BYTES;
    check(tail > 0, place);
    this.data = data;
    baseSequence = Bytes.getLong(data, tail + TAIL_BASE);
    count = Bytes.getInt(data, tail + TAIL_COUNT);
    slotCount = Bytes.getInt(data, tail + TAIL_SLOTS);
    prefixLength = Bytes.getInt(data, tail + TAIL_PREFIX);
    sequenceBytes = data[tail + TAIL_SEQUENCE_BYTES];
    int offsetBytes = data[tail + TAIL_OFFSET_BYTES];
    slotBytes = data[tail + TAIL_SLOT_BYTES];
    check(count > 0 && count <= tail && slotCount >= 0 && slotCount <= tail, place);
    check(prefixLength >= 0 && prefixLength <= InternalKey.MAX_KEY_LENGTH, place);
    check(sequenceBytes >= 0 && sequenceBytes <= 7, place);
    check(baseSequence >= 0 && baseSequence <= InternalKey.MAX_SEQUENCE, place);
    check(offsetBytes == 2 || offsetBytes == 4, place);
    check(slotBytes == 3 || slotBytes == 4, place);
    check(data[tail + TAIL_RESERVED] == 0, place);
    check(count == 1 || size <= BlockTrailer.MAX_DATA_BYTES, place);
    wideOffsets = offsetBytes == 4;
    slotMask = slotBytes == 3 ? 0xFFFF : 0xFFFFFF;
    sequenceMask = (1L << (8 * sequenceBytes)) - 1;
    long arrays = (long) count * offsetBytes + (long) slotCount * slotBytes;
    check(arrays <= tail - prefixLength, place);
    entriesEnd = tail - (int) arrays;
    slotsAt = entriesEnd + count * offsetBytes;
    checkEntries(place);
    firstKeyLength = prefixLength + varint(prefixLength);
  }

  /**
   * Keeps the block as it is until {@link #letGo} is called. Who never calls that leaves the array
   * to the collector.
   *
   * @return false if it was too late; nothing in the block may be read then
   */
  boolean hold() {
    int before;
    do {
      before = holders;
      if (before == TAKEN) {
        return false;
      }
    } while (!HOLDERS.compareAndSet(this, before, before + 1));
    return true;
  }

  /** Ends one {@link #hold}. */
  void letGo() {
    HOLDERS.getAndAdd(this, -1);
  }

  @Override
  BlockBufferPool.Lender lender() {
    return this;
  }

  @Override
  public byte[] array() {
    return data;
  }

  @Override
  public byte[] takeArray() {
    return HOLDERS.compareAndSet(this, 0, TAKEN) ? data : null;
  }

  private static void check(boolean fine, BlockTrailer.Place place) {
    if (!fine) {
      throw place.corrupt("malformed data block");
    }
  }

  private void checkEntries(BlockTrailer.Place place) {
    byte[] d = data;
    int end = entriesEnd;
    int maxSuffix = InternalKey.MAX_KEY_LENGTH - prefixLength;
    long maxDelta = InternalKey.MAX_SEQUENCE - baseSequence;
    int p = prefixLength;
    int lastAt = 0;
    int lastSuffix = -1; // of the entry before; none yet
    long lastTrailer = 0;
    for (int i = 0; i < count; i++) {
      check(offset(i) == p, place);
      check(end - p >= 3 + sequenceBytes, place);
      int suffix = d[p];
      int q = p + 1;
      if (suffix < 0) {
        q = checkedEnd(p, place);
        suffix = Varints.readInt(d, p);
      }
      int value = d[q];
      int r = q + 1;
      if (value < 0) {
        r = checkedEnd(q, place);
        value = Varints.readInt(d, q);
      }
      check(suffix >= 0 && suffix <= maxSuffix, place);
      check(value >= 0 && value <= InternalKey.MAX_VALUE_LENGTH, place);
      int left = end - r - 1 - sequenceBytes;
      check(left >= 0 && suffix <= left && value <= left - suffix, place);
      check((Bytes.getLong(d, r + 1) & sequenceMask) <= maxDelta, place);
      int at = suffixAt(r);
      long trailer = trailer(r);
      checkValue(trailer, at + suffix, value, place);
      if (lastSuffix >= 0) {
        int order = Bytes.compare(d, lastAt, lastSuffix, d, at, suffix);
        if (order > 0 || order == 0 && Long.compareUnsigned(lastTrailer, trailer) <= 0) {
          throw place.corrupt("entries out of order");
        }
      }
      lastAt = at;
      lastSuffix = suffix;
      lastTrailer = trailer;
      p = at + suffix + value;
    }
    check(p == end, place);
  }

  /** Checks that the kind of an entry is known, and its value of the form that the kind demands. */
  private void checkValue(long trailer, int at, int length, BlockTrailer.Place place) {
    int kind = InternalKey.kind(trailer);
    if (kind == ValueKind.MERGE) {
      check(StoredOperand.isWellFormed(InternalKey.sequence(trailer), data, at, length), place);
    } else {
      check(isSupported(kind, length), place);
    }
  }

  private static boolean isSupported(int kind, int valueLength) {
    return ValueKind.isSupported(kind)
        && (kind != ValueKind.PUT_EXPIRING || valueLength >= Expiry.BYTES);
  }

  /** The end of a varint of several bytes, which must be the shortest form. */
  private int checkedEnd(int at, BlockTrailer.Place place) {
    int end = Varints.end(data, at, entriesEnd, Varints.MAX_INT_BYTES);
    check(end >= 0, place);
    int number = Varints.readInt(data, at);
    check(number >= 0 && end - at == Varints.size(number), place);
    return end;
  }

  /**
   * Where an entry starts.
   *
   * @param entry its ordinal
   * @return offset in {@link #data}
   */
  int offset(int entry) {
    return wideOffsets
        ? Bytes.getInt(data, entriesEnd + 4 * entry)
        : Bytes.getShort(data, entriesEnd + 2 * entry);
  }

  /**
   * The ordinal of an entry.
   *
   * @param at where it starts
   * @return the reverse of {@link #offset}
   */
  int ordinalOf(int at) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offset(middle) < at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The trailer of an entry.
   *
   * @param kindAt where its kind stands
   * @return sequence and kind
   */
  long trailer(int kindAt) {
    long sequence = baseSequence + (Bytes.getLong(data, kindAt + 1) & sequenceMask);
    return sequence << 8 | data[kindAt] & 0xFFL;
  }

  /**
   * Where an entry's key suffix starts.
   *
   * @param kindAt where its kind stands
   * @return offset in {@link #data}
   */
  int suffixAt(int kindAt) {
    return kindAt + 1 + sequenceBytes;
  }

  /** Whether {@link #newestVisible} can be asked. */
  boolean hasSlots() {
    return slotCount > 0;
  }

  /**
   * Whether each slot is free or names the start of an entry: checked once.
   *
   * @return false only in a file that was not written by a table builder
   */
  boolean areSlotsSound() {
    if (slotState == SLOTS_UNKNOWN) {
      slotState = checkedSlots();
    }
    return slotState == SLOTS_SOUND;
  }

  private byte checkedSlots() {
    if (slotCount == 0) {
      return SLOTS_SOUND;
    }
    int last = offset(count - 1);
    long[] starts = new long[(last >>> 6) + 1]; // a bit for each offset
    for (int i = 0; i < count; i++) {
      int at = offset(i);
      starts[at >>> 6] |= 1L << at;
    }
    for (int slot = 0; slot < slotCount; slot++) {
      int at = (Bytes.getInt(data, slotsAt + slotBytes * slot) & slotMask) - 1;
      if (at > last || at >= 0 && (starts[at >>> 6] >>> at & 1) == 0) {
        return SLOTS_BAD;
      }
    }
    return SLOTS_SOUND;
  }

  /**
   * Whether the hash slots may find a key of some length: a guess from the block's first key.
   *
   * @param length the user key's
   * @return false if there are no slots, or keys seem to be of another length
   */
  boolean mayHoldExactly(int length) {
    return slotCount > 0 && length == firstKeyLength;
  }

  /**
   * Finds the newest version of a user key by way of the hash slots, which there must be.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param hash its hash
   * @param searchTrailer trailer to search with
   * @return the entry's offset, {@link #ABSENT}, or {@link #OLDER} if it is above the trailer
   */
  int newestVisible(byte[] key, int offset, int length, long hash, long searchTrailer) {
    int head = head(key, offset, length, hash);
    return head < 0 || Long.compareUnsigned(trailer(kindAfter(head)), searchTrailer) <= 0
        ? head
        : OLDER;
  }

  /** The offset of the newest version of a user key in this block, by way of the hash slots. */
  private int head(byte[] key, int offset, int length, long hash) {
    int shift = 8 * slotBytes - 8;
    int fingerprint = (int) hash & 0xFF;
    int slot = (int) ((hash >>> 32) * slotCount >>> 32);
    for (int probes = slotCount; probes > 0; probes--) {
      int content = Bytes.getInt(data, slotsAt + slotBytes * slot);
      int at = content & slotMask;
      if (at == 0) {
        return ABSENT;
      }
      if ((content >>> shift & 0xFF) == fingerprint && isKeyAt(at - 1, key, offset, length)) {
        return at - 1;
      }
      slot++;
      if (slot == slotCount) {
        slot = 0;
      }
    }
    return ABSENT;
  }

  /** Whether an entry with a user key starts at an offset that a slot names. Trusts nothing. */
  private boolean isKeyAt(int p, byte[] key, int offset, int length) {
    int limit = entriesEnd;
    if (p < prefixLength || p > limit - 3 - sequenceBytes) {
      return false;
    }
    int suffix = varint(p);
    if (suffix != length - prefixLength) {
      return false;
    }
    int q = p + width(suffix);
    int value = varint(q);
    int kindAt = q + width(value);
    int at = suffixAt(kindAt);
    return value >= 0
        && suffix <= limit - at
        && value <= limit - at - suffix
        && isSupported(data[kindAt] & 0xFF, value)
        && isSame(at, suffix, key, offset, length);
  }

  /**
   * Whether an entry has a user key.
   *
   * @param entry its ordinal
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @return true if it does
   */
  boolean isKey(int entry, byte[] key, int offset, int length) {
    int p = offset(entry);
    int suffix = varint(p);
    if (suffix != length - prefixLength) {
      return false;
    }
    return isSame(suffixAt(kindAfter(p)), suffix, key, offset, length);
  }

  private boolean isSame(int suffixAt, int suffix, byte[] key, int offset, int length) {
    return Arrays.equals(
            data, suffixAt, suffixAt + suffix, key, offset + prefixLength, offset + length)
        && (prefixLength == 0
            || Arrays.equals(data, 0, prefixLength, key, offset, offset + prefixLength));
  }

  /**
   * Hands out an entry's trailer and value.
   *
   * @param p where it starts
   * @param out filled
   */
  void read(int p, LookupResult out) {
    int suffix = varint(p);
    int q = p + width(suffix);
    int value = varint(q);
    int kindAt = q + width(value);
    out.set(trailer(kindAt), data, suffixAt(kindAt) + suffix, value);
  }

  /**
   * A copy of an entry's user key.
   *
   * @param entry its ordinal
   * @return the whole key
   */
  byte[] copyKey(int entry) {
    int p = offset(entry);
    int suffix = varint(p);
    byte[] key = new byte[prefixLength + suffix];
    System.arraycopy(data, 0, key, 0, prefixLength);
    System.arraycopy(data, suffixAt(kindAfter(p)), key, prefixLength, suffix);
    return key;
  }

  /**
   * The trailer of an entry.
   *
   * @param entry its ordinal
   * @return sequence and kind
   */
  long trailerOf(int entry) {
    return trailer(kindAfter(offset(entry)));
  }

  /**
   * Where the kind of an entry stands: behind two varints.
   *
   * @param p where the entry starts
   * @return offset in {@link #data}
   */
  int kindAfter(int p) {
    int q = p + width(varint(p));
    return q + width(varint(q));
  }

  /**
   * The varint at an offset.
   *
   * @param p offset in {@link #data}
   * @return its number
   */
  int varint(int p) {
    int b = data[p];
    return b >= 0 ? b : Varints.readInt(data, p);
  }

  /**
   * How many bytes a varint takes in its shortest form, which is checked at decoding.
   *
   * @param number not negative
   * @return 1 to 5
   */
  static int width(int number) {
    return number < 128 ? 1 : Varints.size(number);
  }
}
