package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.version.Version;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Everything that the choice of a compaction depends on. Immutable.
 *
 * @param family id of the family
 * @param version its current files
 * @param options its sizes
 * @param running its compactions that are under way; their inputs are in {@code version} still
 * @param cursors for each level the user key behind which its next turn begins, null for the start;
 *     see {@link Compaction#cursor()}
 * @param snapshots sequences of the open snapshots, ascending; not copied
 * @param nowMillis the time in ms since 1970
 * @param expiryClock the clock by which entries expire, in ms; what runs the choice must use the
 *     same
 */
public record PickerInput(
    int family,
    Version version,
    LevelOptions options,
    Collection<Compaction> running,
    byte[][] cursors,
    long[] snapshots,
    long nowMillis,
    long expiryClock) {
  private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE);

  /** Copies the collection, checks the number of cursors. */
  public PickerInput {
    running = List.copyOf(running);
    if (cursors.length != Version.LEVELS) {
      throw new IllegalArgumentException("one cursor a level is needed");
    }
  }

  /** The oldest sequence of a snapshot, {@link InternalKey#MAX_SEQUENCE} without any. */
  long oldestSnapshot() {
    return snapshots.length == 0 ? InternalKey.MAX_SEQUENCE : snapshots[0];
  }

  /** How many snapshots are open between two sequences, both included. */
  int snapshots(long oldest, long newest) {
    return countBelow(newest + 1) - countBelow(oldest);
  }

  private int countBelow(long sequence) {
    int found = Arrays.binarySearch(snapshots, sequence);
    return found >= 0 ? found : -found - 1;
  }

  /** The same without the compactions that are under way. */
  PickerInput alone() {
    return new PickerInput(
        family, version, options, List.of(), cursors, snapshots, nowMillis, expiryClock);
  }

  /**
   * A setting as the pickers compare it.
   *
   * @param duration null for none
   * @return ms, {@code Long.MAX_VALUE} for none and for what is too long to count
   */
  public static long millis(Duration duration) {
    return duration == null || duration.compareTo(LONGEST) > 0
        ? Long.MAX_VALUE
        : duration.toMillis();
  }
}
