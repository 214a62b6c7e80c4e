package io.lsmdb.internal.engine;

import io.lsmdb.DbStats;
import io.lsmdb.DbStats.FamilyStats;
import io.lsmdb.DbStats.LevelStats;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.table.Lz4Codec;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;

/** What gathers the public figures of a store. Stateless. */
final class StatsReport {
  private StatsReport() {}

  static DbStats of(EngineContext context) {
    EngineStats stats = context.stats();
    List<FamilyStats> families = new ArrayList<>();
    for (ColumnFamilyState family : context.families().all()) {
      families.add(context.mutex().get(() -> family(family)));
    }
    return new DbStats(
        List.copyOf(families),
        stats.userBytes(),
        context.log().appendedBytes(),
        stats.flushBytes(),
        stats.compactionRead(),
        stats.compactionWritten(),
        stats.stalls(),
        context.cache().usage(),
        context.cache().hits(),
        context.cache().misses(),
        context.log().liveBytes(),
        context.snapshots().size(),
        context.chunks().pooledBytes(),
        stats.steppedOver(),
        Lz4Codec.implementation());
  }

  private static FamilyStats family(ColumnFamilyState family) {
    ReadState state = family.readState();
    Version version = state.version();
    long memory = state.mutable().table().memoryUsage();
    for (MemTableRef immutable : state.immutables()) {
      memory += immutable.table().memoryUsage();
    }
    List<LevelStats> levels = new ArrayList<>();
    for (int level = 0; level < Version.LEVELS; level++) {
      List<FileMetadata> files = version.files(level);
      long entries = files.stream().mapToLong(file -> file.counts().entries()).sum();
      levels.add(new LevelStats(level, files.size(), version.levelSize(level), entries));
    }
    while (!levels.isEmpty() && levels.get(levels.size() - 1).files() == 0) {
      levels.remove(levels.size() - 1);
    }
    return new FamilyStats(
        family.name(),
        memory,
        state.immutables().length,
        version.rangeTombstones().size(),
        List.copyOf(levels),
        family.picker().pendingBytes(version, FamilyRules.levelOptions(family)),
        family.running().size());
  }
}
