package io.lsmdb.internal.engine.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is known of empty ranges after cursors have looked and leaders have put. */
class EmptyRangesTest {
  private static final int MANY = EmptyRanges.MIN_DELETED;

  /** The newest visible sequence, and whether a group is under way. */
  private long visible = 10;

  private boolean led;

  private final EmptyRanges ranges = new EmptyRanges(() -> led ? visible + 1 : visible);

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void look(String from, String behind, String covered, int deleted, long sequence) {
    ranges.learn(
        ranges.load(),
        new EmptyRanges.Seen(bytes(from), bytes(behind), bytes(covered), deleted, sequence));
  }

  private void put(String key) {
    ranges.put(bytes(key), 0, key.length());
  }

  /** The end of the range that a key lies in; null when it is in none. */
  private String end(String key, long sequence) {
    EmptyRanges.Range range =
        EmptyRanges.find(ranges.load(), bytes(key), 0, key.length(), sequence);
    return range == null ? null : new String(range.end, StandardCharsets.ISO_8859_1);
  }

  private void prove(String from, String behind) {
    look(from, behind, behind, MANY, visible);
    look(from, behind, behind, MANY, visible);
    assertEquals(behind, end(from, visible));
  }

  @Test
  void aRangeIsProvenByTheSecondLook() {
    look("b", "f", "g", MANY, 10);
    assertNull(end("b", 10));
    look("b", "f", "g", MANY, 10);
    assertEquals("f", end("b", 10));
    assertEquals("f", end("e", 11));
    assertNull(end("f", 11));
    assertNull(end("a", 11));
    assertNull(end("b", 9), "an older snapshot may see what has been deleted");
  }

  @Test
  void aFewDeletedKeysMakeNoRange() {
    look("b", "f", "g", MANY - 1, 10);
    assertEquals(0, ranges.load().length);
  }

  @Test
  void theSecondLookMustBeLaterThanTheGroupThatWasUnderWay() {
    led = true;
    look("b", "f", "g", MANY, 10);
    look("b", "f", "g", MANY, 10);
    assertNull(end("b", 10));
    look("b", "f", "g", MANY, 11);
    assertEquals("f", end("b", 11));
  }

  @Test
  void theSecondLookMustReachTheEndOfTheFirst() {
    look("b", "f", "g", MANY, 10);
    look("b", "e", "e", MANY, 10);
    assertNull(end("b", 10));
    look("c", "f", "g", MANY, 10);
    assertNull(end("b", 10), "it began behind the first");
  }

  @Test
  void aPutBetweenTheLooksSpoilsTheFirst() {
    look("b", "f", "g", MANY, 10);
    EmptyRanges.Range[] known = ranges.load();
    put("c");
    ranges.learn(known, new EmptyRanges.Seen(bytes("b"), bytes("f"), bytes("g"), MANY, visible));
    assertNull(end("b", 10));
    assertEquals(0, ranges.load().length);
  }

  @Test
  void aPutCutsWhatIsProven() {
    prove("b", "f");
    put("a");
    put("f");
    assertEquals("f", end("b", 10));
    put("d");
    assertEquals("d", end("b", 10));
    assertNull(end("d", 10));
    assertEquals("f", end("e", 10));
    put("b");
    assertNull(end("c", 10), "between two puts");
    assertEquals("f", end("e", 10));
    put("ea");
    assertNull(end("e", 10), "between two puts");
    assertEquals("f", end("eb", 10));
    assertEquals(1, ranges.load().length);
  }

  @Test
  void putsOfKeysInTheirOrderLeaveOneRange() {
    prove("b", "y");
    for (char c = 'b'; c < 'y'; c++) {
      put(String.valueOf(c));
      assertNull(end(String.valueOf(c), 10));
      assertEquals("y", end(c + "a", 10));
      assertEquals(1, ranges.load().length);
    }
  }

  @Test
  void theStartMovesBackWithWhatIsDeletedBeforeIt() {
    prove("f", "k");
    look("e", "k", "k", EmptyRanges.MIN_EXTENSION - 1, 11);
    assertNull(end("e", 12), "too few");
    look("d", "k", "k", EmptyRanges.MIN_EXTENSION, 11);
    assertNull(end("d", 12));
    look("c", "k", "k", EmptyRanges.MIN_EXTENSION + 1, 12);
    assertEquals("k", end("d", 12));
    assertNull(end("d", 11), "proven at 12");
    assertNull(end("c", 12), "seen once");
    look("c", "k", "k", 1, 12);
    assertEquals("k", end("c", 12));
    assertEquals(1, ranges.load().length);
  }

  @Test
  void aPutBeforeTheStartLeavesWhatIsProven() {
    prove("f", "k");
    look("d", "k", "k", EmptyRanges.MIN_EXTENSION, 11);
    put("e");
    look("d", "e", "e", EmptyRanges.MIN_EXTENSION, 12);
    assertNull(end("d", 12));
    assertNull(end("e", 12));
    assertEquals("k", end("f", 12));
  }

  @Test
  void theEndMovesOnWithWhatIsDeletedBehindIt() {
    prove("b", "f");
    look("b", "h", "m", EmptyRanges.MIN_EXTENSION, 11);
    assertEquals("f", end("b", 11));
    look("b", "i", "m", 1, 12);
    assertEquals("h", end("b", 12));
    assertEquals("h", end("b", 13));
    assertNull(end("b", 11), "proven at 12");
  }

  @Test
  void aPutBehindTheEndLeavesWhatIsProven() {
    prove("b", "f");
    look("b", "h", "m", EmptyRanges.MIN_EXTENSION, 11);
    put("g");
    assertEquals("f", end("b", 11));
    look("b", "h", "m", 1, 12);
    assertEquals("f", end("b", 12));
  }

  @Test
  void theSecondLookMayBeginBeforeTheFirst() {
    look("c", "f", "g", MANY, 10);
    look("b", "f", "f", MANY, 10);
    assertEquals("f", end("c", 10));
    assertNull(end("b", 10), "seen once");
    look("a", "f", "e", MANY, 10);
    assertEquals("f", end("b", 10));
    assertEquals("f", end("c", 10));
  }

  @Test
  void oneLookProvesAllThatIsPendingInIt() {
    look("b", "d", "d", MANY, 10);
    look("f", "h", "h", MANY, 10);
    look("a", "k", "k", MANY, 11);
    assertEquals("d", end("b", 11));
    assertEquals("h", end("f", 11));
    assertNull(end("a", 11));
    assertNull(end("e", 11));
    assertNull(end("i", 11));
    look("a", "k", "k", MANY, 11);
    assertEquals("k", end("a", 11));
    assertEquals(1, ranges.load().length);
  }

  @Test
  void neighboursBecomeOne() {
    prove("f", "k");
    prove("m", "p");
    prove("b", "d");
    assertEquals(3, ranges.load().length);
    look("b", "n", "z", MANY, 10);
    look("b", "n", "z", MANY, 10);
    assertEquals("p", end("b", 10));
    assertEquals(1, ranges.load().length);
  }

  @Test
  void rangesStayInOrderAndFew() {
    for (int i = 0; i < 2 * EmptyRanges.MAX_RANGES; i++) {
      visible++;
      String prefix = String.format("k%05d", i);
      prove(prefix + "a", prefix + "f");
      EmptyRanges.Range[] known = ranges.load();
      for (int r = 1; r < known.length; r++) {
        assertTrue(Arrays.compareUnsigned(known[r - 1].seenEnd, known[r].from) <= 0);
      }
    }
    assertEquals(EmptyRanges.MAX_RANGES, ranges.load().length);
    assertNotNull(
        end(String.format("k%05db", 2 * EmptyRanges.MAX_RANGES - 1), visible),
        "the newest are kept");
  }

  @Test
  void longKeysAreNotKept() {
    look("b", "c".repeat(2_000), "d", MANY, 10);
    assertEquals(0, ranges.load().length);
  }
}
