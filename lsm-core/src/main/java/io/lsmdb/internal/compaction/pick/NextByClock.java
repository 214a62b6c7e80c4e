package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;

/**
 * When a family has work next, although nothing changes but the clocks.
 *
 * <p>Immutable. Only moments after the look count that it comes from: what was due then has been
 * picked, or waits for another file, whose going is a change.
 *
 * @param ageMillis when by the wall clock a file reaches the age at which it is dropped or
 *     rewritten, in ms since 1970; {@link #NEVER}
 * @param expiryMillis when by the clock of expiries the last expiry of a file has passed, in ms;
 *     {@link #NEVER}
 */
public record NextByClock(long ageMillis, long expiryMillis) {
  /** In place of a moment: none. */
  public static final long NEVER = Long.MAX_VALUE;

  /**
   * Finds both moments.
   *
   * @param input what was looked at
   * @param maxAge age at which a file is dropped or rewritten, in ms, {@link #NEVER} for none
   * @return the earliest of all files
   */
  static NextByClock of(PickerInput input, long maxAge) {
    long age = NEVER;
    long expiry = NEVER;
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : input.version().files(level)) {
        long old = file.content().creationTimeMillis() + maxAge;
        if (maxAge != NEVER && old > input.nowMillis()) { // what overflows is never
          age = Math.min(age, old);
        }
        FileMetadata.Expiries expiries = file.counts().expiries();
        if (expiries.entries() > 0 && expiries.largest() > input.expiryClock()) {
          expiry = Math.min(expiry, expiries.largest());
        }
      }
    }
    return new NextByClock(age, expiry);
  }

  /** Whether no moment will come. */
  public boolean isNever() {
    return ageMillis == NEVER && expiryMillis == NEVER;
  }
}
