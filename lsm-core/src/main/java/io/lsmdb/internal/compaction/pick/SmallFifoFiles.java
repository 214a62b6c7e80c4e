package io.lsmdb.internal.compaction.pick;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.version.FileMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rule that small files are merged in a family whose oldest files are dropped.
 *
 * <p>Stateless; a pure function of {@link PickerContext}.
 *
 * <ol>
 *   <li>A result has at most {@code targetFileSize} and an eighth of the family's greatest size, so
 *       that what is dropped at once stays a small part of what is kept. Files below a quarter of
 *       that are small.
 *   <li>Merged are as many small files as the trigger of level 0 says, or more, none between them
 *       in age. Of these none has more than half of the bytes: so a byte is in a file at least
 *       twice as large after each merge, and is rewritten no more often than the logarithm to base
 *       2 of what a small file may have over what was flushed.
 *   <li>The result counts as written when the newest of them was. Only files are merged that were
 *       written in the same eighth of the greatest age, counted from 1970: however often it was
 *       merged, data lives less than an eighth longer than it would have, and never shorter.
 * </ol>
 */
final class SmallFifoFiles {
  /** A part of the size or age that is kept, by which files may be dropped later or together. */
  private static final int PARTS = 8;

  private SmallFifoFiles() {}

  /** Merges the newest run that is worth it. */
  static Optional<Compaction> merge(PickerContext state, CompactionStyle.Fifo style) {
    long most = Math.min(state.options.targetFileSize(), style.maxBytes() / PARTS);
    long span = Math.max(1, PickerInput.millis(style.maxAge()) / PARTS);
    List<FileMetadata> run = new ArrayList<>();
    long size = 0;
    for (FileMetadata file : state.level0()) {
      boolean joins = file.size() < most / 4;
      if (!joins || size + file.size() > most || !isSameTime(run, file, span)) {
        Optional<Compaction> found = worthwhile(state, run);
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
    return worthwhile(state, run);
  }

  private static boolean isSameTime(List<FileMetadata> run, FileMetadata file, long span) {
    return run.isEmpty()
        || run.get(0).content().creationTimeMillis() / span
            == file.content().creationTimeMillis() / span;
  }

  /** Merges a run, or the part of it on one side of a file that is too large for the others. */
  private static Optional<Compaction> worthwhile(PickerContext state, List<FileMetadata> run) {
    if (run.size() < Math.max(2, state.options.level0Trigger())) {
      return Optional.empty();
    }
    int largest = 0;
    for (int i = 1; i < run.size(); i++) {
      largest = run.get(i).size() > run.get(largest).size() ? i : largest;
    }
    if (run.get(largest).size() <= PickerContext.bytes(run) / 2) {
      return state.within0(Reason.FIFO_SMALL_FILES, List.copyOf(run));
    }
    Optional<Compaction> newer = worthwhile(state, run.subList(0, largest));
    return newer.isEmpty() ? worthwhile(state, run.subList(largest + 1, run.size())) : newer;
  }
}
