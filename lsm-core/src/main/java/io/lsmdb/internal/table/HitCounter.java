package io.lsmdb.internal.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter for hot paths that may lose a few counts.
 *
 * <p>Thread-safe. Each thread adds to one of 64 cells on cache lines of their own, by a plain read
 * and write (about 1 ns, an atomic addition takes 5 or more); two threads that share a cell can
 * lose increments to each other.
 */
final class HitCounter {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int CELLS = 64;
  private static final int LONGS_PER_LINE = 8;

  private final long[] cells = new long[(CELLS + 1) * LONGS_PER_LINE];

  void increment() {
    int cell = (((int) Thread.currentThread().getId() & CELLS - 1) + 1) * LONGS_PER_LINE;
    CELL.setOpaque(cells, cell, (long) CELL.getOpaque(cells, cell) + 1);
  }

  long sum() {
    long sum = 0;
    for (int cell = LONGS_PER_LINE; cell < cells.length; cell += LONGS_PER_LINE) {
      sum += (long) CELL.getOpaque(cells, cell);
    }
    return sum;
  }
}
