package io.lsmdb.internal.memtable;

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

  PayloadArena(ChunkPool pool) {
    this.pool = pool;
    chunks[0] = new byte[FIRST_CHUNK_BYTES];
    bytes = FIRST_CHUNK_BYTES;
  }

  /** Allocates room for a record (writer only); its content is unspecified. */
  int allocate(int size) {
    int aligned = units(size) << 3;
    if (aligned <= chunks[current].length - position) {
      int reference = current << 16 | position >>> 3;
      position += aligned;
      return reference;
    }
    if (aligned > ALONE_BYTES) {
      return install(new byte[aligned]) << 16;
    }
    int length = chunks[current].length;
    do {
      length = Math.min(length * 2, ChunkPool.CHUNK_BYTES);
    } while (length < aligned);
    byte[] chunk = length == ChunkPool.CHUNK_BYTES ? pool.takeChunk() : new byte[length];
    current = install(chunk);
    position = aligned;
    return current << 16;
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
    if (number == chunks.length) {
      chunks = Arrays.copyOf(chunks, number * 2);
    }
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
    byte[][] old = chunks;
    int count = chunkCount;
    chunks = new byte[0][];
    chunkCount = 0;
    for (int i = 0; i < count; i++) {
      if (old[i].length == ChunkPool.CHUNK_BYTES) {
        pool.giveChunk(old[i]);
      }
    }
    bytes = 0;
  }
}
