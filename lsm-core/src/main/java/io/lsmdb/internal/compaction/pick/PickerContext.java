package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.Compaction.Source;
import io.lsmdb.internal.compaction.pick.Compaction.Work;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * What one call of the picker knows, with the step from chosen start files to a complete
 * compaction.
 *
 * <p>Not thread-safe; lives for one call. Here stand the rules that make a compaction correct;
 * which files are worth it is decided by the {@link Picker}s.
 */
final class PickerContext {
  /** Files with fewer tombstones are not compacted for their sake. */
  private static final long MIN_TOMBSTONES = 1000;

  /** The deepest level. */
  static final int LAST = Version.LEVELS - 1;

  final PickerInput input;
  final Version version;
  final LevelOptions options;
  final LevelTargets targets;
  private final Set<FileMetadata> busy = new HashSet<>();
  private List<FileMetadata> level0;

  PickerContext(PickerInput input) {
    this.input = input;
    this.version = input.version();
    this.options = input.options();
    this.targets = LevelTargets.of(version, options);
    for (Compaction compaction : input.running()) {
      compaction.sources().forEach(source -> busy.addAll(source.files()));
    }
  }

  /** Inclusive user key range that covers some files. */
  record Hull(byte[] from, byte[] to) {
    static Hull of(Collection<FileMetadata> files) {
      byte[] from = null;
      byte[] to = null;
      for (FileMetadata file : files) {
        byte[] smallest = file.smallest().userKey();
        byte[] largest = file.largest().userKey();
        from = from == null || compare(smallest, from) < 0 ? smallest : from;
        to = to == null || compare(largest, to) > 0 ? largest : to;
      }
      return new Hull(from, to);
    }

    boolean overlaps(Hull other) {
      return compare(from, other.to) <= 0 && compare(other.from, to) <= 0;
    }
  }

  static int compare(byte[] a, byte[] b) {
    return Bytes.compare(a, 0, a.length, b, 0, b.length);
  }

  static long bytes(Collection<FileMetadata> files) {
    long sum = 0;
    for (FileMetadata file : files) {
      sum += file.size();
    }
    return sum;
  }

  /** Whether a file consists of tombstones to such a part that it is compacted for their sake. */
  static boolean isDense(FileMetadata file) {
    return isDense(file.counts().tombstones(), file.counts().entries());
  }

  /** The same for the sums of several files. */
  static boolean isDense(long tombstones, long entries) {
    return tombstones >= MIN_TOMBSTONES && tombstones > entries / 2;
  }

  /** Time since a file was written, in ms; negative if the clock has been set back. */
  long age(FileMetadata file) {
    return input.nowMillis() - file.content().creationTimeMillis();
  }

  boolean isBusy(FileMetadata file) {
    return busy.contains(file);
  }

  boolean anyBusy(Collection<FileMetadata> files) {
    for (FileMetadata file : files) {
      if (busy.contains(file)) {
        return true;
      }
    }
    return false;
  }

  /** The files of level 0, newest first: their sequence ranges do not overlap. */
  List<FileMetadata> level0() {
    if (level0 == null) {
      level0 = new ArrayList<>(version.files(0));
      level0.sort(
          Comparator.comparingLong((FileMetadata f) -> f.counts().largestSequence())
              .thenComparingLong(FileMetadata::number)
              .reversed());
    }
    return level0;
  }

  List<FileMetadata> overlapping(int level, Hull hull) {
    return version.overlapping(level, hull.from, hull.to);
  }

  /** Whether a running compaction will put files of this range into the level. */
  boolean willReceive(int level, Hull hull) {
    for (Compaction running : input.running()) {
      if (running.outputLevel() == level
          && hull.overlaps(new Hull(running.smallestKey(), running.largestKey()))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Completes a compaction of level 0 into the base level, of files that include all older ones of
   * level 0 with which they share keys.
   */
  Optional<Compaction> fromLevel0(Reason reason, List<FileMetadata> files) {
    return complete(reason, 0, targets.baseLevel(), files, List.of());
  }

  /**
   * Completes a compaction into the next level. No user key may stay behind in the start level: a
   * neighbour that shares a boundary key comes along, whatever wrote it that way.
   */
  Optional<Compaction> intoNextLevel(Reason reason, int level, List<FileMetadata> files) {
    List<FileMetadata> start = closure(level, files);
    int outputLevel = level + 1;
    List<FileMetadata> below = overlapping(outputLevel, Hull.of(start));
    if (below.isEmpty()) {
      return complete(reason, level, outputLevel, start, smallNeighbour(outputLevel, start));
    }
    // More start files come for free as long as they overlap nothing new in the output level.
    List<FileMetadata> all = new ArrayList<>(start);
    all.addAll(below);
    List<FileMetadata> wider = closure(level, overlapping(level, Hull.of(all)));
    if (wider.size() > start.size()
        && !anyBusy(wider)
        && bytes(wider) + bytes(below) <= options.maxExpandedBytes()
        && overlapping(outputLevel, Hull.of(wider)).size() == below.size()) {
      start = wider;
    }
    return complete(reason, level, outputLevel, start, List.of());
  }

  /** Completes a rewrite of adjacent files within their level. */
  Optional<Compaction> within(Reason reason, int level, List<FileMetadata> files) {
    return complete(reason, level, level, closure(level, files), List.of());
  }

  /** Completes a merge of files of level 0 that leaves out none between them in age. */
  Optional<Compaction> within0(Reason reason, List<FileMetadata> files) {
    return complete(reason, 0, 0, files, List.of());
  }

  /**
   * Completes a merge of whole levels, with a run of files of level 0 that leaves out none between
   * them in age.
   *
   * @param reason why
   * @param sources all that there is from the first to the last of its levels, and down to the
   *     output level
   * @param outputLevel at least the last of their levels
   * @return empty if a running compaction is in the way
   */
  Optional<Compaction> wholeLevels(Reason reason, List<Source> sources, int outputLevel) {
    Source top = sources.get(0);
    List<Source> between = new ArrayList<>(sources.subList(1, sources.size()));
    List<FileMetadata> below = List.of();
    if (!between.isEmpty() && between.get(between.size() - 1).level() == outputLevel) {
      below = between.remove(between.size() - 1).files();
    }
    List<FileMetadata> all = new ArrayList<>();
    sources.forEach(source -> all.addAll(source.files()));
    Hull hull = Hull.of(all);
    if (anyBusy(all) || (outputLevel > 0 && willReceive(outputLevel, hull))) {
      return Optional.empty();
    }
    return Optional.of(
        new Compaction(
            input.family(),
            reason,
            top.level(),
            outputLevel,
            top.files(),
            between,
            below,
            List.of(),
            older(top.level(), outputLevel, top.files(), hull),
            Work.REWRITE,
            maxOutputFileSize(reason, outputLevel),
            Long.MAX_VALUE));
  }

  /** The files of a sorted level that share user keys with the hull of the given ones. */
  private List<FileMetadata> closure(int level, List<FileMetadata> files) {
    List<FileMetadata> all = files;
    while (true) {
      List<FileMetadata> wider = overlapping(level, Hull.of(all));
      if (wider.size() <= all.size()) {
        return all;
      }
      all = wider;
    }
  }

  /** A file next to small ones in the level that they go to, if one table can take them all. */
  private List<FileMetadata> smallNeighbour(int level, List<FileMetadata> start) {
    long size = bytes(start);
    if (size >= options.smallFileSize()) {
      return List.of();
    }
    byte[] to = Hull.of(start).to;
    List<FileMetadata> files = version.files(level);
    int after = 0;
    while (after < files.size() && compare(files.get(after).smallest().userKey(), to) <= 0) {
      after++;
    }
    FileMetadata best = null;
    for (int i = Math.max(0, after - 1); i <= after && i < files.size(); i++) {
      FileMetadata file = files.get(i);
      if (!isBusy(file)
          && size + file.size() <= options.targetFileSize()
          && (best == null || file.size() < best.size())) {
        best = file;
      }
    }
    return best == null ? List.of() : List.of(best);
  }

  private Optional<Compaction> complete(
      Reason reason,
      int level,
      int outputLevel,
      List<FileMetadata> start,
      List<FileMetadata> neighbours) {
    List<FileMetadata> all = new ArrayList<>(start);
    all.addAll(neighbours);
    Hull hull = Hull.of(all);
    List<FileMetadata> below = List.of();
    if (outputLevel != level) {
      below = overlapping(outputLevel, hull);
      all = new ArrayList<>(start);
      all.addAll(below);
      hull = Hull.of(all);
    }
    if (anyBusy(all) || (outputLevel > 0 && willReceive(outputLevel, hull))) {
      return Optional.empty();
    }
    List<FileMetadata> grandparents =
        outputLevel > 0 && outputLevel < LAST ? overlapping(outputLevel + 1, hull) : List.of();
    return Optional.of(
        new Compaction(
            input.family(),
            reason,
            level,
            outputLevel,
            start,
            List.of(),
            below,
            grandparents,
            older(level, outputLevel, start, hull),
            below.isEmpty() && isMovable(level, outputLevel, start) ? Work.MOVE : Work.REWRITE,
            maxOutputFileSize(reason, outputLevel),
            options.maxGrandparentBytes()));
  }

  /**
   * Where outputs are cut. Not at all where files are merged to have fewer of them: their stored
   * size is bounded already, and a cut by the size before compression could bring the same files
   * back, to be picked again for ever.
   */
  private long maxOutputFileSize(Reason reason, int outputLevel) {
    return outputLevel == 0 || reason == Reason.SMALL_FILES
        ? Long.MAX_VALUE
        : options.targetFileSize();
  }

  private boolean isMovable(int level, int outputLevel, List<FileMetadata> start) {
    if (level == outputLevel || level < options.movableFrom() || (level == 0 && start.size() > 1)) {
      return false;
    }
    for (FileMetadata file : start) {
      if (file.size() < options.smallFileSize() && start.size() > 1) {
        return false; // merge it with those that go along
      }
      if (outputLevel < LAST
          && bytes(overlapping(outputLevel + 1, Hull.of(List.of(file))))
              > options.maxGrandparentBytes()) {
        return false;
      }
    }
    return true;
  }

  /** All files that may hold older versions of the inputs' keys. */
  private List<List<FileMetadata>> older(
      int level, int outputLevel, List<FileMetadata> start, Hull hull) {
    List<List<FileMetadata>> lists = new ArrayList<>();
    if (level == 0) {
      long newest = 0;
      for (FileMetadata file : start) {
        newest = Math.max(newest, file.counts().largestSequence());
      }
      for (FileMetadata file : level0()) {
        if (file.counts().smallestSequence() <= newest
            && !start.contains(file)
            && hull.overlaps(Hull.of(List.of(file)))) {
          lists.add(List.of(file));
        }
      }
    }
    for (int deeper = outputLevel + 1; deeper <= LAST; deeper++) {
      List<FileMetadata> files = overlapping(deeper, hull);
      if (!files.isEmpty()) {
        lists.add(List.copyOf(files));
      }
    }
    return lists;
  }

  /** Drops the idle files that a test accepts with their level, of the first level with such. */
  Optional<Compaction> dropFirst(Reason reason, BiPredicate<Integer, FileMetadata> test) {
    for (int level = 0; level <= LAST; level++) {
      List<FileMetadata> dropped = new ArrayList<>();
      for (FileMetadata file : version.files(level)) {
        if (!isBusy(file) && test.test(level, file)) {
          dropped.add(file);
        }
      }
      if (!dropped.isEmpty()) {
        return Optional.of(Compaction.drop(input.family(), reason, level, dropped));
      }
    }
    return Optional.empty();
  }

  /** Whether a deeper level has files in a range. */
  boolean isDataBelow(int level, Hull hull) {
    for (int deeper = level + 1; deeper <= LAST; deeper++) {
      if (!overlapping(deeper, hull).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** Whether files of a level, merged, would overlap more of the next one than a file should. */
  boolean isWide(int level, List<FileMetadata> files, FileMetadata more) {
    if (level == LAST || files.isEmpty()) {
      return false;
    }
    Hull hull = Hull.of(List.of(files.get(0), more));
    return bytes(overlapping(level + 1, hull)) > options.maxGrandparentBytes();
  }

  /** Whether all tombstones of a file would go if it were rewritten with nothing below it. */
  boolean isDroppable(FileMetadata file) {
    return file.counts().tombstones() > 0
        && file.counts().largestSequence() <= input.oldestSnapshot();
  }
}
