package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.compaction.pick.PickerContext.Hull;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions that make room where entries have expired.
 *
 * <p>Stateless; a pure function of {@link PickerContext}.
 *
 * <ol>
 *   <li>A file all of whose entries have expired is dropped without being read, if no file holds
 *       older data in its range: there is nothing that its entries would have to hide. Snapshots do
 *       not matter, since they see it as expired, too.
 *   <li>Another file whose last expiry has passed goes a level down, or is rewritten in place where
 *       there is nothing below, or the style has sorted runs that stay apart: there a tombstone is
 *       left of what still has to hide something. From level 0 all older files go along. None of
 *       its entries expires after that, so it is picked once, or once more where it moved as it
 *       was.
 * </ol>
 */
final class ExpiredFiles implements FileRule {
  @Override
  public boolean isWorn(PickerContext state, FileMetadata file) {
    FileMetadata.Expiries expiries = file.counts().expiries();
    return expiries.entries() > 0 && expiries.smallest() <= state.input.expiryClock();
  }

  /** Whether all entries of a file that ever expire have expired. */
  private static boolean isOver(FileMetadata file, long now) {
    FileMetadata.Expiries expiries = file.counts().expiries();
    return expiries.entries() > 0 && expiries.largest() <= now;
  }

  @Override
  public Optional<Compaction> drop(PickerContext state) {
    return state.dropFirst(
        Reason.EXPIRED_FILES,
        (level, file) ->
            isOver(file, state.input.expiryClock())
                && file.counts().expiries().entries() == file.counts().entries()
                && !mayHideSomething(state, level, file));
  }

  private static boolean mayHideSomething(PickerContext state, int level, FileMetadata file) {
    Hull hull = Hull.of(List.of(file));
    if (level == 0) {
      for (FileMetadata other : state.level0()) {
        if (!other.equals(file)
            && other.counts().smallestSequence() <= file.counts().largestSequence()
            && hull.overlaps(Hull.of(List.of(other)))) {
          return true;
        }
      }
    }
    return state.isDataBelow(level, hull);
  }

  @Override
  public Optional<Compaction> rewrite(PickerContext state, boolean inPlace) {
    Optional<Compaction> newest = inPlace ? Optional.empty() : level0Down(state);
    if (newest.isPresent()) {
      return newest;
    }
    for (int level = inPlace ? 0 : 1; level <= PickerContext.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (isOver(file, state.input.expiryClock()) && !state.isBusy(file)) {
          Optional<Compaction> found = rewrite(state, level, List.of(file), inPlace);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> level0Down(PickerContext state) {
    List<FileMetadata> newestFirst = state.level0();
    for (int i = 0; i < newestFirst.size(); i++) {
      if (isOver(newestFirst.get(i), state.input.expiryClock())) {
        Optional<Compaction> found =
            state.fromLevel0(Reason.EXPIRED, newestFirst.subList(i, newestFirst.size()));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> rewrite(
      PickerContext state, int level, List<FileMetadata> files, boolean inPlace) {
    if (level == 0) {
      return state.within0(Reason.EXPIRED, files);
    }
    return !inPlace && state.isDataBelow(level, Hull.of(files))
        ? state.intoNextLevel(Reason.EXPIRED, level, files)
        : state.within(Reason.EXPIRED, level, files);
  }
}
