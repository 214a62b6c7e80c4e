package io.lsmdb.internal.table;

import io.lsmdb.internal.base.ReaderEpochs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arrays of evicted data blocks, to be filled again.
 *
 * <p>Not thread-safe; guarded by the lock of its cache. Without it, a cache that misses much hands
 * the collector an array per miss, and has each array that stays copied by it: pauses in proportion
 * to the cache.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An array is handed out only when nobody can read its last content any more: its block has
 *       left the cache, the lookups of that time have ended, and no cursor holds it.
 *   <li>{@link #bytes()} is what all arrays here weigh, whether or not they can be handed out yet.
 * </ol>
 */
final class BlockBufferPool {
  /** Arrays come in multiples of this, so that blocks of about one size fit each other's. */
  private static final int STEP = 256;

  /** Contents beyond this, in bytes, have an array of their own. */
  private static final int MAX_FRAME_BYTES = 64 << 10;

  /** An array may be larger than what it holds by one part in this many. */
  private static final int SLACK = 16;

  /** What an object with its array headers costs beside the payload, in bytes, about. */
  static final int OVERHEAD_BYTES = 112;

  /** How many arrays become free at a time; a closed table may have left thousands. */
  private static final int MAX_COLLECTED = 64;

  /** Evicted blocks, the oldest first. */
  private final ArrayDeque<Evicted> evicted = new ArrayDeque<>();

  /** Arrays to be handed out, by size in steps. */
  private final List<ArrayDeque<byte[]>> free = new ArrayList<>();

  private int lastDropped; // size in steps
  private long freeFrames;
  private long bytes;

  BlockBufferPool() {
    for (int size = 0; size <= MAX_FRAME_BYTES; size += STEP) {
      free.add(new ArrayDeque<>(1));
    }
  }

  /** What the arrays here weigh, with their share of overhead. */
  long bytes() {
    return bytes;
  }

  /**
   * Takes an array out.
   *
   * @param size bytes that it is to hold
   * @return null if there is none; its content is garbage
   */
  byte[] take(int size) {
    if (size > MAX_FRAME_BYTES) {
      return null;
    }
    byte[] frame = takeFree(size);
    return frame == null && collect() ? takeFree(size) : frame;
  }

  /**
   * How long an array should be so that it can be used again.
   *
   * @param size bytes that it is to hold
   * @return at least that many
   */
  static int frameSize(int size) {
    return size > MAX_FRAME_BYTES ? size : steps(size) * STEP;
  }

  private byte[] takeFree(int size) {
    int last = Math.min(steps(size + size / SLACK), free.size() - 1);
    for (int steps = steps(size); freeFrames > 0 && steps <= last; steps++) {
      byte[] frame = free.get(steps).pollLast();
      if (frame != null) {
        freeFrames--;
        bytes -= weight(frame);
        return frame;
      }
    }
    return null;
  }

  /**
   * Takes a block's array in.
   *
   * @param block has left the cache
   * @param readers lookups that may have found it before
   */
  void add(Lender block, ReaderEpochs readers) {
    int size = block.array().length;
    if (size % STEP == 0 && size <= MAX_FRAME_BYTES) {
      evicted.add(new Evicted(block, readers, readers.epoch()));
      bytes += weight(block.array());
    }
  }

  /** Makes some of the arrays free that are by now; false if there are none. */
  private boolean collect() {
    boolean any = false;
    for (int i = 0; i < MAX_COLLECTED && !evicted.isEmpty(); i++) {
      Evicted next = evicted.peek();
      if (!next.isUnread()) {
        break;
      }
      evicted.remove();
      byte[] frame = next.block.takeArray();
      if (frame == null) {
        bytes -= weight(next.block.array());
      } else {
        assert overwrite(frame);
        free.get(frame.length / STEP).add(frame);
        freeFrames++;
        any = true;
      }
    }
    return any;
  }

  /** Makes whoever still reads an array notice, when assertions are enabled. */
  private static boolean overwrite(byte[] frame) {
    Arrays.fill(frame, (byte) 0xDB);
    return true;
  }

  /** Leaves an array to the collector, of those that are free if there is one. */
  void dropOne() {
    if (freeFrames == 0) {
      bytes -= weight(evicted.remove().block.array());
      return;
    }
    byte[] frame;
    do { // all sizes in turn, so that one that is in demand no more does not stay
      lastDropped = (lastDropped + 1) % free.size();
      frame = free.get(lastDropped).pollFirst();
    } while (frame == null);
    freeFrames--;
    bytes -= weight(frame);
  }

  private static int steps(int size) {
    return (size + STEP - 1) / STEP;
  }

  private static int weight(byte[] frame) {
    return frame.length + OVERHEAD_BYTES;
  }

  /** A block whose array may be used again. Thread-safe. */
  interface Lender {
    /** The array, which others may read. */
    byte[] array();

    /**
     * Gives the array away, when all lookups that may have found the block have ended.
     *
     * @return null if somebody holds the block
     */
    byte[] takeArray();
  }

  /** A block that has left the cache, and the lookups that may still read it. */
  private record Evicted(Lender block, ReaderEpochs readers, int epoch) {
    boolean isUnread() {
      return readers.hasPassed(epoch);
    }
  }
}
