package io.lsmdb.internal.engine;

import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRules;
import java.util.Comparator;
import java.util.List;

/**
 * The memory that memtables take while the log is replayed, bounded by flushes in between.
 *
 * <p>Used by recovery alone, in its thread; nothing else flushes meanwhile.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A flush begins between two records, so a batch is flushed as a whole or not at all.
 *   <li>When a record is applied, no memtable has reached its write buffer size, and all of them
 *       together take no more than the bound and what {@link #CHECKED_BYTES} of log have added. A
 *       full disk is an exception from the first half: memtables wait sealed then.
 * </ol>
 */
final class ReplayMemory {
  /** So much of the log is applied between two sums over all memtables, in bytes. */
  private static final int CHECKED_BYTES = 256 << 10;

  private final EngineContext context;
  private final long maxBytes;
  private long unchecked;
  private boolean isOneFull;

  /**
   * Begins with whatever the memtables hold.
   *
   * @param maxBytes what all memtables may take together
   */
  ReplayMemory(EngineContext context, long maxBytes) {
    this.context = context;
    this.maxBytes = maxBytes;
  }

  /** Notes that an operation was added to the memtable of a family. */
  void added(ColumnFamilyState family) {
    isOneFull |= FamilyRules.isFull(family);
  }

  /**
   * Flushes memtables that are too large.
   *
   * @param bytes of the record that is applied next
   */
  void makeRoom(int bytes) {
    unchecked += bytes;
    if (!isOneFull && unchecked < CHECKED_BYTES) {
      return;
    }
    List<ColumnFamilyState> families = context.families().all();
    if (isOneFull) {
      families.stream().filter(FamilyRules::isFull).forEach(context.sealer()::seal);
    }
    sealLargest(families);
    isOneFull = false;
    unchecked = 0;
    flush(families);
  }

  /** Seals the largest memtables until half of the bound is free, if it is exceeded. */
  private void sealLargest(List<ColumnFamilyState> families) {
    long total = families.stream().mapToLong(ReplayMemory::mutableBytes).sum();
    if (total <= maxBytes) {
      return;
    }
    families.sort(Comparator.comparingLong(ReplayMemory::mutableBytes).reversed());
    for (ColumnFamilyState family : families) {
      if (total > maxBytes / 2 && !family.readState().mutable().table().isEmpty()) {
        total -= mutableBytes(family);
        context.sealer().seal(family);
      }
    }
  }

  private void flush(List<ColumnFamilyState> families) {
    try {
      while (context.background().flushes().step()) {
        context.gate().reclaim();
      }
    } catch (StorageException e) {
      long waiting = families.stream().mapToLong(ReplayMemory::sealedBytes).sum();
      if (e.reason() != StorageException.Reason.DISK_FULL || waiting > maxBytes) {
        throw e;
      } // else the store can be opened all the same: what waits is flushed once there is space
    }
  }

  private static long mutableBytes(ColumnFamilyState family) {
    return family.readState().mutable().table().memoryUsage();
  }

  private static long sealedBytes(ColumnFamilyState family) {
    return family.immutables().stream().mapToLong(m -> m.table().memoryUsage()).sum();
  }
}
