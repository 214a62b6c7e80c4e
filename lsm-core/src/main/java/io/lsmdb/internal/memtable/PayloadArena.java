package io.lsmdb.internal.memtable;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Append-only storage of byte records, addressed by 32-bit references.
 *
 * <p>One writer allocates and fills; any thread reads. Owned by the memtable, which releases it.
 *
 * <p>A reference is {@code chunk << 16 | offset / 8}: records start at multiples of eight bytes in
 * chunks of at most {@link ChunkPool#CHUNK_BYTES}. The first chunk is small and each next one twice
 * as large, up to that size. A record of more than {@link #ALONE_BYTES} that does not fit in what
 * is left of the current chunk gets an array of its own.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Reference 0 is never handed out: it means "none".
 *   <li>A record is written before its reference is released, and never moves; what its writer
 *       changes later is the writer's to say.
 *   <li>A chunk is installed before a reference into it can be released, so plain reads by whoever
 *       acquired the reference see it.
 *   <li>{@link #allocate} either succeeds or has changed nothing.
 * </ol>
 */
final class PayloadArena {
  /** A record above this many bytes may stand alone, so that it wastes no end of a chunk. */
  static final int ALONE_BYTES = 128 * 1024;

  static final int FIRST_CHUNK_BYTES = 2048;

  private static final int MAX_CHUNKS = 1 << 16;

  private final ChunkPool pool;

  // Written by the writer only; see invariant 3 for the readers.
  private byte[][] chunks = new byte[2][];
  private int chunkCount = 1;
  private int current;
  private int position = 8;

  private volatile long bytes;

  // What was allocated ahead: arrays for large records in their order, and chunks for small ones.
  private final ArrayDeque<byte[]> reservedAlone = new ArrayDeque<>(1);
  private final ArrayDeque<byte[]> reservedChunks = new ArrayDeque<>(1);

  /** Bytes of the last reserved chunk, or else of the current one, that no reservation takes. */
  private int unreserved;

  private boolean isReserving;

  PayloadArena(ChunkPool pool) {
    this.pool = pool;
    chunks[0] = pool.newBytes(FIRST_CHUNK_BYTES);
    bytes = FIRST_CHUNK_BYTES;
  }

  /** Allocates room for a record (writer only); its content is unspecified. */
  int allocate(int size) {
    int aligned = units(size) << 3;
    if (aligned > ALONE_BYTES && !reservedAlone.isEmpty()) {
      return installReserved(aligned) << 16;
    }
    if (aligned <= chunks[current].length - position) {
      int reference = current << 16 | position >>> 3;
      position += aligned;
      return reference;
    }
    if (aligned > ALONE_BYTES) {
      return install(pool.newBytes(aligned)) << 16;
    }
    current = install(takeChunk(aligned));
    position = aligned;
    return current << 16;
  }

  private byte[] takeChunk(int atLeast) {
    byte[] reserved = reservedChunks.peekFirst();
    if (reserved == null || reserved.length < atLeast) {
      return newChunk(atLeast);
    }
    return reservedChunks.removeFirst();
  }

  private byte[] newChunk(int atLeast) {
    int length = chunks[current].length;
    do {
      length = Math.min(length * 2, ChunkPool.CHUNK_BYTES);
    } while (length < atLeast);
    return length == ChunkPool.CHUNK_BYTES ? pool.takeChunk() : pool.newBytes(length);
  }

  private int installReserved(int aligned) {
    byte[] first = reservedAlone.peekFirst();
    if (first.length < aligned) { // another record's
      first = pool.newBytes(aligned);
    } else {
      reservedAlone.removeFirst();
    }
    return install(first);
  }

  /** Whether records of so many bytes altogether need no more memory; writer only. */
  boolean hasRoom(long total) {
    return total <= chunks[current].length - position;
  }

  /**
   * Allocates memory for a record to come (writer only). Records that turn out to be smaller, or
   * not to be needed, leave the others their room.
   */
  void reserve(int size) {
    int aligned = units(size) << 3;
    if (!isReserving) {
      isReserving = true;
      unreserved = chunks[current].length - position;
    }
    if (aligned > ALONE_BYTES) {
      ensureDirectory(reservedAlone.size() + reservedChunks.size() + 1);
      reservedAlone.addLast(pool.newBytes(aligned));
    } else if (aligned <= unreserved) {
      unreserved -= aligned;
    } else {
      ensureDirectory(reservedAlone.size() + reservedChunks.size() + 1);
      byte[] chunk = reservedChunks.isEmpty() ? newChunk(aligned) : pool.takeChunk();
      reservedChunks.addLast(chunk);
      unreserved = chunk.length - aligned;
    }
  }

  /** Releases what was reserved and not used (writer only). */
  void endReservation() {
    reservedAlone.clear();
    while (!reservedChunks.isEmpty()) {
      release(reservedChunks.removeFirst());
    }
    isReserving = false;
  }

  private void ensureDirectory(int more) {
    if (chunkCount + more > chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(chunkCount + more, chunkCount * 2));
    }
  }

  private void release(byte[] chunk) {
    if (chunk.length == ChunkPool.CHUNK_BYTES) {
      pool.giveChunk(chunk);
    }
  }

  /** The units of eight bytes that a record takes. */
  static int units(int size) {
    return size + 7 >>> 3;
  }

  private int install(byte[] chunk) {
    int number = chunkCount;
    if (number == MAX_CHUNKS) {
      throw new IllegalStateException("memtable payload exhausted: " + number + " chunks");
    }
    ensureDirectory(1);
    chunks[number] = chunk;
    chunkCount = number + 1;
    bytes = bytes + chunk.length;
    return number;
  }

  /** The array that holds a record. */
  byte[] array(int reference) {
    return chunks[reference >>> 16];
  }

  /** Where a record starts in its array. */
  static int offset(int reference) {
    return (reference & 0xFFFF) << 3;
  }

  /** Bytes of all chunks; for any thread. */
  long bytes() {
    return bytes;
  }

  /** Gives full-size chunks back to the pool; nobody may read any more. */
  void release() {
    endReservation();
    byte[][] old = chunks;
    int count = chunkCount;
    chunks = new byte[0][];
    chunkCount = 0;
    for (int i = 0; i < count; i++) {
      release(old[i]);
    }
    bytes = 0;
  }
}
