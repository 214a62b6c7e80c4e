package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.memtable.MemTablePins;
import java.util.function.LongSupplier;

/** What a memtable asks about readers that all pass through a gate, and pin nothing. */
final class GateReaders implements MemTablePins {
  private final ReadGate gate;
  private final LongSupplier visible;

  GateReaders(ReadGate gate, LongSupplier visible) {
    this.gate = gate;
    this.visible = visible;
  }

  @Override
  public long visibleSequence() {
    return visible.getAsLong();
  }

  @Override
  public boolean arePinned() {
    return false;
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
