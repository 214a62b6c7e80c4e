package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import java.util.Arrays;

/**
 * Collects the entries of one data block at a time.
 *
 * <p>Not thread-safe; owned by one table builder, reused from block to block. Entries are staged
 * first, because the widths of sequences and offsets and the common prefix are known at the end
 * only.
 */
final class DataBlockBuilder {
  /** Shortest common prefix that is worth the copies it costs readers, in bytes. */
  private static final int MIN_PREFIX = 4;

  /** Buffers that one large entry has blown up beyond this are dropped, in bytes. */
  private static final int MAX_KEPT_BYTES = 4 << 20;

  /** Bytes per entry beside key, value and their lengths: kind, sequence, offset, slot; about. */
  private static final int ENTRY_OVERHEAD = 1 + 3 + 2 + 4;

  /** Enough for what {@link #encodeEnd} writes, in bytes. */
  static final int MAX_END_BYTES = 2 + DataBlock.TAIL_BYTES;

  private byte[] staged = new byte[4096];
  private int stagedLength;
  private int[] keyLengths = new int[64];
  private int[] valueLengths = new int[64];
  private long[] trailers = new long[64];
  private long[] hashes = new long[64];
  private int[] heads = new int[64];
  private int[] offsets = new int[64]; // filled while encoding
  private int count;
  private int headCount;
  private long estimate = DataBlock.TAIL_BYTES;
  private byte[] out = new byte[4096];
  private boolean isWritten;

  int count() {
    return count;
  }

  /** About how large the block is now, before compression. */
  long estimatedSize() {
    return estimate;
  }

  /** Holds the keys and values that were added, until the next one is. */
  byte[] staged() {
    return staged;
  }

  /** Where the last key starts in {@link #staged()}; there must be one. */
  int lastKeyOffset() {
    return stagedLength - valueLengths[count - 1] - keyLengths[count - 1];
  }

  /** Length of the last key in bytes; there must be one. */
  int lastKeyLength() {
    return keyLengths[count - 1];
  }

  /** About how much an entry would add. */
  static long estimatedSize(int keyLength, int valueLength) {
    return (long) keyLength
        + valueLength
        + Varints.size(keyLength)
        + Varints.size(valueLength)
        + ENTRY_OVERHEAD;
  }

  /**
   * Appends an entry.
   *
   * @param isHead whether it is the newest version of its user key in this block
   * @param hash hash of the user key
   */
  void add(
      long trailer,
      boolean isHead,
      long hash,
      byte[] key,
      int ko,
      int kl,
      byte[] value,
      int vo,
      int vl) {
    if (count == trailers.length) {
      int more = count * 2;
      keyLengths = Arrays.copyOf(keyLengths, more);
      valueLengths = Arrays.copyOf(valueLengths, more);
      trailers = Arrays.copyOf(trailers, more);
      hashes = Arrays.copyOf(hashes, more);
      heads = Arrays.copyOf(heads, more);
      offsets = new int[more];
    }
    int needed = stagedLength + kl + vl;
    if (needed > staged.length) {
      staged = Arrays.copyOf(staged, Math.max(needed, staged.length * 2));
    }
    System.arraycopy(key, ko, staged, stagedLength, kl);
    System.arraycopy(value, vo, staged, stagedLength + kl, vl);
    stagedLength = needed;
    keyLengths[count] = kl;
    valueLengths[count] = vl;
    trailers[count] = trailer;
    if (isHead) {
      hashes[headCount] = hash;
      heads[headCount++] = count;
    }
    count++;
    estimate += estimatedSize(kl, vl);
  }

  /**
   * Takes the only entry of a block without its value, which is written from where it is, between
   * {@link #encoded()} and {@link #encodeEnd}. The block counts as written then.
   *
   * @return the length of what stands before the value, in {@link #encoded()}
   */
  int beginAround(long trailer, long hash, byte[] key, int ko, int kl, int valueLength) {
    add(trailer, true, hash, key, ko, kl, key, 0, 0);
    isWritten = true;
    int bound = kl + 2 * Varints.MAX_INT_BYTES + 1;
    if (bound > out.length) {
      out = new byte[bound];
    }
    int p = Varints.writeInt(kl, out, 0);
    p = Varints.writeInt(valueLength, out, p);
    out[p++] = (byte) trailer;
    System.arraycopy(key, ko, out, p, kl);
    return p + kl;
  }

  /**
   * Encodes the end of a block begun by {@link #beginAround}.
   *
   * @param to takes it from its start; {@link #MAX_END_BYTES} are enough
   * @return its length in bytes
   */
  int encodeEnd(byte[] to) {
    Bytes.putShort(to, 0, 0); // the entry's offset
    encodeTail(to, 2, new Tail(trailers[0] >>> 8, 0, 0, 0, 2, 3));
    return 2 + DataBlock.TAIL_BYTES;
  }

  /** Whether the block is in the file already; it is still there for its key. */
  boolean isWritten() {
    return isWritten;
  }

  /** Holds what {@link #encode} wrote, with room for a block trailer behind it. */
  byte[] encoded() {
    return out;
  }

  /**
   * Encodes the block into {@link #encoded()}.
   *
   * @return its length in bytes
   */
  int encode() {
    int prefix = commonPrefix();
    long base = Long.MAX_VALUE;
    long top = 0;
    for (int i = 0; i < count; i++) {
      long sequence = trailers[i] >>> 8;
      base = Math.min(base, sequence);
      top = Math.max(top, sequence);
    }
    int sequenceBytes = (71 - Long.numberOfLeadingZeros(top - base)) / 8;
    int slots = headCount <= 1 ? 0 : headCount + headCount / 4 + 1;
    long bound = prefix + stagedLength + (long) count * (10 + 1 + 8 + 4) + (long) slots * 4 + 64;
    if (bound > out.length) {
      out = new byte[Math.toIntExact(bound)];
    }
    int end = encodeEntries(prefix, base, sequenceBytes);
    int last = offsets[count - 1];
    boolean wide = last > 0xFFFF;
    int p = encodeOffsets(end, wide);
    int slotBytes = last < DataBlock.SMALL_SLOT_LIMIT ? 3 : 4;
    if (last >= DataBlock.LARGE_SLOT_LIMIT) {
      slots = 0;
    }
    p = encodeSlots(p, slots, slotBytes);
    encodeTail(out, p, new Tail(base, slots, prefix, sequenceBytes, wide ? 4 : 2, slotBytes));
    return p + DataBlock.TAIL_BYTES;
  }

  /** What the tail of a block says beside the count of its entries. */
  private record Tail(
      long base, int slots, int prefix, int sequenceBytes, int offsetBytes, int slotBytes) {}

  private void encodeTail(byte[] to, int p, Tail tail) {
    Bytes.putLong(to, p + DataBlock.TAIL_BASE, tail.base);
    Bytes.putInt(to, p + DataBlock.TAIL_COUNT, count);
    Bytes.putInt(to, p + DataBlock.TAIL_SLOTS, tail.slots);
    Bytes.putInt(to, p + DataBlock.TAIL_PREFIX, tail.prefix);
    to[p + DataBlock.TAIL_SEQUENCE_BYTES] = (byte) tail.sequenceBytes;
    to[p + DataBlock.TAIL_OFFSET_BYTES] = (byte) tail.offsetBytes;
    to[p + DataBlock.TAIL_SLOT_BYTES] = (byte) tail.slotBytes;
    to[p + DataBlock.TAIL_RESERVED] = 0;
  }

  /** Forgets all entries. */
  void reset() {
    stagedLength = 0;
    count = 0;
    headCount = 0;
    estimate = DataBlock.TAIL_BYTES;
    isWritten = false;
    if (staged.length > MAX_KEPT_BYTES) {
      staged = new byte[4096];
    }
    if (out.length > MAX_KEPT_BYTES) {
      out = new byte[4096];
    }
  }

  /** What the first and the last key share, and hence all; 0 where that is not worth it. */
  private int commonPrefix() {
    if (count < 2) {
      return 0;
    }
    int last = lastKeyOffset();
    int lastLength = lastKeyLength();
    int shared = Arrays.mismatch(staged, 0, keyLengths[0], staged, last, last + lastLength);
    if (shared < 0) {
      shared = lastLength;
    }
    return shared < MIN_PREFIX ? 0 : shared;
  }

  private int encodeEntries(int prefix, long base, int sequenceBytes) {
    byte[] to = out;
    System.arraycopy(staged, 0, to, 0, prefix);
    int p = prefix;
    int from = 0;
    for (int i = 0; i < count; i++) {
      int rest = keyLengths[i] - prefix + valueLengths[i];
      offsets[i] = p;
      p = Varints.writeInt(keyLengths[i] - prefix, to, p);
      p = Varints.writeInt(valueLengths[i], to, p);
      to[p++] = (byte) trailers[i];
      Bytes.putLong(to, p, (trailers[i] >>> 8) - base);
      p += sequenceBytes;
      System.arraycopy(staged, from + prefix, to, p, rest);
      p += rest;
      from += prefix + rest;
    }
    return p;
  }

  private int encodeOffsets(int at, boolean wide) {
    int p = at;
    for (int i = 0; i < count; i++) {
      if (wide) {
        Bytes.putInt(out, p, offsets[i]);
        p += 4;
      } else {
        Bytes.putShort(out, p, offsets[i]);
        p += 2;
      }
    }
    return p;
  }

  private int encodeSlots(int at, int slots, int slotBytes) {
    int end = at + slots * slotBytes;
    if (slots == 0) {
      return end;
    }
    byte[] to = out;
    int shift = 8 * slotBytes - 8;
    int mask = (1 << shift) - 1;
    int beyond = slotBytes == 3 ? 0xFF000000 : 0; // belongs to the next slot, or to the tail
    Arrays.fill(to, at, end, (byte) 0);
    for (int i = 0; i < headCount; i++) {
      int slot = (int) ((hashes[i] >>> 32) * slots >>> 32);
      int p = at + slot * slotBytes;
      int there = Bytes.getInt(to, p);
      while ((there & mask) != 0) {
        slot = slot + 1 == slots ? 0 : slot + 1;
        p = at + slot * slotBytes;
        there = Bytes.getInt(to, p);
      }
      int content = (int) hashes[i] << shift | (offsets[heads[i]] + 1);
      Bytes.putInt(to, p, there & beyond | content & ~beyond);
    }
    return end;
  }
}
