package io.lsmdb.internal.engine.family;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScanDetectorTest {
  private final ScanDetector habit = new ScanDetector();

  @Test
  void whatIsNeverScannedNeedsNoOrder() {
    for (int i = 0; i < 2 * ScanDetector.REMEMBERED; i++) {
      assertFalse(habit.atNextMemTable());
    }
  }

  @Test
  void aCursorIsRememberedForSoManyMemtables() {
    for (int round = 0; round < 2; round++) {
      habit.noteCursor();
      habit.noteCursor();
      for (int i = 0; i < ScanDetector.REMEMBERED; i++) {
        assertTrue(habit.atNextMemTable(), "memtable " + i);
      }
      assertFalse(habit.atNextMemTable());
    }
  }

  @Test
  void aLaterCursorIsRememberedAsLong() {
    habit.noteCursor();
    assertTrue(habit.atNextMemTable());
    habit.noteCursor();
    for (int i = 0; i < ScanDetector.REMEMBERED; i++) {
      assertTrue(habit.atNextMemTable(), "memtable " + i);
    }
    assertFalse(habit.atNextMemTable());
  }
}
