package io.lsmdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of a family that an {@link IndexedWriteBatch} deletes from what it is laid over.
 *
 * <p>Not thread-safe. Ranges neither overlap nor touch.
 */
final class DeletedRanges {
  /** None. */
  static final DeletedRanges NONE = new DeletedRanges();

  /**
   * A range of keys.
   *
   * @param from first key
   * @param to end, exclusive; null for no end
   */
  record Range(byte[] from, byte @Nullable [] to) {
    /** Whether a key is in the range, or is its end. */
    private boolean reaches(byte[] key) {
      return to == null || Arrays.compareUnsigned(to, key) >= 0;
    }

    private boolean contains(byte[] key) {
      return to == null || Arrays.compareUnsigned(to, key) > 0;
    }
  }

  private final TreeMap<byte[], Range> ranges = new TreeMap<>(Arrays::compareUnsigned);

  /**
   * Adds a range.
   *
   * @param from first key; kept, not to be changed
   * @param to end, exclusive, above {@code from}; null for no end; kept, not to be changed
   * @return takes the range out again, once all that were added later are out
   */
  Runnable add(byte[] from, byte @Nullable [] to) {
    Range added = new Range(from, to);
    List<Range> joined = new ArrayList<>();
    Range before = floor(from);
    if (before != null && before.reaches(from)) {
      added = join(before, added);
      joined.add(before);
    }
    for (Range behind : ranges.tailMap(from, false).values()) {
      if (!added.reaches(behind.from)) {
        break;
      }
      added = join(added, behind);
      joined.add(behind);
    }
    joined.forEach(range -> ranges.remove(range.from));
    ranges.put(added.from, added);
    byte[] first = added.from;
    return () -> {
      ranges.remove(first);
      joined.forEach(range -> ranges.put(range.from, range));
    };
  }

  private static Range join(Range first, Range second) {
    return first.to == null || (second.to != null && first.contains(second.to))
        ? first
        : new Range(first.from, second.to);
  }

  private @Nullable Range floor(byte[] key) {
    Map.Entry<byte[], Range> floor = ranges.floorEntry(key);
    return floor == null ? null : floor.getValue();
  }

  /** The range that a key is in; null for none. */
  @Nullable Range covering(byte[] key) {
    Range range = floor(key);
    return range != null && range.contains(key) ? range : null;
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }
}
