package io.lsmdb.internal.compaction.pick;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.Compaction.Source;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The choice of the next compaction of a family whose data is in a few sorted runs.
 *
 * <p>Immutable; see {@link Picker}. A run is a file of level 0, or a deeper level; runs are ordered
 * newest first, and only neighbours are merged. The rules, in the order in which they are tried,
 * those of space, size ratio and count from the trigger on:
 *
 * <ol>
 *   <li>Files that can be dropped whole because everything in them has expired or was deleted by
 *       ranges; see {@link ExpiredFiles} and {@link DeletedFiles}.
 *   <li>Space: if the newer runs have too many bytes for the oldest one, all are merged.
 *   <li>Size ratio: from the newest run on, runs are merged that are not much larger than the newer
 *       ones of the same merge together.
 *   <li>Count: if there are more runs than the trigger says, the newest are merged.
 *   <li>A run whose entries are for the larger part tombstones is merged with the next older one; a
 *       file of the oldest run is rewritten when no snapshot keeps its tombstones alive.
 *   <li>A file whose last expiry has passed is rewritten where it is.
 *   <li>A file in which many ranges were deleted is rewritten where it is.
 *   <li>Files that were large for snapshots which are closed are rewritten where they are; see
 *       {@link RetainedFiles}.
 *   <li>Files that have reached the greatest age are rewritten where they are.
 * </ol>
 *
 * <p>The result goes to the last level if the oldest run takes part, otherwise to the level above
 * the next older run. So all levels from the newest run to the output belong to the merge as a
 * whole, and the order of ages is kept. Each rule but the last leaves fewer files or runs, or fewer
 * tombstones of keys or ranges, or fewer entries that expire or that only snapshots needed.
 */
final class UniversalPicker implements Picker {
  private final CompactionStyle.Universal style;

  UniversalPicker(CompactionStyle.Universal style) {
    this.style = style;
  }

  /** A sorted run. */
  private record Run(int level, List<FileMetadata> files, long bytes, boolean busy) {
    boolean isDense() {
      long entries = 0;
      long tombstones = 0;
      for (FileMetadata file : files) {
        entries += file.counts().entries();
        tombstones += file.counts().tombstones();
      }
      return PickerContext.isDense(tombstones, entries);
    }
  }

  @Override
  public Optional<Compaction> pick(PickerInput input) {
    PickerContext state = new PickerContext(input);
    List<Run> runs = runs(state);
    Optional<Compaction> found = FileRules.drop(state);
    if (found.isEmpty() && runs.size() >= state.options.level0Trigger()) {
      found = bySpace(state, runs);
      found = found.isEmpty() ? byRatio(state, runs) : found;
      found = found.isEmpty() ? byCount(state, runs) : found;
    }
    found = found.isEmpty() ? tombstones(state, runs) : found;
    return found.isEmpty() ? FileRules.rewrite(state, true) : found;
  }

  private static List<Run> runs(PickerContext state) {
    List<Run> runs = new ArrayList<>();
    for (FileMetadata file : state.level0()) {
      runs.add(new Run(0, List.of(file), file.size(), state.isBusy(file)));
    }
    for (int level = 1; level <= PickerContext.LAST; level++) {
      List<FileMetadata> files = state.version.files(level);
      if (!files.isEmpty()) {
        runs.add(new Run(level, files, state.version.levelSize(level), state.anyBusy(files)));
      }
    }
    return runs;
  }

  private Optional<Compaction> bySpace(PickerContext state, List<Run> runs) {
    int from = runs.size();
    long newer = 0;
    while (from > 0 && !runs.get(from - 1).busy()) {
      from--;
      newer += from < runs.size() - 1 ? runs.get(from).bytes() : 0;
    }
    if (runs.size() - from < 2) {
      return Optional.empty();
    }
    double limit = (double) runs.get(runs.size() - 1).bytes() * style.maxSizeAmplification();
    return newer * 100.0 < limit
        ? Optional.empty()
        : merge(state, Reason.SPACE, runs, from, runs.size());
  }

  private Optional<Compaction> byRatio(PickerContext state, List<Run> runs) {
    for (int from = 0; from < runs.size() - 1; from++) {
      int to = from;
      double bytes = 0;
      while (to < runs.size()
          && to - from < style.maxMergeWidth()
          && !runs.get(to).busy()
          && (to == from || runs.get(to).bytes() <= bytes * (100 + style.sizeRatio()) / 100)) {
        bytes += runs.get(to).bytes();
        to++;
      }
      if (to - from >= style.minMergeWidth()) {
        Optional<Compaction> found = merge(state, Reason.SIZE_RATIO, runs, from, to);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Compaction> byCount(PickerContext state, List<Run> runs) {
    int width = Math.min(runs.size() - state.options.level0Trigger() + 1, style.maxMergeWidth());
    for (int from = 0; width >= 2 && from < runs.size() - 1; from++) {
      int to = from;
      while (to < runs.size() && to - from < width && !runs.get(to).busy()) {
        to++;
      }
      if (to - from >= 2) {
        Optional<Compaction> found = merge(state, Reason.RUN_COUNT, runs, from, to);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> tombstones(PickerContext state, List<Run> runs) {
    for (int i = 0; i < runs.size() - 1; i++) {
      if (runs.get(i).isDense() && !runs.get(i).busy() && !runs.get(i + 1).busy()) {
        Optional<Compaction> found = merge(state, Reason.TOMBSTONES, runs, i, i + 2);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    Run oldest = runs.get(runs.size() - 1);
    for (FileMetadata file : oldest.files()) {
      if (PickerContext.isDense(file) && state.isDroppable(file) && !state.isBusy(file)) {
        Optional<Compaction> found =
            oldest.level() == 0
                ? merge(state, Reason.TOMBSTONES, runs, runs.size() - 1, runs.size())
                : state.within(Reason.TOMBSTONES, oldest.level(), List.of(file));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> merge(
      PickerContext state, Reason reason, List<Run> runs, int from, int to) {
    List<Source> sources = new ArrayList<>();
    List<FileMetadata> level0 = new ArrayList<>();
    for (Run run : runs.subList(from, to)) {
      if (run.level() == 0) {
        level0.addAll(run.files());
      } else {
        sources.add(new Source(run.level(), run.files()));
      }
    }
    if (!level0.isEmpty()) {
      sources.add(0, new Source(0, level0));
    }
    int output = to == runs.size() ? PickerContext.LAST : Math.max(0, runs.get(to).level() - 1);
    return state.wholeLevels(reason, sources, output);
  }

  @Override
  public long pendingBytes(Version version, LevelOptions options) {
    List<Run> runs =
        runs(
            new PickerContext(
                new PickerInput(
                    0,
                    version,
                    options,
                    List.of(),
                    new byte[Version.LEVELS][],
                    new long[0],
                    0,
                    0)));
    long bytes = 0;
    int excess = runs.size() - options.level0Trigger();
    for (int i = 0; excess > 0 && i <= excess; i++) {
      bytes += runs.get(i).bytes();
    }
    return bytes;
  }
}
