package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.PickerContext.Hull;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The choice of the next compaction of a leveled family.
 *
 * <p>Immutable; see {@link Picker}. The rules, in the order in which they are tried:
 *
 * <ol>
 *   <li>Files that can be dropped whole because everything in them has expired or was deleted by
 *       ranges; see {@link ExpiredFiles} and {@link DeletedFiles}.
 *   <li>The levels in descending order of their score, if it is at least 1: for level 0, once it is
 *       {@linkplain #isLevel0Due due}, the number of its files over the trigger (or its bytes over
 *       {@code levelBaseBytes}, if that is more), for the others their bytes over their target (see
 *       {@link LevelTargets}), not counting files that are being compacted. Level 0 is compacted
 *       into the base level, a level into the next one, beginning with the first file behind the
 *       cursor.
 *   <li>A run of small adjacent files is merged within its level, unless one of them has more than
 *       half of the bytes (so that no byte is rewritten more often than a logarithm of the sizes),
 *       as far as the result does not overlap too much below: there the job would cut it again.
 *   <li>A file whose entries are for the larger part tombstones goes a level down, or is rewritten
 *       in place where there is nothing below and no snapshot keeps the tombstones alive.
 *   <li>A file whose last expiry has passed likewise, from level 0 with all older ones there into
 *       the base level.
 *   <li>A file in which many ranges were deleted is rewritten in its level.
 *   <li>Files that were large for snapshots which are closed are rewritten in their level; see
 *       {@link RetainedFiles}.
 *   <li>Files that have reached the greatest age are rewritten in their level, those of level 0
 *       into the base level.
 * </ol>
 *
 * <p>It never picks a file that a running compaction reads, nor a range of a level into which one
 * writes.
 */
final class LeveledPicker implements Picker {
  /** Fewer files of level 0 are not worth merging among themselves. */
  private static final int MIN_LEVEL0_RUN = 3;

  /** Fewer small files are not worth merging. */
  private static final int MIN_SMALL_RUN = 4;

  /** Level 0 stays as it is if the base level would have to rewrite this many times its bytes. */
  private static final int COSTLY_BASE = 4;

  @Override
  public Optional<Compaction> pick(PickerInput input) {
    PickerContext state = new PickerContext(input);
    Optional<Compaction> found = FileRules.drop(state);
    found = found.isEmpty() ? byScore(state) : found;
    found = found.isEmpty() ? smallFiles(state) : found;
    found = found.isEmpty() ? tombstones(state) : found;
    return found.isEmpty() ? FileRules.rewrite(state, false) : found;
  }

  @Override
  public long pendingBytes(Version version, LevelOptions options) {
    LevelTargets targets = LevelTargets.of(version, options);
    int base = targets.baseLevel();
    long pending = 0;
    long carried = 0;
    if (isLevel0Due(version.files(0), version, targets, options)) {
      carried = version.levelSize(0);
      pending = carried + version.levelSize(base);
    }
    for (int level = base; level < PickerContext.LAST; level++) {
      long size = version.levelSize(level) + carried;
      carried = Math.max(0, size - targets.target(level));
      if (carried > 0) {
        double rewritten = 1 + (double) version.levelSize(level + 1) / size;
        pending += (long) (carried * rewritten);
      }
    }
    return pending;
  }

  private static Optional<Compaction> byScore(PickerContext state) {
    double[] scores = new double[Version.LEVELS];
    for (int level = 0; level < PickerContext.LAST; level++) {
      scores[level] = score(state, level);
    }
    while (true) {
      int best = 0;
      for (int level = 1; level < PickerContext.LAST; level++) {
        best = scores[level] > scores[best] ? level : best;
      }
      if (scores[best] < 1) {
        return Optional.empty();
      }
      Optional<Compaction> found = best == 0 ? level0(state) : levelSize(state, best);
      if (found.isPresent()) {
        return found;
      }
      scores[best] = 0;
    }
  }

  private static double score(PickerContext state, int level) {
    List<FileMetadata> idle = new ArrayList<>(state.version.files(level));
    idle.removeIf(state::isBusy);
    double bytes = PickerContext.bytes(idle);
    if (level > 0) {
      return bytes / state.targets.target(level);
    }
    if (!isLevel0Due(idle, state.version, state.targets, state.options)) {
      return 0;
    }
    double byCount = (double) idle.size() / state.options.level0Trigger();
    return idle.size() < 2 ? byCount : Math.max(byCount, bytes / state.options.levelBaseBytes());
  }

  /**
   * Whether files of level 0 are to be compacted: they have many bytes, or are enough, or from the
   * trigger on are no smaller than what they overlap in the base level. Twice as many files halve
   * what is written for each of them.
   */
  private static boolean isLevel0Due(
      List<FileMetadata> files, Version version, LevelTargets targets, LevelOptions options) {
    long bytes = PickerContext.bytes(files);
    if (files.size() >= options.level0Limit()
        || (files.size() > 1 && bytes >= options.levelBaseBytes())) {
      return true;
    }
    if (files.size() < options.level0Trigger()) {
      return false;
    }
    Hull hull = Hull.of(files);
    long below =
        PickerContext.bytes(version.overlapping(targets.baseLevel(), hull.from(), hull.to()));
    return bytes >= below;
  }

  private static Optional<Compaction> level0(PickerContext state) {
    List<FileMetadata> newestFirst = state.level0();
    int oldestIdle = newestFirst.size(); // the idle ones at the old end: [oldestIdle, size)
    while (oldestIdle > 0 && !state.isBusy(newestFirst.get(oldestIdle - 1))) {
      oldestIdle--;
    }
    List<FileMetadata> files = newestFirst.subList(oldestIdle, newestFirst.size());
    if (files.isEmpty()) {
      return withinLevel0(state, false);
    }
    Optional<Compaction> down = intoBase(state, files);
    if (down.isEmpty()) {
      return withinLevel0(state, false);
    }
    Compaction compaction = down.get();
    long own = PickerContext.bytes(compaction.inputs());
    boolean costly =
        compaction.work() == Compaction.Work.REWRITE
            && own < state.options.targetFileSize()
            && PickerContext.bytes(compaction.outputLevelInputs()) / COSTLY_BASE > own;
    Optional<Compaction> cheap = costly ? withinLevel0(state, true) : Optional.empty();
    return cheap.isPresent() ? cheap : down;
  }

  /** Compacts the oldest file alone if it can just move down, else all that are given. */
  private static Optional<Compaction> intoBase(PickerContext state, List<FileMetadata> files) {
    FileMetadata oldest = files.get(files.size() - 1);
    if (oldest.size() >= state.options.smallFileSize()) {
      Optional<Compaction> move = state.fromLevel0(Reason.LEVEL0, List.of(oldest));
      if (move.isPresent() && move.get().work() == Compaction.Work.MOVE) {
        return move;
      }
    }
    return state.fromLevel0(Reason.LEVEL0, files);
  }

  /**
   * Merges the newest files of level 0 into one. They must be a run without a gap in time, because
   * the result takes their place in the order of age. If the reason is thrift and not a blocked
   * base level, only files join that are not much larger than the newer ones together: so no byte
   * is rewritten more often than a logarithm of the sizes.
   */
  private static Optional<Compaction> withinLevel0(PickerContext state, boolean byThrift) {
    List<FileMetadata> newestFirst = state.level0();
    List<FileMetadata> run = new ArrayList<>();
    long size = 0;
    for (FileMetadata file : newestFirst) {
      if (state.isBusy(file)
          || (size > 0 && file.size() / 2 > size)
          || size + file.size() > state.options.maxExpandedBytes()) {
        break;
      }
      run.add(file);
      size += file.size();
    }
    int enough =
        byThrift ? MIN_LEVEL0_RUN : Math.max(MIN_LEVEL0_RUN, state.options.level0Trigger());
    if (run.size() < enough) {
      return Optional.empty();
    }
    return state.within0(Reason.WITHIN_LEVEL0, run);
  }

  private static Optional<Compaction> levelSize(PickerContext state, int level) {
    List<FileMetadata> files = state.version.files(level);
    int first = firstBehind(files, state.input.cursors()[level]);
    for (int i = 0; i < files.size(); i++) {
      int at = (first + i) % files.size();
      List<FileMetadata> start = withSmallFollowers(state, files, at);
      if (!start.isEmpty()) {
        Optional<Compaction> found = state.intoNextLevel(Reason.LEVEL_SIZE, level, start);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static int firstBehind(List<FileMetadata> files, byte[] cursor) {
    if (cursor != null) {
      for (int i = 0; i < files.size(); i++) {
        if (PickerContext.compare(files.get(i).smallest().userKey(), cursor) > 0) {
          return i;
        }
      }
    }
    return 0;
  }

  /** The file, and if it is small the small ones behind it up to one table's worth. */
  private static List<FileMetadata> withSmallFollowers(
      PickerContext state, List<FileMetadata> files, int at) {
    List<FileMetadata> result = new ArrayList<>();
    long size = 0;
    for (int i = at; i < files.size(); i++) {
      FileMetadata file = files.get(i);
      boolean isSmall = file.size() < state.options.smallFileSize();
      if (state.isBusy(file)
          || (i > at && (!isSmall || size + file.size() > state.options.targetFileSize()))) {
        break;
      }
      result.add(file);
      size += file.size();
      if (!isSmall) {
        break;
      }
    }
    return result;
  }

  private static Optional<Compaction> smallFiles(PickerContext state) {
    for (int level = 1; level <= PickerContext.LAST; level++) {
      List<FileMetadata> run = new ArrayList<>();
      long size = 0;
      for (FileMetadata file : state.version.files(level)) {
        boolean joins = file.size() < state.options.targetFileSize() / 4 && !state.isBusy(file);
        boolean fits = size < state.options.targetFileSize() && !state.isWide(level, run, file);
        if (!joins || !fits) {
          Optional<Compaction> found = mergeRun(state, level, run);
          if (found.isPresent()) {
            return found;
          }
          run.clear();
          size = 0;
        }
        if (joins) {
          run.add(file);
          size += file.size();
        }
      }
      Optional<Compaction> found = mergeRun(state, level, run);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> mergeRun(
      PickerContext state, int level, List<FileMetadata> run) {
    if (run.size() < MIN_SMALL_RUN) {
      return Optional.empty();
    }
    long largest = 0;
    for (FileMetadata file : run) {
      largest = Math.max(largest, file.size());
    }
    return PickerContext.bytes(run) / 2 < largest
        ? Optional.empty()
        : state.within(Reason.SMALL_FILES, level, run);
  }

  private static Optional<Compaction> tombstones(PickerContext state) {
    for (int level = 1; level <= PickerContext.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (state.isBusy(file) || !PickerContext.isDense(file)) {
          continue;
        }
        Hull hull = Hull.of(List.of(file));
        Optional<Compaction> found = Optional.empty();
        if (state.isDataBelow(level, hull)) {
          found = state.intoNextLevel(Reason.TOMBSTONES, level, List.of(file));
        } else if (state.isDroppable(file)) {
          found = state.within(Reason.TOMBSTONES, level, List.of(file));
        }
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }
}
