package io.lsmdb.internal.engine.family;

/**
 * Whether a family's memtables should keep their keys in order at once, because it is scanned.
 *
 * <p>Putting each new key in order costs more than the rest of a put, and only cursors and flushes
 * need order. A family that was never scanned therefore only sorts runs of keys, in the background;
 * cursors over many runs are slower, so what was scanned once is expected to be scanned again.
 *
 * <p>Cursors may be noted by any thread; the rest is guarded by the state monitor.
 */
public final class ScanDetector {
  /** After so many memtables without a cursor no more are expected. */
  static final int REMEMBERED = 64;

  private volatile boolean scanned;
  private int unscanned = REMEMBERED; // memtables since one during which a cursor was opened

  /** Notes that a cursor is opened. */
  public void noteCursor() {
    if (!scanned) {
      scanned = true;
    }
  }

  /** Goes on to the next memtable; returns whether it should keep order at once. */
  boolean atNextMemTable() {
    unscanned = scanned ? 0 : Math.min(unscanned + 1, REMEMBERED);
    scanned = false;
    return unscanned < REMEMBERED;
  }
}
