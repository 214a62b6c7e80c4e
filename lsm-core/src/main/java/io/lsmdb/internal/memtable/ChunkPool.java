package io.lsmdb.internal.memtable;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The stock of fixed-size arrays that the memtables of one database hand on to each other.
 *
 * <p>Thread-safe; its lock is held for a few instructions, once per array and never per entry.
 * Owned by the database; needs no closing.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An array is either in the pool or lent to one memtable, never both.
 *   <li>The pool never holds more than its bound; what comes back beyond it is left to the
 *       collector.
 *   <li>Lent {@code long[]} arrays are all zeros; lent {@code byte[]} arrays hold anything.
 * </ol>
 *
 * <p>Both sizes stay below half a region of G1 at its smallest region size (1 MB), so that no array
 * is a humongous object.
 */
public final class ChunkPool {
  /** Length of a pooled byte array: 512 KiB with its 16-byte object header. */
  public static final int CHUNK_BYTES = 512 * 1024 - 16;

  /** Length of a pooled long array: 64 KiB and its object header. */
  public static final int SEGMENT_WORDS = 8192;

  private static final long SEGMENT_BYTES = SEGMENT_WORDS * 8L;

  private final long maxPooledBytes;

  // Guarded by this.
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
  private final ArrayDeque<long[]> segments = new ArrayDeque<>();
  private long pooledBytes;
  private long lentBytes;

  /**
   * Creates an empty pool.
   *
   * @param maxPooledBytes how many bytes of idle arrays it may keep; 0 turns recycling off
   */
  public ChunkPool(long maxPooledBytes) {
    if (maxPooledBytes < 0) {
      throw new IllegalArgumentException("negative bound: " + maxPooledBytes);
    }
    this.maxPooledBytes = maxPooledBytes;
  }

  /** Lends an array of {@link #CHUNK_BYTES} with unspecified content. */
  byte[] takeChunk() {
    synchronized (this) {
      lentBytes += CHUNK_BYTES;
      byte[] pooled = chunks.pollLast();
      if (pooled != null) {
        pooledBytes -= CHUNK_BYTES;
        return pooled;
      }
    }
    return new byte[CHUNK_BYTES];
  }

  /** Lends an array of {@link #SEGMENT_WORDS} zeros. */
  long[] takeSegment() {
    long[] pooled;
    synchronized (this) {
      lentBytes += SEGMENT_BYTES;
      pooled = segments.pollLast();
      if (pooled != null) {
        pooledBytes -= SEGMENT_BYTES;
      }
    }
    if (pooled == null) {
      return new long[SEGMENT_WORDS];
    }
    Arrays.fill(pooled, 0L);
    return pooled;
  }

  /** Takes back an array lent by {@link #takeChunk}; nobody may read it any more. */
  synchronized void giveChunk(byte[] chunk) {
    lentBytes -= CHUNK_BYTES;
    if (pooledBytes + CHUNK_BYTES <= maxPooledBytes) {
      chunks.addLast(chunk);
      pooledBytes += CHUNK_BYTES;
    }
  }

  /** Takes back an array lent by {@link #takeSegment}; nobody may read it any more. */
  synchronized void giveSegment(long[] segment) {
    lentBytes -= SEGMENT_BYTES;
    if (pooledBytes + SEGMENT_BYTES <= maxPooledBytes) {
      segments.addLast(segment);
      pooledBytes += SEGMENT_BYTES;
    }
  }

  /**
   * Forgets a lent array that its borrower leaves to the collector, because readers may hold it.
   */
  synchronized void forgetSegment() {
    lentBytes -= SEGMENT_BYTES;
  }

  /**
   * Bytes of idle arrays in the pool.
   *
   * @return 0 to the bound
   */
  public synchronized long pooledBytes() {
    return pooledBytes;
  }

  /**
   * Bytes of arrays lent to memtables.
   *
   * @return the sum over all memtables that were not released
   */
  public synchronized long lentBytes() {
    return lentBytes;
  }
}
