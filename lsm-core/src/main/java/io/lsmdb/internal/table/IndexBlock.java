package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.table.ShardedBlockCache.CachedBlock;
import java.util.Arrays;

/**
 * The decoded index of a table: which block may hold a key, and where each block stands.
 *
 * <p>Immutable, read by any number of threads. Exists only once all its lengths have been checked
 * against the footer, and the order of its separators.
 */
final class IndexBlock extends CachedBlock {
  /*
   * A search is a binary search over a dense array of eight key bytes per separator, taken behind
   * what all separators share, so that it stays within a few cache lines; the separators' bytes are
   * looked at only where those eight bytes are equal.
   */

  /** Trailer of a separator that is a shortened user key; sorts before every real trailer. */
  static final long INEXACT = -1L;

  /** Number of blocks. */
  final int count;

  private final byte[] bytes;
  private final int prefixLength;
  private final long[] heads;
  private final int[] suffixStarts;
  private final int[] suffixLengths;
  private final long[] offsets;
  private final long[] trailers; // null when no separator is exact

  private IndexBlock(Decoder decoded) {
    super(decoded.charge());
    count = decoded.count;
    bytes = decoded.bytes;
    prefixLength = decoded.prefixLength;
    heads = decoded.heads;
    suffixStarts = decoded.suffixStarts;
    suffixLengths = decoded.suffixLengths;
    offsets = decoded.offsets;
    trailers = decoded.trailers;
  }

  /**
   * Decodes and checks an index.
   *
   * @param place where it came from, for errors
   * @param footer what it must agree with
   * @param data begins with the content
   * @param size length of the content
   * @return the index
   */
  static IndexBlock decode(BlockTrailer.Place place, Footer footer, byte[] data, int size) {
    Decoder decoder = new Decoder(place, data, size);
    decoder.decode(footer);
    return new IndexBlock(decoder);
  }

  /**
   * Where a block starts in the file.
   *
   * @param block its ordinal
   * @return offset in bytes
   */
  long offset(int block) {
    return offsets[block];
  }

  /**
   * How long a block is in the file.
   *
   * @param block its ordinal
   * @return stored length in bytes
   */
  int storedLength(int block) {
    return (int) (offsets[block + 1] - offsets[block]);
  }

  /**
   * Whether the user key that a block begins with has newer versions in the block before.
   *
   * @param block an ordinal, which may be {@link #count}
   * @return true if it continues
   */
  boolean continues(int block) {
    return trailers != null && block < count && trailers[block] != INEXACT;
  }

  /**
   * The last block whose separator is not above an internal key.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer trailer to search with
   * @return the block that holds the first entry at or after the key, if not the following one
   */
  int find(byte[] key, int offset, int length, long searchTrailer) {
    return find(-1, key, offset, length, searchTrailer);
  }

  /**
   * As {@link #find(byte[], int, int, long)}, for a cursor, which often seeks nearby.
   *
   * @param guess the block to be tried first, negative for none
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer trailer to search with
   * @return the block that holds the first entry at or after the key, if not the following one
   */
  int find(int guess, byte[] key, int offset, int length, long searchTrailer) {
    int shared = Math.min(prefixLength, length);
    int order = Bytes.compare(key, offset, shared, bytes, 0, shared);
    if (order < 0 || order == 0 && length < prefixLength) {
      return 0;
    }
    if (order > 0) {
      return count - 1;
    }
    int restAt = offset + prefixLength;
    int rest = length - prefixLength;
    long head = Bytes.prefix(key, restAt, rest) ^ Long.MIN_VALUE;
    if (guess >= 0 && heads[guess] < head && (guess + 1 == count || head < heads[guess + 1])) {
      return guess;
    }
    // Invariant: separator[low] <= key (block 0 counts as below everything) < separator[high].
    int low = 0;
    int high = count;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      long its = heads[middle];
      boolean notAbove =
          its != head ? its < head : isNotAbove(middle, key, restAt, rest, searchTrailer);
      if (notAbove) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean isNotAbove(int block, byte[] key, int at, int length, long searchTrailer) {
    int order = Bytes.compare(bytes, suffixStarts[block], suffixLengths[block], key, at, length);
    if (order != 0) {
      return order < 0;
    }
    long trailer = trailers == null ? INEXACT : trailers[block];
    return Long.compareUnsigned(trailer, searchTrailer) >= 0;
  }

  /**
   * Whether a block's separator is at or below an entry. For checks of what is copied on.
   *
   * @param block its ordinal
   * @param key holds the entry's user key
   * @param offset where it starts
   * @param length its length
   * @param trailer its trailer
   * @return true if the entry may stand in this block or a later one
   */
  boolean isAtOrBelow(int block, byte[] key, int offset, int length, long trailer) {
    if (block == 0) {
      return true;
    }
    int shared = Math.min(prefixLength, length);
    int order = Bytes.compare(bytes, 0, shared, key, offset, shared);
    if (order != 0 || length < prefixLength) {
      return order < 0;
    }
    return isNotAbove(block, key, offset + prefixLength, length - prefixLength, trailer);
  }

  /** Parses an index; exists only while one is being opened. */
  private static final class Decoder {
    private static final int MIN_ENTRY_BYTES = 2;

    final BlockTrailer.Place place;
    final byte[] bytesIn;
    final int size;
    int count;
    int prefixLength;
    byte[] bytes;
    long[] heads;
    int[] suffixStarts;
    int[] suffixLengths;
    long[] offsets;
    long[] trailers;

    Decoder(BlockTrailer.Place place, byte[] data, int size) {
      this.place = place;
      this.bytesIn = data;
      this.size = size;
    }

    int charge() {
      return bytes.length + 8 * heads.length * (trailers == null ? 3 : 4) + 64;
    }

    void decode(Footer footer) {
      check(size >= 8);
      count = Bytes.getInt(bytesIn, 0);
      prefixLength = Bytes.getInt(bytesIn, 4);
      check(count == footer.dataBlocks());
      check(prefixLength >= 0 && prefixLength <= InternalKey.MAX_KEY_LENGTH);
      check(prefixLength <= size - 8 && count <= (size - 8 - prefixLength) / MIN_ENTRY_BYTES);
      bytes = new byte[size - 8];
      System.arraycopy(bytesIn, 8, bytes, 0, bytes.length);
      heads = new long[count];
      suffixStarts = new int[count];
      suffixLengths = new int[count];
      offsets = new long[count + 1];
      int p = prefixLength;
      for (int i = 0; i < count; i++) {
        p = decodeEntry(i, p);
        check(offsets[i + 1] <= footer.dataLength());
      }
      check(p == bytes.length && offsets[count] == footer.dataLength());
      check(suffixLengths[0] == 0 && (trailers == null || trailers[0] == INEXACT));
      for (int i = 2; i < count; i++) {
        check(isAscending(i));
      }
    }

    /** Whether a separator is above the one before, which need not hold for that of block 0. */
    private boolean isAscending(int i) {
      int order =
          Bytes.compare(
              bytes,
              suffixStarts[i - 1],
              suffixLengths[i - 1],
              bytes,
              suffixStarts[i],
              suffixLengths[i]);
      return order < 0
          || order == 0
              && trailers != null
              && Long.compareUnsigned(trailers[i - 1], trailers[i]) > 0;
    }

    private int decodeEntry(int i, int at) {
      int limit = bytes.length;
      int p = Varints.end(bytes, at, limit, Varints.MAX_INT_BYTES);
      check(p >= 0);
      int stored = Varints.readInt(bytes, at);
      check(stored > BlockTrailer.TRAILER_BYTES);
      offsets[i + 1] = offsets[i] + stored;
      int end = Varints.end(bytes, p, limit, Varints.MAX_INT_BYTES);
      check(end >= 0);
      int marked = Varints.readInt(bytes, p);
      int length = marked >>> 1;
      check(marked >= 0 && length <= limit - end);
      check(length <= InternalKey.MAX_KEY_LENGTH - prefixLength);
      suffixStarts[i] = end;
      suffixLengths[i] = length;
      heads[i] = Bytes.prefix(bytes, end, length) ^ Long.MIN_VALUE;
      p = end + length;
      boolean exact = (marked & 1) != 0;
      if (exact && trailers == null) {
        trailers = new long[count];
        Arrays.fill(trailers, INEXACT);
      }
      if (exact) {
        check(limit - p >= 8);
        trailers[i] = Bytes.getLong(bytes, p);
        check(trailers[i] != INEXACT);
        p += 8;
      }
      return p;
    }

    private void check(boolean fine) {
      if (!fine) {
        throw place.corrupt("malformed table index");
      }
    }
  }
}
