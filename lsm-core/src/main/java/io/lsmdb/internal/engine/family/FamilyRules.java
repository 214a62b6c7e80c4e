package io.lsmdb.internal.engine.family;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Compression;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.internal.compaction.pick.LevelOptions;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.FilterFormat;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.Version;
import java.util.List;

/** The rules that follow from a family's options and its read state. Stateless. */
public final class FamilyRules {
  /** So much of a memtable its range tombstones may take, whatever its size, in bytes. */
  private static final long MAX_RANGE_BYTES = 16 << 20;

  private FamilyRules() {}

  /** Whether the mutable memtable has reached its size. */
  public static boolean isFull(ColumnFamilyState family) {
    MemTable table = family.readState().mutable().table();
    return isFull(family, table, table.memoryUsage());
  }

  /** Whether a memtable of a family has reached its size. */
  public static boolean isFull(ColumnFamilyState family, MemTable table, long memory) {
    return memory >= family.options().writeBufferSize()
        || table.rangeMemoryUsage() >= MAX_RANGE_BYTES;
  }

  /**
   * How many full memtables the immutable ones amount to: those that were sealed early, for another
   * family's sake or for the log's, take as much of the limit as they have of memory. Called with
   * the state monitor held.
   */
  public static long fullImmutables(ColumnFamilyState family) {
    long size = family.options().writeBufferSize();
    long bytes = 0;
    for (MemTableRef immutable : family.immutables()) {
      long memory = immutable.table().memoryUsage();
      bytes += isFull(family, immutable.table(), memory) ? size : memory;
    }
    return bytes / size;
  }

  /** Computes a family's stall condition anew; called with the state monitor held. */
  public static void updateStall(ColumnFamilyState family) {
    var options = family.options();
    ReadState state = family.readState();
    Version version = state.version();
    long memtables = fullImmutables(family) + 1;
    StallCondition condition = StallCondition.NONE;
    if (memtables >= options.maxWriteBufferNumber() && isFull(family)) {
      condition =
          new StallCondition(StallCause.MEMTABLES, memtables, options.maxWriteBufferNumber(), 1);
    }
    condition =
        condition.or(
            StallCondition.of(
                StallCause.LEVEL0_FILES,
                family.picker().level0Backlog(version),
                options.level0SlowdownWritesTrigger(),
                options.level0StopWritesTrigger()));
    condition =
        condition.or(
            StallCondition.of(
                StallCause.PENDING_COMPACTION,
                family.picker().pendingBytes(version, levelOptions(family)),
                options.softPendingCompactionBytes(),
                options.hardPendingCompactionBytes()));
    family.setStall(condition);
  }

  /** The sizes of a family's levels. */
  public static LevelOptions levelOptions(ColumnFamilyState family) {
    ColumnFamilyOptions options = family.options();
    int trigger = options.level0FileNumCompactionTrigger();
    return new LevelOptions(
        trigger,
        Math.max(trigger, Math.min(2 * trigger, options.level0SlowdownWritesTrigger() / 2)),
        options.maxBytesForLevelBase(),
        options.maxBytesForLevelMultiplier(),
        options.targetFileSize(),
        options.compactionFilter() == null ? options.compression().size() - 1 : Version.LEVELS,
        PickerInput.millis(options.periodicCompaction()));
  }

  /** How tables of a level are laid out. */
  public static TableFormat tableFormat(ColumnFamilyOptions options, int level) {
    List<Compression> levels = options.compression();
    Compression compression = levels.get(Math.min(level, levels.size() - 1));
    return new TableFormat(
        options.blockSize(),
        new FilterFormat(
            options.bloomBitsPerKey(),
            options.prefixLength(),
            options.filterWholeKeys(),
            options.filterLastLevel()),
        switch (compression) {
          case NONE -> BlockCodec.NONE;
          case LZ4 -> BlockCodec.LZ4;
        });
  }
}
