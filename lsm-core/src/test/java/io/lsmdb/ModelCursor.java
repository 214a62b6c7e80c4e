package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lsmdb.testing.ModelDb;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * An iterator that is moved together with its model, and compared after each move.
 *
 * <p>Not thread-safe. Closed by whoever made it.
 */
final class ModelCursor implements AutoCloseable {
  private final DbIterator actual;
  private final ReadOptions options;

  private NavigableMap<byte[], byte[]> shown;
  private Map.Entry<byte[], byte[]> current;

  /**
   * Opens a cursor.
   *
   * @param view the reads of a family
   * @param options bounds
   * @param entries what the family holds in the view; copied
   */
  ModelCursor(ReadView view, ReadOptions options, NavigableMap<byte[], byte[]> entries) {
    this(view.iterate(options), options, entries);
  }

  /** Takes over a cursor that has been opened with these options on these entries. */
  ModelCursor(DbIterator actual, ReadOptions options, NavigableMap<byte[], byte[]> entries) {
    this.actual = actual;
    this.options = options;
    show(entries);
    check("open");
    learnWhatIsFiltered();
  }

  private void show(NavigableMap<byte[], byte[]> entries) {
    shown = new TreeMap<>(entries);
    if (options.lowerBound() != null) {
      shown = shown.tailMap(options.lowerBound(), true);
    }
    byte[] upper = options.upperBound();
    if (upper != null) {
      boolean isEmpty = shown.isEmpty() || shown.comparator().compare(shown.firstKey(), upper) >= 0;
      shown = isEmpty ? new TreeMap<>(shown.comparator()) : shown.headMap(upper, false);
    }
  }

  /** Looks which marked values the filter has reached before the cursor was opened. */
  private void learnWhatIsFiltered() {
    NavigableMap<byte[], byte[]> marked = MarkedKeys.within(new TreeMap<>(shown));
    marked.forEach(
        (key, value) -> {
          actual.seek(key);
          boolean isThere = actual.isValid() && Arrays.equals(key, actual.key());
          byte[] seen = isThere ? actual.value() : null;
          if (MarkedKeys.isFiltered(key, value, seen)) {
            shown.remove(key);
            if (isThere) {
              shown.put(key, seen);
            }
          }
        });
    if (!marked.isEmpty()) {
      actual.seekToLast();
      if (actual.isValid()) {
        actual.next();
      }
      check("beyond the end");
    }
  }

  /** Makes one random move. */
  void step(Random random, byte[] target) {
    switch (random.nextInt(current == null ? 4 : 12)) {
      case 0 -> {
        actual.seekToFirst();
        current = shown.firstEntry();
        check("seekToFirst");
      }
      case 1 -> {
        actual.seekToLast();
        current = shown.lastEntry();
        check("seekToLast");
      }
      case 2 -> seek(target);
      case 3 -> {
        actual.seekForPrev(target);
        current = entryUpTo(target);
        check("seekForPrev " + ModelDb.show(target));
      }
      case 4, 5, 6, 7 -> next();
      default -> prev();
    }
  }

  private Map.Entry<byte[], byte[]> entryFrom(byte[] target) {
    for (Map.Entry<byte[], byte[]> entry : shown.entrySet()) {
      if (shown.comparator().compare(entry.getKey(), target) >= 0) {
        return entry;
      }
    }
    return null;
  }

  private Map.Entry<byte[], byte[]> entryUpTo(byte[] target) {
    for (Map.Entry<byte[], byte[]> entry : shown.descendingMap().entrySet()) {
      if (shown.comparator().compare(entry.getKey(), target) <= 0) {
        return entry;
      }
    }
    return null;
  }

  boolean isValid() {
    return current != null;
  }

  void seek(byte[] target) {
    actual.seek(target);
    current = entryFrom(target);
    check("seek " + ModelDb.show(target));
  }

  void next() {
    byte[] from = current.getKey();
    actual.next();
    current = shown.higherEntry(from);
    check("next after " + ModelDb.show(from));
  }

  void prev() {
    byte[] from = current.getKey();
    actual.prev();
    current = shown.lowerEntry(from);
    check("prev before " + ModelDb.show(from));
  }

  /** Moves the cursor to the state of now, or of its snapshot. */
  void refresh(NavigableMap<byte[], byte[]> entries) {
    actual.refresh();
    current = null;
    show(entries);
    check("refresh");
    learnWhatIsFiltered();
  }

  /**
   * Tries to refresh a cursor whose family or snapshot is gone: it keeps showing what it showed.
   */
  void refreshInVain() {
    assertThrows(DbClosedException.class, actual::refresh);
    current = null;
    check("refresh in vain");
  }

  private void check(String move) {
    assertEquals(current != null, actual.isValid(), move + ": isValid");
    if (current == null) {
      assertThrows(IllegalStateException.class, actual::key, move);
      assertThrows(IllegalStateException.class, actual::next, move);
      assertThrows(IllegalStateException.class, actual::prev, move);
      return;
    }
    assertArrayEquals(current.getKey(), actual.key(), move + ": key");
    assertArrayEquals(current.getValue(), actual.value(), move + ": value");
    assertEquals(ByteBuffer.wrap(current.getKey()), actual.keyBuffer(), move + ": keyBuffer");
    assertEquals(ByteBuffer.wrap(current.getValue()), actual.valueBuffer(), move + ": valueBuffer");
    byte[] key = new byte[current.getKey().length];
    assertEquals(key.length, actual.key(key), move + ": length of the key");
    assertArrayEquals(current.getKey(), key, move + ": key copied");
    byte[] value = new byte[current.getValue().length];
    assertEquals(value.length, actual.value(value), move + ": length of the value");
    assertArrayEquals(current.getValue(), value, move + ": value copied");
  }

  @Override
  public void close() {
    actual.close();
  }
}
