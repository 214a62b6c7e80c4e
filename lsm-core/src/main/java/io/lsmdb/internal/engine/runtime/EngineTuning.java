package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.version.VersionEnv;

/**
 * Figures that are no options, since no user gains by changing them; tests make them small.
 *
 * <p>Immutable.
 *
 * @param firstLogSegment bytes of the first log segment after an open; small, so that a small store
 *     has a small log
 * @param maxLogSegment bytes that no log segment filled ahead exceeds
 * @param manifestRoll bytes from which on a manifest is replaced by a fresh one
 * @param diskFullRetryNanos ns after which background work that found the disk full is tried again
 */
public record EngineTuning(
    int firstLogSegment, int maxLogSegment, long manifestRoll, long diskFullRetryNanos) {
  public static final EngineTuning USUAL =
      new EngineTuning(1 << 20, 64 << 20, VersionEnv.DEFAULT_MANIFEST_ROLL_SIZE, 200_000_000);
}
