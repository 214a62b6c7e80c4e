package io.lsmdb.internal.compaction;

import io.lsmdb.internal.compaction.Compaction.Reason;
import io.lsmdb.internal.compaction.PickState.Hull;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions that make room where entries have expired.
 *
 * <p>Stateless; a pure function of {@link PickState}.
 *
 * <ol>
 *   <li>A file all of whose entries have expired is dropped without being read, if no file holds
 *       older data in its range: there is nothing that its entries would have to hide. Snapshots do
 *       not matter, since they see it as expired, too.
 *   <li>Another file whose last expiry has passed goes a level down, or is rewritten in place where
 *       there is nothing below, or the style has sorted runs that stay apart. None of its entries
 *       expires after that, so it is picked once.
 * </ol>
 */
final class ExpiredFiles {
  private ExpiredFiles() {}

  /** Whether some entries of a file have expired. */
  static boolean hasExpired(FileMetadata file, long now) {
    FileMetadata.Expiries expiries = file.counts().expiries();
    return expiries.entries() > 0 && expiries.smallest() <= now;
  }

  /** Whether all entries of a file that ever expire have expired. */
  private static boolean isOver(FileMetadata file, long now) {
    FileMetadata.Expiries expiries = file.counts().expiries();
    return expiries.entries() > 0 && expiries.largest() <= now;
  }

  /** Files of one level that can be dropped as they are. */
  static Optional<Compaction> drop(PickState state) {
    for (int level = 0; level < Version.LEVELS; level++) {
      List<FileMetadata> dropped = new ArrayList<>();
      for (FileMetadata file : state.version.files(level)) {
        if (isOver(file, state.input.expiryClock())
            && file.counts().expiries().entries() == file.counts().entries()
            && !state.isBusy(file)
            && !mayHideSomething(state, level, file)) {
          dropped.add(file);
        }
      }
      if (!dropped.isEmpty()) {
        return Optional.of(
            Compaction.drop(state.input.family(), Reason.EXPIRED_FILES, level, dropped));
      }
    }
    return Optional.empty();
  }

  private static boolean mayHideSomething(PickState state, int level, FileMetadata file) {
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

  /**
   * A file of any level that is worth rewriting, where files stay in their sorted run: what has
   * expired gives its room back, and what it has to hide is hidden by a tombstone.
   */
  static Optional<Compaction> rewriteInPlace(PickState state) {
    for (int level = 0; level <= PickState.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (isOver(file, state.input.expiryClock()) && !state.isBusy(file)) {
          List<FileMetadata> files = List.of(file);
          Optional<Compaction> found =
              level == 0
                  ? state.within0(Reason.EXPIRED, files)
                  : state.within(Reason.EXPIRED, level, files);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** A file below level 0 that is worth rewriting, a level further down if there is data. */
  static Optional<Compaction> rewrite(PickState state) {
    for (int level = 1; level <= PickState.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (isOver(file, state.input.expiryClock()) && !state.isBusy(file)) {
          List<FileMetadata> files = List.of(file);
          Optional<Compaction> found =
              state.isDataBelow(level, Hull.of(files))
                  ? state.intoNextLevel(Reason.EXPIRED, level, files)
                  : state.within(Reason.EXPIRED, level, files);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
