package io.lsmdb.internal.compaction.pick;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.PickerContext.Hull;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions in a family that keeps what is newest.
 *
 * <p>Immutable; see {@link Picker}.
 *
 * <ol>
 *   <li>Files go from the oldest to the newest: those of the deepest level first, which another
 *       style has left, then those of level 0. Within a deeper level the earliest written go first.
 *   <li>A file goes if there are too many bytes and it is not the last one, or if it is too old.
 *   <li>A file stays as long as an older one does with which it shares keys: otherwise a deleted
 *       value would come back with the file that holds its tombstone.
 *   <li>Files that stay within the limits go when everything in them has expired or was deleted by
 *       ranges; see {@link ExpiredFiles} and {@link DeletedFiles}.
 *   <li>If there is nothing to drop, small files of level 0 that lie together in age are merged;
 *       see {@link SmallFifoFiles}.
 *   <li>One pick takes files of one level, and none is made beside it, so that rule 3 holds for
 *       every version that comes to be.
 * </ol>
 */
final class FifoPicker implements Picker {
  private final CompactionStyle.Fifo style;

  FifoPicker(CompactionStyle.Fifo style) {
    this.style = style;
  }

  @Override
  public Optional<Compaction> pick(PickerInput input) {
    if (!input.running().isEmpty()) {
      return Optional.empty();
    }
    PickerContext state = new PickerContext(input);
    Version version = input.version();
    long bytes = 0;
    for (int level = 0; level < Version.LEVELS; level++) {
      bytes += version.levelSize(level);
    }
    int left = version.fileCount();
    List<FileMetadata> kept = new ArrayList<>();
    for (int level = PickerContext.LAST; level >= 0; level--) {
      List<FileMetadata> dropped = new ArrayList<>();
      for (FileMetadata file : oldestFirst(state, level)) {
        boolean tooMuch = bytes > style.maxBytes() && left > 1;
        if ((tooMuch || isTooOld(state, file)) && !isAboveAny(file, kept)) {
          dropped.add(file);
          bytes -= file.size();
          left--;
        } else {
          kept.add(file);
        }
      }
      if (!dropped.isEmpty()) {
        return Optional.of(Compaction.drop(input.family(), Reason.FIFO, level, dropped));
      }
    }
    Optional<Compaction> found = FileRules.drop(state);
    return found.isEmpty() ? SmallFifoFiles.merge(state, style) : found;
  }

  private static List<FileMetadata> oldestFirst(PickerContext state, int level) {
    List<FileMetadata> files =
        new ArrayList<>(level == 0 ? state.level0() : state.version.files(level));
    if (level == 0) {
      Collections.reverse(files);
    } else {
      files.sort(Comparator.comparingLong(file -> file.content().creationTimeMillis()));
    }
    return files;
  }

  private boolean isTooOld(PickerContext state, FileMetadata file) {
    return style.maxAge() != null && state.age(file) >= PickerInput.millis(style.maxAge());
  }

  private static boolean isAboveAny(FileMetadata file, List<FileMetadata> older) {
    Hull hull = Hull.of(List.of(file));
    for (FileMetadata other : older) {
      if (hull.overlaps(Hull.of(List.of(other)))) {
        return true;
      }
    }
    return false;
  }

  /** The limits, whatever the range: there is nothing else that this style does. */
  @Override
  public Optional<Compaction> pickRange(
      PickerInput input, byte[] from, byte[] toExclusive, int fromLevel, long rewriteBelow) {
    return pick(input);
  }

  @Override
  public NextByClock nextByClock(PickerInput input) {
    return NextByClock.of(input, PickerInput.millis(style.maxAge()));
  }

  @Override
  public long pendingBytes(Version version, LevelOptions options) {
    return 0;
  }

  @Override
  public int level0Backlog(Version version) {
    return 0; // they are where they belong
  }
}
