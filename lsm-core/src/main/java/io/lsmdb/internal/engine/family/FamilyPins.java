package io.lsmdb.internal.engine.family;

import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.memtable.MemTablePins;
import java.util.function.Supplier;

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

  private final ReadGate gate;
  private final Sequences sequences;
  private final Supplier<ReadState> readState;
  private int refusals;

  /**
   * Creates the view of a family's readers.
   *
   * @param readState finds the family's present read state
   */
  FamilyPins(ReadGate gate, Sequences sequences, Supplier<ReadState> readState) {
    this.gate = gate;
    this.sequences = sequences;
    this.readState = readState;
  }

  @Override
  public long visibleSequence() {
    return sequences.visible().get();
  }

  @Override
  public boolean arePinned() {
    if (sequences.snapshots().mayExist()) {
      return true;
    }
    ReadState state = readState.get();
    if (state.isShared()) {
      return true;
    }
    boolean inOtherStates = state.mutable().isShared();
    if (inOtherStates && ++refusals % RECLAIM_EVERY == 0) {
      gate.reclaim(); // a lookup that has ended meanwhile may have kept an old state
    }
    return inOtherStates;
  }

  @Override
  public int epoch() {
    return gate.epoch();
  }

  @Override
  public boolean hasPassed(int epoch) {
    return gate.hasPassed(epoch);
  }
}
