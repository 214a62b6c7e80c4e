package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.base.StoreToken;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.memtable.ChunkPool;
import java.util.function.LongSupplier;

/**
 * The parts of a store that its column families use.
 *
 * @param token the identity of this opening of the store
 * @param gate releases replaced read states
 * @param clock the clock by which entries expire, in ms
 * @param chunks memory for memtables
 * @param writeBuffers counts the memory of memtables
 * @param sequences what is visible and pinned
 */
public record FamilyEnv(
    StoreToken token,
    ReadGate gate,
    LongSupplier clock,
    ChunkPool chunks,
    WriteBuffers writeBuffers,
    Sequences sequences) {}
