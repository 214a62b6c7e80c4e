package io.lsmdb.internal.table;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Varints;
import java.util.Arrays;

/**
 * Collects separators and block lengths of a table under construction.
 *
 * <p>Not thread-safe; owned by one table builder.
 */
final class IndexBuilder {
  private byte[] separators = new byte[1024];
  private int[] ends = new int[64];
  private long[] trailers = new long[64];
  private int[] lengths = new int[64];
  private int separatorCount;
  private int blockCount;
  private int commonPrefix = Integer.MAX_VALUE;

  /** Blocks finished so far. */
  int blockCount() {
    return blockCount;
  }

  /** About how large the encoded index is now. */
  long estimatedSize() {
    return 8L * blockCount + (separatorCount == 0 ? 0 : ends[separatorCount - 1]);
  }

  /**
   * Begins a block.
   *
   * @param key holds the separator's user key
   * @param offset where it starts
   * @param length its length; 0 for the first block
   * @param trailer its trailer if exact, else {@link IndexBlock#INEXACT}
   */
  void beginBlock(byte[] key, int offset, int length, long trailer) {
    if (separatorCount == ends.length) {
      ends = Arrays.copyOf(ends, 2 * separatorCount);
      trailers = Arrays.copyOf(trailers, 2 * separatorCount);
      lengths = Arrays.copyOf(lengths, 2 * separatorCount);
    }
    int start = separatorCount == 0 ? 0 : ends[separatorCount - 1];
    int end = Math.addExact(start, length);
    if (end > separators.length) {
      separators = Arrays.copyOf(separators, (int) Math.min(Integer.MAX_VALUE - 8, 2L * end));
    }
    System.arraycopy(key, offset, separators, start, length);
    if (separatorCount == 1) {
      commonPrefix = length;
    } else if (separatorCount > 1) {
      int limit = Math.min(commonPrefix, length);
      int shared = Arrays.mismatch(separators, 0, limit, separators, start, start + limit);
      commonPrefix = shared < 0 ? limit : shared;
    }
    ends[separatorCount] = end;
    trailers[separatorCount++] = trailer;
  }

  /**
   * Ends the block that was begun last.
   *
   * @param storedLength its length in the file
   */
  void endBlock(int storedLength) {
    lengths[blockCount++] = storedLength;
  }

  /**
   * Encodes the index.
   *
   * @return the content of an index block
   */
  byte[] encode() {
    int prefix = blockCount < 2 ? 0 : commonPrefix;
    long bound = 8L + prefix + ends[blockCount - 1] + 18L * blockCount;
    if (bound > BlockTrailer.MAX_INDEX_BYTES) {
      throw new IllegalStateException("the index of a table exceeds 256 MiB");
    }
    byte[] out = new byte[(int) bound];
    Bytes.putInt(out, 0, blockCount);
    Bytes.putInt(out, 4, prefix);
    System.arraycopy(separators, 0, out, 8, prefix);
    int p = 8 + prefix;
    for (int i = 0; i < blockCount; i++) {
      int start = i == 0 ? 0 : ends[i - 1];
      int skip = i == 0 ? 0 : prefix;
      int suffix = ends[i] - start - skip;
      boolean exact = trailers[i] != IndexBlock.INEXACT;
      p = Varints.writeInt(lengths[i], out, p);
      p = Varints.writeInt(suffix << 1 | (exact ? 1 : 0), out, p);
      System.arraycopy(separators, start + skip, out, p, suffix);
      p += suffix;
      if (exact) {
        Bytes.putLong(out, p, trailers[i]);
        p += 8;
      }
    }
    return Arrays.copyOf(out, p);
  }
}
