package io.lsmdb.bench.demo;

import java.util.Arrays;

/**
 * A hash table from two longs to a few longs, in plain arrays.
 *
 * <p>Not thread-safe. Rows are numbered from 0 in the order in which they were added, and are never
 * removed. A row takes 8 bytes a column, 16 for its key, and 4 to 16 for its slot.
 */
final class LongTable {
  private static final int KEY = 2;
  private static final int FIRST_SLOTS = 64;

  private final int width;
  private long[] cells = new long[FIRST_SLOTS * 4];

  /** Row number plus one, 0 when free; at most half of them are taken. */
  private int[] slots = new int[FIRST_SLOTS];

  private int size;

  LongTable(int columns) {
    this.width = KEY + columns;
  }

  int size() {
    return size;
  }

  /** The row of a key, or -1. */
  int find(long first, long second) {
    int row = slots[slot(first, second)];
    return row - 1;
  }

  /** The row of a key, added with zeros if there is none. */
  int findOrAdd(long first, long second) {
    int slot = slot(first, second);
    if (slots[slot] > 0) {
      return slots[slot] - 1;
    }
    int at = Math.multiplyExact(size, width);
    if (at + width > cells.length) {
      cells = Arrays.copyOf(cells, Math.addExact(cells.length, Math.max(cells.length / 2, width)));
    }
    cells[at] = first;
    cells[at + 1] = second;
    slots[slot] = ++size;
    if (size > slots.length / 2) {
      rehash();
    }
    return size - 1;
  }

  long first(int row) {
    return cells[row * width];
  }

  long second(int row) {
    return cells[row * width + 1];
  }

  long get(int row, int column) {
    return cells[row * width + KEY + column];
  }

  void set(int row, int column, long value) {
    cells[row * width + KEY + column] = value;
  }

  private int slot(long first, long second) {
    int mask = slots.length - 1;
    long hash = (first * 0x9E3779B97F4A7C15L + second) * 0xD6E8FEB86659FD93L;
    int slot = (int) (hash ^ (hash >>> 32)) & mask;
    while (slots[slot] > 0 && !isRow(slots[slot] - 1, first, second)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean isRow(int row, long first, long second) {
    return first(row) == first && second(row) == second;
  }

  private void rehash() {
    slots = new int[slots.length * 2];
    for (int row = 0; row < size; row++) {
      slots[slot(first(row), second(row))] = row + 1;
    }
  }
}
