package io.lsmdb.internal.table;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lsmdb.internal.base.ReaderEpochs;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A cache of decoded blocks for any number of tables, families and databases, under a strict cap.
 *
 * <p>Thread-safe. Created by the application or the engine; has nothing to close. Each open table
 * registers its slots and takes them away when it closes.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@link #usage()} never exceeds {@link #capacity()}, whatever runs at the same time, and
 *       neither does it together with the arrays that wait to be used again; data, index and filter
 *       blocks all count. A block that is just being handed to a reader without being cached does
 *       not count.
 *   <li>A block is in its slot exactly while it is in the ring and counted.
 *   <li>A hit takes no lock.
 *   <li>The slots of a closed table hold nothing and take nothing.
 * </ol>
 */
public final class ShardedBlockCache implements io.lsmdb.BlockCache {
  /*
   * A table knows how many blocks it has, so a block is found by its ordinal in an array of slots:
   * one load and one store of the reference mark (8 ns where a concurrent hash map takes 28 to 44).
   *
   * Eviction is CLOCK (F. J. Corbato, "A Paging Experiment with the Multics System", 1968) over one
   * ring of all cached blocks, whatever table they belong to. The hand takes a life from each block
   * that it passes and evicts the first one without any. A point read gives a data block its life
   * at once; a scan's block enters without, so that a long scan recycles what it brought in itself
   * before it displaces what point reads use. Index and filter blocks have more lives, because each
   * serves hundreds of data blocks. New blocks enter behind the hand: it reaches them last.
   *
   * Readers give lives back while the hand takes them, so that a sweep might never end, and where all
   * blocks are in use it would hold the lock for a whole round. After SWEEP_STEPS it takes the data
   * block that stands next, and after four times as many whatever stands next.
   *
   * Arrays of evicted data blocks are used again. A small part of the cap is kept for those that
   * wait until nobody reads them; what a closed table gives back may be more, and is used up first.
   */

  private static final int SWEEP_STEPS = 256;

  /** How many slots of a closed table are emptied in one go, while readers that miss wait. */
  private static final int SLOTS_AT_ONCE = 512;

  /** The part of the cap that is kept for arrays to be used again: one in this many bytes. */
  private static final int FRAMES_PART = 64;

  private static final long MAX_FRAMES_BYTES = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final HitCounter hits = new HitCounter();
  private final LongAdder misses = new LongAdder();

  // Written under the lock, read by anybody.
  private volatile long capacity;
  private volatile long usage;

  @GuardedBy("lock")
  private CachedBlock hand;

  @GuardedBy("lock")
  private final BlockBufferPool frames = new BlockBufferPool();

  /**
   * Creates an empty cache.
   *
   * @param capacityBytes the cap, at least 0; with 0 every read goes to the file
   */
  public ShardedBlockCache(long capacityBytes) {
    capacity = checkCapacity(capacityBytes);
  }

  @Override
  public void setCapacity(long capacityBytes) {
    checkCapacity(capacityBytes);
    lock.lock();
    try {
      if (capacityBytes < capacity) {
        makeRoom(capacityBytes, 0);
      }
      capacity = capacityBytes;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public long usage() {
    return usage;
  }

  /**
   * How many blocks were found. Counted without atomic operations: a few hits may go missing.
   *
   * @return since the cache was created
   */
  @Override
  public long hits() {
    return hits.sum();
  }

  @Override
  public long misses() {
    return misses.sum();
  }

  /**
   * Somebody to count bytes for, such as a store.
   *
   * @param readers all who look something up in the owner's tables; null if they are not known, and
   *     arrays of its blocks are not used again
   * @return needs no closing
   */
  public Owner newOwner(ReaderEpochs readers) {
    return new Owner(readers);
  }

  /**
   * Makes slots for the blocks of a table.
   *
   * @param owner whom their bytes are counted for
   * @param count number of blocks
   * @return to be released by the table
   */
  Slots register(Owner owner, int count) {
    return new Slots(owner, count);
  }

  /**
   * Takes everything of a table out; the slots take nothing any more.
   *
   * @param slots the table's slots; releasing twice is fine
   */
  void release(Slots slots) {
    int count = slots.blocks.length();
    for (int from = 0; from < count; from += SLOTS_AT_ONCE) {
      release(slots, from, Math.min(count, from + SLOTS_AT_ONCE));
    }
  }

  private void release(Slots slots, int from, int to) {
    lock.lock();
    try {
      slots.closed = true;
      for (int i = from; i < to; i++) {
        CachedBlock block = slots.blocks.getPlain(i);
        if (block != null) {
          remove(block);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * An array for a data block that is to be offered.
   *
   * @param size bytes that it is to hold
   * @return at least as long; its content is garbage
   */
  byte[] takeFrame(int size) {
    lock.lock();
    try {
      byte[] frame = frames.take(size);
      if (frame != null) {
        return frame;
      }
    } finally {
      lock.unlock();
    }
    return new byte[BlockBufferPool.frameSize(size)];
  }

  /** Counts a block that a reader found. */
  void countHit() {
    hits.increment();
  }

  /** Counts a block that a reader did not find. */
  void countMiss() {
    misses.increment();
  }

  /**
   * Offers a block. It is not taken if it is larger than the cap, if another thread was faster, or
   * if the table has been closed.
   *
   * @param slots the table's slots
   * @param ordinal which of them
   * @param block what was read
   * @param lives with how many lives it enters
   */
  void offer(Slots slots, int ordinal, CachedBlock block, int lives) {
    lock.lock();
    try {
      if (slots.closed
          || slots.blocks.getPlain(ordinal) != null
          || block.charge > blocksPart(capacity)) {
        return;
      }
      makeRoom(capacity, block.charge);
      block.slots = slots;
      block.ordinal = ordinal;
      block.lives = lives;
      link(block);
      addUsage(slots.owner, block.charge);
      slots.blocks.setRelease(ordinal, block);
    } finally {
      lock.unlock();
    }
  }

  private static long checkCapacity(long capacityBytes) {
    if (capacityBytes < 0) {
      throw new IllegalArgumentException("cache capacity " + capacityBytes + " is negative");
    }
    return capacityBytes;
  }

  /** What blocks may take of a cap. */
  private static long blocksPart(long cap) {
    return cap - Math.min(cap / FRAMES_PART, MAX_FRAMES_BYTES);
  }

  /** Evicts until more bytes fit under a cap, together with the arrays that are kept then. */
  @GuardedBy("lock")
  private void makeRoom(long cap, int more) {
    int steps = 0;
    while (usage > blocksPart(cap) - more) {
      CachedBlock candidate = hand;
      int lives = candidate.lives;
      int patience = lives > CachedBlock.DATA_LIVES ? 4 * SWEEP_STEPS : SWEEP_STEPS;
      if (lives > 0 && steps < patience) {
        candidate.lives = lives - 1;
        hand = candidate.after;
        steps++;
      } else {
        remove(candidate);
        steps = 0;
      }
    }
    while (usage + more + frames.bytes() > cap) {
      frames.dropOne();
    }
  }

  @GuardedBy("lock")
  private void link(CachedBlock block) {
    if (hand == null) {
      block.before = block;
      block.after = block;
      hand = block;
    } else {
      block.after = hand;
      block.before = hand.before;
      block.before.after = block;
      hand.before = block;
    }
  }

  @GuardedBy("lock")
  private void remove(CachedBlock block) {
    Owner owner = block.slots.owner;
    block.slots.blocks.set(block.ordinal, null); // volatile: seen before the epoch is asked for
    addUsage(owner, -block.charge);
    if (block.after == block) {
      hand = null;
    } else {
      block.before.after = block.after;
      block.after.before = block.before;
      if (hand == block) {
        hand = block.after;
      }
    }
    block.before = null;
    block.after = null;
    block.slots = null;
    BlockBufferPool.Lender lender = owner.readers == null ? null : block.lender();
    if (lender != null) {
      frames.add(lender, owner.readers);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  @GuardedBy("lock")
  private void addUsage(Owner owner, long bytes) {
    owner.usage += bytes;
    usage += bytes;
  }

  /** Whom cached bytes are counted for. Thread-safe. */
  public static final class Owner {
    private final ReaderEpochs readers; // null if they are not known
    private volatile long usage; // written under the lock of the cache

    private Owner(ReaderEpochs readers) {
      this.readers = readers;
    }

    /**
     * What is cached for this owner now.
     *
     * @return bytes
     */
    public long usage() {
      return usage;
    }
  }

  /** The slots of one table. Thread-safe. */
  static final class Slots {
    private final Owner owner;
    private final AtomicReferenceArray<CachedBlock> blocks;
    private boolean closed; // guarded by the lock of the cache

    private Slots(Owner owner, int count) {
      this.owner = owner;
      blocks = new AtomicReferenceArray<>(count);
    }

    /**
     * The block in a slot, if it is cached.
     *
     * @param ordinal which slot
     * @return null when it must be read
     */
    CachedBlock get(int ordinal) {
      return blocks.getAcquire(ordinal);
    }
  }

  /**
   * A decoded block as the cache sees it: a size, a place, and a chance to stay.
   *
   * <p>What subclasses decode is immutable, so any thread may read a block for as long as it holds
   * the reference, evicted or not; {@link DataBlock} tells its exception. The fields here belong to
   * {@link ShardedBlockCache}: links and place are guarded by its lock, {@link #lives} is raced on
   * purpose.
   */
  abstract static class CachedBlock {
    /** Sweeps that a data block survives after its last use. */
    static final int DATA_LIVES = 1;

    /** Sweeps that index and filter survive after their last use: losing them costs far more. */
    static final int INDEX_LIVES = 4;

    /** Bytes that the cache counts for this block. */
    final int charge;

    /** Sweeps left. Plain on purpose: a lost update costs one misjudged eviction. */
    int lives;

    // Guarded by the lock of the cache.
    Slots slots;
    int ordinal;
    CachedBlock before;
    CachedBlock after;

    CachedBlock(int payloadBytes) {
      charge = payloadBytes + BlockBufferPool.OVERHEAD_BYTES;
    }

    /** The array to be used again once the block has left the cache; null if there is none. */
    BlockBufferPool.Lender lender() {
      return null;
    }

    /** Notes a use; stores only when there is something to change, to keep the line shared. */
    final void touch(int fullLives) {
      if (lives != fullLives) {
        lives = fullLives;
      }
    }
  }
}
