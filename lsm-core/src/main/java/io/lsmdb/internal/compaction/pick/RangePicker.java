package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.PickerContext.Hull;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions that somebody asked for: all data of a range as far down as it goes.
 *
 * <p>Stateless; a pure function of its arguments.
 *
 * <ol>
 *   <li>From level 0 come all files that share a user key with the range, and all that share one
 *       with those, and so on: an older put never stays above a younger delete.
 *   <li>Each level goes down once, into the next one. Where nothing lies below, files are rewritten
 *       in place only if all their tombstones will go, or some of their entries have expired, lie
 *       in deleted ranges or were kept for a snapshot that is closed, or if they are older than the
 *       request and a compaction filter is to see them; so the sequence of picks ends.
 * </ol>
 */
final class RangePicker {
  private RangePicker() {}

  /**
   * Chooses the next step of compacting a range as far down as there is data. To compact a range,
   * begin with level 0, run what is picked, and go on with its output level until nothing is
   * picked; if {@link Picker#isRangeBlocked} then, wait until some running compaction ends, and try
   * again.
   *
   * @param input what the choice depends on
   * @param from first user key, null for the start
   * @param toExclusive end of the user keys, null for the end
   * @param fromLevel the level to begin with
   * @param rewriteBelow files with smaller numbers are rewritten where nothing lies below them,
   *     whatever is in them; 0 for none. All files that the request itself writes must have larger
   *     numbers
   * @return empty when there is nothing left to do, or a running compaction is in the way
   */
  static Optional<Compaction> pick(
      PickerInput input, byte[] from, byte[] toExclusive, int fromLevel, long rewriteBelow) {
    PickerContext state = new PickerContext(input);
    for (int level = fromLevel; level < Version.LEVELS; level++) {
      List<FileMetadata> files = inRange(state, level, from, toExclusive);
      if (files.isEmpty()) {
        continue;
      }
      if (level == 0) {
        return state.fromLevel0(Reason.MANUAL, level0Closure(state, files));
      }
      if (state.isDataBelow(level, Hull.of(files))) {
        return state.intoNextLevel(Reason.MANUAL, level, files);
      }
      List<FileMetadata> worn =
          rewriteBelow > 0
              ? firstOfOldOrDroppable(state, files, rewriteBelow)
              : spanOfDroppable(state, files);
      if (!worn.isEmpty()) {
        return state.within(Reason.MANUAL, level, worn);
      }
    }
    return Optional.empty();
  }

  /** The files of level 0 that share user keys with the given ones, directly or through others. */
  private static List<FileMetadata> level0Closure(PickerContext state, List<FileMetadata> files) {
    Hull hull = Hull.of(files);
    int before = 0;
    List<FileMetadata> result = new ArrayList<>(files);
    while (result.size() > before) {
      before = result.size();
      result.clear();
      for (FileMetadata file : state.level0()) {
        if (hull.overlaps(Hull.of(List.of(file)))) {
          result.add(file);
        }
      }
      hull = Hull.of(result);
    }
    return result;
  }

  private static List<FileMetadata> inRange(
      PickerContext state, int level, byte[] from, byte[] toExclusive) {
    List<FileMetadata> result = new ArrayList<>();
    for (FileMetadata file : state.version.files(level)) {
      boolean before = from != null && PickerContext.compare(file.largest().userKey(), from) < 0;
      boolean behind =
          toExclusive != null && PickerContext.compare(file.smallest().userKey(), toExclusive) >= 0;
      if (!before && !behind) {
        result.add(file);
      }
    }
    return result;
  }

  /** From the first to the last file with entries or tombstones that are of no use any more. */
  private static List<FileMetadata> spanOfDroppable(PickerContext state, List<FileMetadata> files) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < files.size(); i++) {
      if (hasDroppable(state, files.get(i))) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    return first < 0 ? List.of() : files.subList(first, last + 1);
  }

  private static boolean hasDroppable(PickerContext state, FileMetadata file) {
    return state.isDroppable(file) || FileRules.isWorn(state, file);
  }

  /**
   * The first adjacent files that are older than the request or have droppable entries. Not all of
   * them at once: a snapshot that is taken meanwhile undoes what the filter has done in one step.
   */
  private static List<FileMetadata> firstOfOldOrDroppable(
      PickerContext state, List<FileMetadata> files, long rewriteBelow) {
    List<FileMetadata> result = new ArrayList<>();
    long bytes = 0;
    for (FileMetadata file : files) {
      boolean wanted = file.number() < rewriteBelow || hasDroppable(state, file);
      boolean fits = bytes + file.size() <= state.options.maxExpandedBytes();
      if (!result.isEmpty() && !(wanted && fits)) {
        break;
      }
      if (wanted) {
        result.add(file);
        bytes += file.size();
      }
    }
    return result;
  }
}
