package io.lsmdb.power;

import io.lsmdb.power.Recording.Event;
import java.util.List;
import java.util.Random;

/** A rule for the writes since the last flush of a device: which of them outlast a power loss. */
enum LossMode {
  /** None does. */
  ALL_LOST(0, 0),
  /** All do. */
  ALL_KEPT(0, 1),
  /** The first ones do. */
  FIRST_KEPT(0, 1) {
    @Override
    void apply(Recording recording, List<Event> pending, byte[] image, Random random) {
      int kept = random.nextInt(pending.size() + 1);
      super.apply(recording, pending.subList(0, kept), image, random);
    }
  },
  /** Each does or does not. */
  WRITES_KEPT(0, 0.5),
  /** Each page of 4 KiB does or does not. */
  PAGES_KEPT(4096, 0.5),
  /** Most sectors do. */
  SECTORS_KEPT(512, 0.875);

  /** Size of what outlasts as a whole, in bytes; 0 for the whole write. */
  private final int unit;

  private final double keptShare;

  LossMode(int unit, double keptShare) {
    this.unit = unit;
    this.keptShare = keptShare;
  }

  /**
   * Writes what outlasts.
   *
   * @param recording holds the bytes
   * @param pending the writes since the last flush
   * @param image of the device, as of that flush
   * @param random chooses
   */
  void apply(Recording recording, List<Event> pending, byte[] image, Random random) {
    for (Event write : pending) {
      int step = unit == 0 ? write.length() : unit;
      for (int at = 0; at < write.length(); at += step) {
        if (random.nextDouble() < keptShare) {
          recording.copy(write, at, Math.min(step, write.length() - at), image);
        }
      }
    }
  }
}
