package io.lsmdb.internal.memtable;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The stock of fixed-size arrays that the memtables of one database hand on to each other.
 *
 * <p>Thread-safe; its lock is held for a few instructions, once per array and never per entry.
 * Owned by the database, which closes it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An array is either in the pool or lent to one memtable, never both.
 *   <li>The pool never holds more than its bound, nor more than is left of the budget that it
 *       shares; what comes back beyond it, or once it is closed, is left to the collector.
 *   <li>Lent {@code long[]} arrays are all zeros; lent {@code byte[]} arrays hold anything.
 * </ol>
 *
 * <p>Both sizes stay below half a region of G1 at its smallest region size (1 MB), so that no array
 * is a humongous object.
 */
public class ChunkPool {
  /** Length of a pooled byte array: 512 KiB with its 16-byte object header. */
  public static final int CHUNK_BYTES = 512 * 1024 - 16;

  /** Length of a pooled long array: 64 KiB and its object header. */
  public static final int SEGMENT_WORDS = 8192;

  private static final long SEGMENT_BYTES = SEGMENT_WORDS * 8L;

  private final long maxPooledBytes;
  private final IdleBudget budget;
  private final Runnable becameIdle;

  @GuardedBy("this")
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();

  @GuardedBy("this")
  private final ArrayDeque<long[]> segments = new ArrayDeque<>();

  @GuardedBy("this")
  private int fewestChunks; // since the last call of releaseUnused

  @GuardedBy("this")
  private int fewestSegments;

  @GuardedBy("this")
  private long pooledBytes;

  @GuardedBy("this")
  private long lentBytes;

  @GuardedBy("this")
  private boolean closed;

  /**
   * Creates an empty pool that shares no budget.
   *
   * @param maxPooledBytes how many bytes of idle arrays it may keep; 0 turns recycling off
   */
  public ChunkPool(long maxPooledBytes) {
    this(maxPooledBytes, new IdleBudget(maxPooledBytes), () -> {});
  }

  /**
   * Creates an empty pool.
   *
   * @param maxPooledBytes how many bytes of idle arrays it may keep; 0 turns recycling off
   * @param budget bounds what it keeps together with others
   * @param becameIdle told when it has an array after it had none; short, called without the lock
   */
  public ChunkPool(long maxPooledBytes, IdleBudget budget, Runnable becameIdle) {
    if (maxPooledBytes < 0) {
      throw new IllegalArgumentException("negative bound: " + maxPooledBytes);
    }
    this.maxPooledBytes = maxPooledBytes;
    this.budget = budget;
    this.becameIdle = becameIdle;
  }

  /** Lends an array of {@link #CHUNK_BYTES} with unspecified content. */
  byte[] takeChunk() {
    byte[] chunk;
    synchronized (this) {
      chunk = chunks.pollLast();
      if (chunk != null) {
        fewestChunks = Math.min(fewestChunks, chunks.size());
        removed(CHUNK_BYTES);
        lentBytes += CHUNK_BYTES;
        return chunk;
      }
    }
    chunk = newBytes(CHUNK_BYTES);
    lent(CHUNK_BYTES);
    return chunk;
  }

  /** Lends an array of {@link #SEGMENT_WORDS} zeros. */
  long[] takeSegment() {
    long[] pooled;
    synchronized (this) {
      pooled = segments.pollLast();
      if (pooled != null) {
        fewestSegments = Math.min(fewestSegments, segments.size());
        removed(SEGMENT_BYTES);
        lentBytes += SEGMENT_BYTES;
      }
    }
    if (pooled != null) {
      Arrays.fill(pooled, 0L);
      return pooled;
    }
    long[] segment = newWords(SEGMENT_WORDS);
    lent(SEGMENT_BYTES);
    return segment;
  }

  private synchronized void lent(long bytes) {
    lentBytes += bytes;
  }

  /** Allocates an array for a memtable; all of theirs but those for bookkeeping come from here. */
  byte[] newBytes(int length) {
    return new byte[length];
  }

  /** Allocates an array of zeros for a memtable. */
  long[] newWords(int length) {
    return new long[length];
  }

  /** Takes back an array lent by {@link #takeChunk}; nobody may read it any more. */
  void giveChunk(byte[] chunk) {
    boolean first = false;
    synchronized (this) {
      if (wantsBack(CHUNK_BYTES)) {
        chunks.addLast(chunk);
        first = added(CHUNK_BYTES);
      }
    }
    if (first) {
      becameIdle.run();
    }
  }

  /** Takes back an array lent by {@link #takeSegment}; nobody may read it any more. */
  void giveSegment(long[] segment) {
    boolean first = false;
    synchronized (this) {
      if (wantsBack(SEGMENT_BYTES)) {
        segments.addLast(segment);
        first = added(SEGMENT_BYTES);
      }
    }
    if (first) {
      becameIdle.run();
    }
  }

  /** Ends the loan of an array; returns whether the pool has room for it. */
  @GuardedBy("this")
  private boolean wantsBack(long bytes) {
    lentBytes -= bytes;
    return !closed && pooledBytes + bytes <= maxPooledBytes && budget.take(bytes);
  }

  /** Counts an array that was put into the pool; returns whether it is the only one. */
  @GuardedBy("this")
  private boolean added(long bytes) {
    pooledBytes += bytes;
    return pooledBytes == bytes;
  }

  @GuardedBy("this")
  private void removed(long bytes) {
    pooledBytes -= bytes;
    budget.give(bytes);
  }

  /**
   * Leaves the arrays to the collector that were idle all the time since the last such call.
   *
   * @return whether any are left in the pool
   */
  public synchronized boolean releaseUnused() {
    for (; fewestChunks > 0; fewestChunks--) {
      chunks.removeFirst();
      removed(CHUNK_BYTES);
    }
    for (; fewestSegments > 0; fewestSegments--) {
      segments.removeFirst();
      removed(SEGMENT_BYTES);
    }
    fewestChunks = chunks.size();
    fewestSegments = segments.size();
    return pooledBytes > 0;
  }

  /** Leaves all idle arrays to the collector, and those that come back from now on. */
  public synchronized void close() {
    closed = true;
    chunks.clear();
    segments.clear();
    fewestChunks = 0;
    fewestSegments = 0;
    removed(pooledBytes);
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
