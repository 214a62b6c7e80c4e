package io.lsmdb.internal.engine;

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
record ReadEnv(
    FamilyRegistry families,
    ReadGate gate,
    VisibleSequence visible,
    TableCache tables,
    CallbackThreads callbacks,
    EngineStats stats) {}
