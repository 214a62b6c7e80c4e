package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.engine.family.SnapshotList;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.engine.runtime.EventReporter;
import io.lsmdb.internal.version.VersionSet;

/**
 * The parts of a store that flushes and compactions read, and bring their results to.
 *
 * @param jobs makes the environments of jobs
 * @param versions records new tables
 * @param deleter deletes tables that were not recorded
 * @param snapshots the pinned sequences
 * @param stats counts bytes
 * @param events reports to the listener
 */
public record JobContext(
    JobEnvironments jobs,
    VersionSet versions,
    FileDeleter deleter,
    SnapshotList snapshots,
    EngineStats stats,
    EventReporter events) {}
