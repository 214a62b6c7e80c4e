package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions that make room where ranges were deleted.
 *
 * <p>Stateless; a pure function of {@link PickerContext}. Only range tombstones count that no
 * snapshot is older than: what they hide is of no use to anybody.
 *
 * <ol>
 *   <li>A file of which they hide every entry is dropped without being read. What it hides itself
 *       is older still, and hidden by the same tombstones: they stay as long as such data is there.
 *   <li>A file that many of them overlap is rewritten where it is; one that any overlaps, if there
 *       are too many in all. It is written with regard to them, so it is picked once.
 * </ol>
 */
final class DeletedFiles implements FileRule {
  /** A file is worth rewriting for so many pieces of deleted ranges. */
  private static final int MANY_OF_FILE = 256;

  /** More pieces in a family are not kept, if rewriting files lets go of them. */
  private static final int MANY_IN_ALL = 1 << 16;

  @Override
  public Optional<Compaction> drop(PickerContext state) {
    return state.version.rangeTombstones().isEmpty()
        ? Optional.empty()
        : state.dropFirst(Reason.DELETED_FILES, (level, file) -> isHidden(state, file));
  }

  private static boolean isHidden(PickerContext state, FileMetadata file) {
    RangeTombstones ranges = state.version.rangeTombstones();
    byte[] first = file.smallest().userKey();
    byte[] last = file.largest().userKey();
    int from = ranges.find(first, 0, first.length);
    int to = ranges.find(last, 0, last.length);
    for (int piece = from; piece <= to; piece++) {
      if (piece < 0 || newest(state, piece) <= file.counts().largestSequence()) {
        return false;
      }
    }
    return true;
  }

  /** The newest tombstone of a piece that no snapshot is older than. */
  private static long newest(PickerContext state, int piece) {
    return state.version.rangeTombstones().newestUpTo(piece, state.input.oldestSnapshot());
  }

  /** Whether a file would come out smaller, or need fewer tombstones, if it were rewritten. */
  @Override
  public boolean isWorn(PickerContext state, FileMetadata file) {
    return countNeeded(state, file, 1) > 0;
  }

  /** How many pieces may hide an entry of a file; counts up to a limit. */
  private static int countNeeded(PickerContext state, FileMetadata file, int limit) {
    RangeTombstones ranges = state.version.rangeTombstones();
    if (ranges.isEmpty()) {
      return 0;
    }
    byte[] first = file.smallest().userKey();
    byte[] last = file.largest().userKey();
    int to = ranges.find(last, 0, last.length);
    int needed = 0;
    for (int piece = Math.max(0, ranges.find(first, 0, first.length));
        piece <= to && needed < limit;
        piece++) {
      if (newest(state, piece) > file.neededAbove()) {
        needed++;
      }
    }
    return needed;
  }

  /** Rewrites files of level 0 only if they stay there. */
  @Override
  public Optional<Compaction> rewrite(PickerContext state, boolean inPlace) {
    int size = state.version.rangeTombstones().size();
    int enough = size > MANY_IN_ALL ? 1 : MANY_OF_FILE;
    for (int level = inPlace ? 0 : 1; size >= enough && level <= PickerContext.LAST; level++) {
      for (FileMetadata file : state.version.files(level)) {
        if (!state.isBusy(file) && countNeeded(state, file, enough) >= enough) {
          List<FileMetadata> files = List.of(file);
          Optional<Compaction> found =
              level == 0
                  ? state.within0(Reason.DELETED_RANGES, files)
                  : state.within(Reason.DELETED_RANGES, level, files);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
