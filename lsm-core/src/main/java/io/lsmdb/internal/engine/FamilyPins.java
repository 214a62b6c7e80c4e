package io.lsmdb.internal.engine;

import io.lsmdb.internal.memtable.MemTablePins;

/**
 * The readers of a family's mutable memtable, as its writer may know them: lookups by the gate,
 * cursors by the references that they hold, snapshots by their list.
 *
 * <p>Used by the commit leader.
 */
// Snapshots are asked about first: a cursor that is opened at one asks whether that is still open
// after it has taken its reference. If here no snapshot is open any more, then either the cursor's
// reference is seen next, or the cursor finds its snapshot closed and gives up.
final class FamilyPins implements MemTablePins {
  /** In so many refusals for former read states, those are looked through once. */
  private static final int RECLAIM_EVERY = 1024;

  private final EngineContext context;
  private final ColumnFamilyState family;
  private int refusals;

  FamilyPins(EngineContext context, ColumnFamilyState family) {
    this.context = context;
    this.family = family;
  }

  @Override
  public long visibleSequence() {
    return context.visibleSequence();
  }

  @Override
  public boolean arePinned() {
    if (context.mayHaveSnapshots()) {
      return true;
    }
    ReadState state = family.readState();
    if (state.isShared()) {
      return true;
    }
    boolean inOtherStates = state.mutable().isShared();
    if (inOtherStates && ++refusals % RECLAIM_EVERY == 0) {
      context.gate().reclaim(); // a lookup that has ended meanwhile may have kept an old state
    }
    return inOtherStates;
  }

  @Override
  public int epoch() {
    return context.gate().epoch();
  }

  @Override
  public boolean hasPassed(int epoch) {
    return context.gate().hasPassed(epoch);
  }
}
