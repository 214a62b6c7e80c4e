package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Bytes;
import java.lang.invoke.VarHandle;

/**
 * Versions that newer ones have replaced, on their way to being memory for later versions.
 *
 * <p>Used by the memtable's writer alone; readers know nothing of it. Without it each change of a
 * counter would take memory until the flush, and ten thousand hot keys would not stay in the
 * processor's caches.
 *
 * <p>A version is replaced when a newer one of its key says all that it says. Then it goes three
 * steps, many versions at a time:
 *
 * <ol>
 *   <li>The newer version is visible, and all who began to read before that have ended: nobody
 *       needs the replaced one. It is unlinked.
 *   <li>All who began to read before that have ended: nobody stands on it, or holds its bytes.
 *   <li>Its record goes to the free ones of its size.
 * </ol>
 *
 * <p>Neither of the first two is done while readers {@linkplain MemTablePins#arePinned() are
 * pinned}. A version that is replaced when the list is full stays in the memtable.
 */
// Why nobody misses an unlinked version. It hangs below one of sequence n, and is seen by readers
// at sequences below n only. Those of no pin read at what was visible when they began; n was
// visible before the epoch was noted, so they began in that epoch or earlier, and have ended. Who
// has pinned an older sequence, or a cursor in such an epoch, would be told of by arePinned, which
// is asked after the epoch has passed.
//
// Why nobody reads a record that is used again: its version was unlinked (with a fence) before the
// second epoch was noted, so a reader that might hold it began in that epoch or earlier, and has
// ended or keeps a cursor.
final class VersionRecycler {
  /** So many may wait at the same time; a power of two. */
  private static final int CAPACITY = 256;

  /** So many are added between two looks at how far readers are. */
  private static final int ROUND = 32;

  /** Larger records are not used again, in bytes. */
  private static final int MAX_BYTES = 1024;

  private static final int UNITS = PayloadArena.units(MAX_BYTES) + 1;

  private final PayloadArena payload;
  private final MemTablePins readers;

  /**
   * Each replaced version, and the newer one that it hangs below. Arrays are null before the first.
   */
  private int[] replaced;

  private int[] newer;

  // How many have been added, and how far they have come, in their order; they only grow.
  private int added;
  private int noted; // their newer versions were visible in unlinkEpoch
  private int unlinked; // by freeEpoch
  private int freed;
  private int asked;

  private int unlinkEpoch;
  private int freeEpoch;

  /** Of the newer version that was added last. */
  private long lastSequence;

  /** The first free record of each size in units of 8 bytes, each with the next; 0 for none. */
  private int[] free;

  VersionRecycler(PayloadArena payload, MemTablePins readers) {
    this.payload = payload;
    this.readers = readers;
  }

  /**
   * Whether a version that is being replaced may be added; looks now and then how far readers are.
   *
   * @param bytes of its record
   */
  boolean takes(int bytes) {
    if (bytes > MAX_BYTES || readers.arePinned()) {
      return false;
    }
    if (++asked % ROUND == 0) {
      advance();
    }
    if (replaced == null) {
      allocate();
    }
    return added - freed < CAPACITY;
  }

  private void allocate() {
    newer = new int[CAPACITY];
    free = new int[UNITS];
    replaced = new int[CAPACITY]; // last: it tells that all are there
  }

  /**
   * Adds a version that is replaced.
   *
   * @param version has a record of no more than {@link #MAX_BYTES}
   * @param by the next newer one, which is not visible yet
   * @param sequence that of the newer one
   */
  void add(int version, int by, long sequence) {
    replaced[added & CAPACITY - 1] = version;
    newer[added & CAPACITY - 1] = by;
    added++;
    lastSequence = sequence;
  }

  private void advance() {
    if (noted == unlinked && added != noted && readers.visibleSequence() >= lastSequence) {
      noted = added;
      unlinkEpoch = readers.epoch();
    }
    if (unlinked == freed && noted != unlinked && haveLeft(unlinkEpoch)) {
      for (; unlinked != noted; unlinked++) {
        VersionRecord.unlinkBelow(payload, newer[unlinked & CAPACITY - 1]);
      }
      VarHandle.fullFence();
      freeEpoch = readers.epoch();
    }
    if (freed != unlinked && haveLeft(freeEpoch)) {
      for (; freed != unlinked; freed++) {
        free(replaced[freed & CAPACITY - 1]);
      }
    }
  }

  private boolean haveLeft(int epoch) {
    return readers.hasPassed(epoch) && !readers.arePinned();
  }

  private void free(int version) {
    byte[] array = payload.array(version);
    int record = PayloadArena.offset(version);
    int units = PayloadArena.units(VersionRecord.laterRecordBytes(array, record));
    Bytes.putInt(array, record, free[units]);
    free[units] = version;
  }

  /** Takes a free record of a size; 0 if there is none. */
  int take(int bytes) {
    int units = PayloadArena.units(bytes);
    if (free == null || units >= UNITS) {
      return 0;
    }
    int version = free[units];
    if (version != 0) {
      free[units] = Bytes.getInt(payload.array(version), PayloadArena.offset(version));
    }
    return version;
  }
}
