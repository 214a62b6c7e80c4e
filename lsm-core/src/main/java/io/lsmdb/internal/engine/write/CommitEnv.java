package io.lsmdb.internal.engine.write;

import io.lsmdb.internal.engine.read.KeyCounter;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.engine.runtime.FailureLatch;
import io.lsmdb.internal.engine.runtime.ReadGate;

/**
 * The parts of a store that the commit pipeline uses.
 *
 * @param log receives the groups
 * @param sealer seals full memtables
 * @param counter counts the keys of the families that count their entries
 * @param failure stops all writes
 * @param gate names the closed store
 * @param stats counts what is written
 */
public record CommitEnv(
    LogManager log,
    MemTableSealer sealer,
    KeyCounter counter,
    FailureLatch failure,
    ReadGate gate,
    EngineStats stats) {}
