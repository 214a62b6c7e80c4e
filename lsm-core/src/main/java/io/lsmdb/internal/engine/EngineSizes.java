package io.lsmdb.internal.engine;

import io.lsmdb.internal.version.VersionEnv;

/**
 * Sizes of files that are no options, since no user gains by changing them; tests make them small.
 *
 * <p>Immutable.
 *
 * @param firstLogSegment bytes of the first log segment after an open; small, so that a small store
 *     has a small log
 * @param maxLogSegment bytes that no preallocated log segment exceeds
 * @param manifestRoll bytes from which on a manifest is replaced by a fresh one
 */
record EngineSizes(int firstLogSegment, int maxLogSegment, long manifestRoll) {
  static final EngineSizes USUAL =
      new EngineSizes(1 << 20, 64 << 20, VersionEnv.DEFAULT_MANIFEST_ROLL_SIZE);
}
