package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.MemTableRef;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A user's request to compact a key range down to its last level.
 *
 * <p>Guarded by the state monitor, apart from the result.
 */
public final class ManualCompaction {
  private final ColumnFamilyState family;
  private final byte[] from;
  private final byte[] to;
  private final List<MemTableRef> toFlushFirst;
  private final long rewriteBelow;
  private final CompletableFuture<Void> result = new CompletableFuture<>();

  private int level;
  private Compaction running;

  /**
   * Creates a request.
   *
   * @param family the family
   * @param from first key, or null
   * @param to exclusive end, or null
   * @param toFlushFirst memtables whose content belongs to the range
   * @param rewriteBelow files with smaller numbers are rewritten even at the bottom; 0 for none
   */
  public ManualCompaction(
      ColumnFamilyState family,
      byte[] from,
      byte[] to,
      List<MemTableRef> toFlushFirst,
      long rewriteBelow) {
    this.family = family;
    this.from = from == null ? null : from.clone();
    this.to = to == null ? null : to.clone();
    this.toFlushFirst = List.copyOf(toFlushFirst);
    this.rewriteBelow = rewriteBelow;
  }

  ColumnFamilyState family() {
    return family;
  }

  /** Completed by the store, or cancelled by the user. */
  public CompletableFuture<Void> result() {
    return result;
  }

  boolean isFlushed() {
    return toFlushFirst.stream().noneMatch(family.immutables()::contains);
  }

  boolean isRunning() {
    return running != null && family.running().contains(running);
  }

  Optional<Compaction> pick(PickerInput input) {
    return family.picker().pickRange(input, from, to, level, rewriteBelow);
  }

  boolean isBlocked(PickerInput input) {
    return family.picker().isRangeBlocked(input, from, to, level, rewriteBelow);
  }

  void begun(Compaction compaction) {
    running = compaction;
  }

  /** Goes on with the level that a finished step has written to. */
  void reached(Compaction compaction) {
    level = compaction.outputLevel();
  }
}
