package io.lsmdb.internal.engine.read;

import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.VisibleSequence;
import io.lsmdb.internal.engine.runtime.CallbackThreads;
import io.lsmdb.internal.engine.runtime.EngineStats;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.version.TableCache;

/**
 * The parts of a store that its reads use.
 *
 * @param families resolves handles
 * @param gate keeps what short reads use
 * @param visible the sequence of a read of now
 * @param tables the open SSTables
 * @param callbacks notes the threads that run user code
 * @param stats counts what cursors pass
 */
public record ReadEnv(
    FamilyRegistry families,
    ReadGate gate,
    VisibleSequence visible,
    TableCache tables,
    CallbackThreads callbacks,
    EngineStats stats) {}
