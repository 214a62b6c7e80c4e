package io.lsmdb.internal.memtable;

import java.util.Arrays;

/**
 * A growing array of fixed-width records of longs, which never moves a record.
 *
 * <p>One writer allocates; any thread reads. Owned by the memtable, which releases it.
 *
 * <p>A record's index is {@code segment << shift | place}; users find it at {@code segment(index
 * >>> shift)[(index & mask) * width]} with constants of their own, so that the JIT sees them. Early
 * segments are short and double up to {@link ChunkPool#SEGMENT_WORDS}: a short segment merely
 * leaves the upper places of its number unused, hence indexes are not dense.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Index 0 is never handed out: it means "none".
 *   <li>A record is all zeros when it is allocated.
 *   <li>A segment is installed before the writer can release any index into it. A reader that
 *       acquired such an index therefore sees the segment through plain reads; it needs no volatile
 *       directory.
 * </ol>
 */
final class LongArena {
  private final ChunkPool pool;
  private final int width;
  private final int shift;

  // Written by the writer only; see invariant 3 for the readers.
  private long[][] segments = new long[2][];
  private int last;
  private int used;
  private int capacity;

  /** The next segment, allocated ahead; null if there is none. */
  private long[] reserved;

  private volatile long bytes;

  /**
   * Creates an arena with its first segment.
   *
   * @param width longs a record
   * @param shift log2 of the places of a segment number, at least as many as a full segment holds
   * @param firstWords length of the first segment
   */
  LongArena(ChunkPool pool, int width, int shift, int firstWords) {
    this.pool = pool;
    this.width = width;
    this.shift = shift;
    segments[0] = pool.newWords(firstWords);
    capacity = firstWords / width;
    used = 1;
    bytes = firstWords * 8L;
  }

  /** Allocates a zeroed record (writer only) and returns its index. */
  int allocate() {
    if (used == capacity) {
      addSegment();
    }
    return last << shift | used++;
  }

  /**
   * Makes sure that the next few records need no more memory (writer only).
   *
   * @param records no more than a segment of twice the length of the first one holds
   */
  void reserve(int records) {
    if (capacity - used < records && reserved == null) {
      reserveSegment();
    }
  }

  private void reserveSegment() {
    int number = last + 1;
    if (number >= 1 << 31 - shift) {
      throw new IllegalStateException("memtable index space exhausted: " + number + " segments");
    }
    if (number == segments.length) {
      segments = Arrays.copyOf(segments, number * 2);
    }
    int words = (int) Math.min(segments[last].length * 2L, ChunkPool.SEGMENT_WORDS);
    reserved = words == ChunkPool.SEGMENT_WORDS ? pool.takeSegment() : pool.newWords(words);
  }

  private void addSegment() {
    if (reserved == null) {
      reserveSegment();
    }
    long[] segment = reserved;
    reserved = null;
    last++;
    segments[last] = segment;
    used = 0;
    capacity = segment.length / width;
    bytes = bytes + segment.length * 8L;
  }

  /** The index of the record after one. */
  int following(int index) {
    int number = index >>> shift;
    int place = (index & (1 << shift) - 1) + 1;
    return place < segments[number].length / width ? index + 1 : number + 1 << shift;
  }

  /** The array that holds the records of a segment number. */
  long[] segment(int number) {
    return segments[number];
  }

  /** Bytes of all segments; for any thread. */
  long bytes() {
    return bytes;
  }

  /** Gives full-size segments back to the pool; nobody may read any more. */
  void release() {
    long[][] old = segments;
    segments = new long[0][];
    for (int i = 0; i <= last && i < old.length; i++) {
      if (old[i].length == ChunkPool.SEGMENT_WORDS) {
        pool.giveSegment(old[i]);
      }
    }
    if (reserved != null && reserved.length == ChunkPool.SEGMENT_WORDS) {
      pool.giveSegment(reserved);
    }
    reserved = null;
    last = -1;
    bytes = 0;
  }
}
