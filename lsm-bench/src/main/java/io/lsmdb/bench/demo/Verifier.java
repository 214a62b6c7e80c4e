package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbIterator;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * The comparison of a store with the recomputation, entry by entry, in both directions.
 *
 * <p>Not thread-safe. One direction scans each family: keys ascend strictly, and each has the
 * expected value, hence nothing is surplus. The other looks up every expected key, hence nothing is
 * missing. Both directions must count the same number of entries.
 */
final class Verifier {
  /** A difference between store and recomputation; the message names family and key. */
  static final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
      super(message);
    }
  }

  private static final int SHOWN_BYTES = 48;

  private final Map<Shape, ColumnFamily> families;
  private final ExpectedState expected;

  Verifier(Map<Shape, ColumnFamily> families, ExpectedState expected) {
    this.families = families;
    this.expected = expected;
  }

  /**
   * Compares everything.
   *
   * @return how many entries each family has
   * @throws MismatchException for the first difference
   */
  Map<Shape, Long> verify() {
    Map<Shape, Long> entries = new EnumMap<>(Shape.class);
    for (Shape shape : Shape.values()) {
      long scanned = scan(shape);
      expected.forEach(shape, (key, value) -> check(shape, key, value, family(shape).get(key)));
      if (scanned != expected.entries(shape)) {
        throw new MismatchException(
            "family "
                + shape.family
                + ": a scan shows "
                + scanned
                + " entries, expected are "
                + expected.entries(shape));
      }
      entries.put(shape, scanned);
    }
    return entries;
  }

  private ColumnFamily family(Shape shape) {
    return families.get(shape);
  }

  private long scan(Shape shape) {
    long entries = 0;
    byte[] previous = null;
    try (DbIterator it = family(shape).iterate()) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        byte[] key = it.key();
        if (previous != null && Arrays.compareUnsigned(previous, key) >= 0) {
          throw mismatch(shape, key, "is not above the key before it");
        }
        check(shape, key, expected.value(shape, key), it.value());
        previous = key;
        entries++;
      }
    }
    return entries;
  }

  private static void check(Shape shape, byte[] key, byte[] expected, byte[] found) {
    if (expected == null) {
      throw mismatch(shape, key, "is surplus, its value is " + hex(found));
    }
    if (found == null) {
      throw mismatch(shape, key, "is missing, its value must be " + hex(expected));
    }
    if (!Arrays.equals(expected, found)) {
      throw mismatch(shape, key, "has value " + hex(found) + ", expected is " + hex(expected));
    }
  }

  private static MismatchException mismatch(Shape shape, byte[] key, String what) {
    return new MismatchException(
        "family "
            + shape.family
            + ": key "
            + hex(key)
            + " ("
            + Layout.describe(shape, key)
            + ") "
            + what);
  }

  private static String hex(byte[] bytes) {
    String shown = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN_BYTES));
    return bytes.length > SHOWN_BYTES ? shown + "… (" + bytes.length + " bytes)" : shown;
  }
}
