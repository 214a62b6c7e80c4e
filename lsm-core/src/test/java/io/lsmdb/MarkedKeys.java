package io.lsmdb;

import io.lsmdb.CompactionFilter.Candidate;
import io.lsmdb.CompactionFilter.Decision;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Random;

/**
 * The keys with which a compaction filter of the model test has to do, and what it makes of them.
 *
 * <p>Stateless. When the filter meets a value is up to compactions: a reader of now may see such a
 * value as it was written or as the filter leaves it, and never again as it was written once it was
 * seen filtered. A snapshot goes on seeing what it saw.
 */
final class MarkedKeys {
  /** How all of these keys begin, and no others. */
  static final byte[] PREFIX = TestStores.bytes("marked/");

  private static final byte[] END = TestStores.bytes("marked0");
  private static final int COUNT = 12;

  private MarkedKeys() {}

  /** Drops values that begin with 'd', and changes those that begin with 'c'. */
  static Decision filter(Candidate candidate) {
    if (!isMarked(bytes(candidate.key()))) {
      return Decision.KEEP;
    }
    byte[] before = bytes(candidate.value());
    byte[] after = filtered(before);
    if (after == null) {
      return Decision.DROP;
    }
    return Arrays.equals(before, after) ? Decision.KEEP : Decision.change(after);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  static byte[] anyKey(Random random) {
    return TestStores.bytes("marked/" + random.nextInt(COUNT));
  }

  static boolean isMarked(byte[] key) {
    return key.length >= PREFIX.length
        && Arrays.equals(key, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  /** Makes a value one that the filter drops, changes or keeps. */
  static byte[] mark(Random random, byte[] value) {
    byte[] marked = Arrays.copyOf(value, value.length + 1);
    marked[value.length] = marked[0];
    marked[0] = (byte) "dck".charAt(random.nextInt(3));
    return marked;
  }

  /** What the filter makes of a value; null where it drops it. */
  private static byte[] filtered(byte[] value) {
    return switch (value[0]) {
      case 'd' -> null;
      case 'c' -> {
        byte[] changed = Arrays.copyOf(value, value.length / 2 + 1);
        changed[0] = 'C';
        yield changed;
      }
      default -> value;
    };
  }

  /** Whether one value has become another, or absent, by the filter. */
  static boolean isFiltered(byte[] key, byte[] before, byte[] after) {
    return isMarked(key)
        && before != null
        && !Arrays.equals(before, after)
        && Arrays.equals(filtered(before), after);
  }

  /** Those of some entries that are marked: a view. */
  static NavigableMap<byte[], byte[]> within(NavigableMap<byte[], byte[]> entries) {
    return entries.subMap(PREFIX, true, END, false);
  }
}
