package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;
import java.util.Optional;

/**
 * The rule that files are rewritten when they have reached the family's greatest age.
 *
 * <p>Stateless; a pure function. What is written carries the time of its writing, so its age begins
 * anew, and the rule comes to an end whatever the clock does: it picks a file once for each period
 * that the clock has shown. A file that merely moves keeps its time, and is rewritten after that.
 */
final class AgedFiles implements FileRule {
  /**
   * Rewrites the next file that is too old: deeper ones in their own level. A file of level 0 goes
   * down with all older ones there, unless all stay.
   */
  @Override
  public Optional<Compaction> rewrite(PickerContext state, boolean inPlace) {
    long maxAge = state.options.maxFileAgeMillis();
    if (maxAge == Long.MAX_VALUE) {
      return Optional.empty();
    }
    List<FileMetadata> newestFirst = state.level0();
    for (int i = 0; i < newestFirst.size(); i++) {
      FileMetadata file = newestFirst.get(i);
      if (state.age(file) >= maxAge) {
        Optional<Compaction> found =
            inPlace
                ? state.within0(Reason.AGE, List.of(file))
                : state.fromLevel0(Reason.AGE, newestFirst.subList(i, newestFirst.size()));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    for (int level = 1; level <= PickerContext.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (state.age(file) >= maxAge && !state.isBusy(file)) {
          Optional<Compaction> found = state.within(Reason.AGE, level, List.of(file));
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
