package io.lsmdb.internal.engine.family;

import java.util.function.LongSupplier;

/**
 * The sequences of a store that its families ask for.
 *
 * @param visible the newest sequence that can be read
 * @param groupBound a visible sequence, or the one after it, such that the group of each write
 *     above it begins after the call
 * @param snapshots the pinned sequences
 */
public record Sequences(VisibleSequence visible, LongSupplier groupBound, SnapshotList snapshots) {}
