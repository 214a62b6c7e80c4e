package io.lsmdb.internal.table;

/**
 * A decoded block as the cache sees it: a size, a place, and a chance to stay.
 *
 * <p>What subclasses decode is immutable, so any thread may read a block for as long as it holds
 * the reference, evicted or not; {@link DataBlock} tells its exception. The fields here belong to
 * {@link ShardedBlockCache}: links and place are guarded by its lock, {@link #lives} is raced on
 * purpose.
 */
abstract class CachedBlock {
  /** What an object with its array headers costs beside the payload, in bytes, about. */
  static final int OVERHEAD_BYTES = 112;

  /** Sweeps that a data block survives after its last use. */
  static final int DATA_LIVES = 1;

  /** Sweeps that index and filter survive after their last use: losing them costs far more. */
  static final int INDEX_LIVES = 4;

  /** Bytes that the cache counts for this block. */
  final int charge;

  /** Sweeps left. Plain on purpose: a lost update costs one misjudged eviction. */
  int lives;

  // Guarded by the lock of the cache.
  ShardedBlockCache.Slots slots;
  int ordinal;
  CachedBlock before;
  CachedBlock after;

  CachedBlock(int payloadBytes) {
    charge = payloadBytes + OVERHEAD_BYTES;
  }

  /** Notes a use; stores only when there is something to change, to keep the line shared. */
  final void touch(int fullLives) {
    if (lives != fullLives) {
      lives = fullLives;
    }
  }
}
