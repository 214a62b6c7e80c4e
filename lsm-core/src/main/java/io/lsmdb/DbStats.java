package io.lsmdb;

import java.util.List;
import java.util.Map;

/**
 * Figures about a store at one moment; counters run since it was opened. Immutable.
 *
 * @param families one element a family, ordered by id
 * @param userBytesWritten keys and values that were put or deleted, in bytes
 * @param logBytesWritten bytes of the records appended to the log, their headers included
 * @param flushBytesWritten bytes of SSTables written by flushes
 * @param compactionBytesRead bytes of SSTables read by compactions
 * @param compactionBytesWritten bytes of SSTables written by compactions
 * @param stalls for each cause, how often and how long writes waited; causes that never occurred
 *     are missing
 * @param blockCacheUsage bytes of cached blocks
 * @param blockCacheHits blocks found in the cache
 * @param blockCacheMisses blocks read from files
 * @param logSize bytes of the log that are still needed
 * @param liveSnapshots snapshots not closed yet
 * @param idleMemtableBytes memory that flushed memtables have left and the store keeps for new
 *     ones: at most 128 MiB and a sixteenth of the largest heap, an eighth for all stores of the
 *     process; let go of once none has been needed for 10 to 20 seconds
 * @param entriesSteppedOver entries that iterators passed without showing them: tombstones, hidden
 *     versions, and what was written after the iterator was opened
 * @param lz4 which LZ4 codec runs: "native" or "java"
 */
public record DbStats(
    List<FamilyStats> families,
    long userBytesWritten,
    long logBytesWritten,
    long flushBytesWritten,
    long compactionBytesRead,
    long compactionBytesWritten,
    Map<EventListener.StallCause, StallStats> stalls,
    long blockCacheUsage,
    long blockCacheHits,
    long blockCacheMisses,
    long logSize,
    int liveSnapshots,
    long idleMemtableBytes,
    long entriesSteppedOver,
    String lz4) {

  /**
   * How often and how long writes waited for one cause.
   *
   * @param count waits
   * @param nanos total length in nanoseconds
   */
  public record StallStats(long count, long nanos) {}

  /**
   * Figures about a family.
   *
   * @param name its name
   * @param memtableBytes memory of all its memtables
   * @param immutableMemtables memtables waiting for their flush
   * @param deletedRanges pieces of ranges that were deleted and may hide data in tables; see {@link
   *     Keyspace#deleteRange(byte[], byte[], WriteOptions)}
   * @param levels one element a level, from level 0 to the deepest that has files
   * @param pendingCompactionBytes estimate of what compaction still has to rewrite, in bytes
   * @param runningCompactions compactions under way
   */
  public record FamilyStats(
      String name,
      long memtableBytes,
      int immutableMemtables,
      int deletedRanges,
      List<LevelStats> levels,
      long pendingCompactionBytes,
      int runningCompactions) {}

  /**
   * Figures about a level.
   *
   * @param level its number
   * @param files how many SSTables
   * @param bytes their size
   * @param entries their entries, tombstones and hidden versions included
   */
  public record LevelStats(int level, int files, long bytes, long entries) {}

  /**
   * Bytes written to files per byte that the user wrote.
   *
   * @return log, flush and compaction together; 0 before the first write
   */
  public double writeAmplification() {
    long written = logBytesWritten + flushBytesWritten + compactionBytesWritten;
    return userBytesWritten == 0 ? 0 : (double) written / userBytesWritten;
  }

  /**
   * Size of all SSTables.
   *
   * @return bytes
   */
  public long tableBytes() {
    return families.stream()
        .flatMap(family -> family.levels().stream())
        .mapToLong(LevelStats::bytes)
        .sum();
  }
}
