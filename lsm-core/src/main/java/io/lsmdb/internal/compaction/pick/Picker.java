package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.version.Version;
import java.util.Optional;

/**
 * The choice of compactions in one style.
 *
 * <p>Immutable, hence thread-safe. All methods are pure functions of their arguments: nothing is
 * opened, read or remembered. Whatever shape a version has, of whichever style it is the work, a
 * picker takes it as it is; and with no further writes there is an end to its picks.
 */
public interface Picker {
  /**
   * Chooses the most urgent compaction.
   *
   * @param input what the choice depends on
   * @return empty when nothing needs to be done, or nothing can be done beside what is running
   */
  Optional<Compaction> pick(PickerInput input);

  /**
   * Chooses the next step of what somebody asked for: see {@link RangePicker#pick}.
   *
   * @param input what the choice depends on
   * @param from first user key, null for the start
   * @param toExclusive end of the user keys, null for the end
   * @param fromLevel the level to begin with
   * @param rewriteBelow files with smaller numbers are rewritten even at the bottom; 0 for none
   * @return empty when there is nothing left to do, or a running compaction is in the way
   */
  default Optional<Compaction> pickRange(
      PickerInput input, byte[] from, byte[] toExclusive, int fromLevel, long rewriteBelow) {
    return RangePicker.pick(input, from, toExclusive, fromLevel, rewriteBelow);
  }

  /**
   * Whether a running compaction keeps {@link #pickRange} from picking something.
   *
   * @param input what the choice depends on
   * @param from first user key, null for the start
   * @param toExclusive end of the user keys, null for the end
   * @param fromLevel the level to begin with
   * @param rewriteBelow files with smaller numbers are rewritten even at the bottom; 0 for none
   * @return true if there would be something to do once the running compactions have ended
   */
  default boolean isRangeBlocked(
      PickerInput input, byte[] from, byte[] toExclusive, int fromLevel, long rewriteBelow) {
    return !input.running().isEmpty()
        && pickRange(input, from, toExclusive, fromLevel, rewriteBelow).isEmpty()
        && pickRange(input.alone(), from, toExclusive, fromLevel, rewriteBelow).isPresent();
  }

  /**
   * When there will be something to pick next by the clocks alone.
   *
   * @param input for which nothing was picked
   * @return moments after those of the input
   */
  default NextByClock nextByClock(PickerInput input) {
    return NextByClock.of(input, input.options().maxFileAgeMillis());
  }

  /**
   * Estimates how many bytes compactions have to rewrite until the style's bounds are met.
   *
   * @param version the files there are
   * @param options the family's sizes
   * @return bytes, 0 when nothing needs to be done
   */
  long pendingBytes(Version version, LevelOptions options);

  /**
   * How many files of level 0 wait to be compacted, which is what slows writes down.
   *
   * @param version the files there are
   * @return a count
   */
  default int level0Backlog(Version version) {
    return version.files(0).size();
  }
}
