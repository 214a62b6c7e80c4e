package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.FileMetadata.Retained;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The choice of compactions that drop what only snapshots needed that are closed.
 *
 * <p>Stateless; a pure function of {@link PickerContext}. What is written says anew which snapshots
 * it needs, and these are open. So a file is picked once for each snapshot that closes, and never
 * while all are open for which it was written.
 */
final class RetainedFiles implements FileRule {
  /** A file is worth rewriting for one part in so many of it. */
  private static final int WORTHWHILE_PART = 4;

  /** Fewer entries are not worth it, unless they are large. */
  private static final long MIN_ENTRIES = 1000;

  /** Fewer bytes are not worth it, unless they are many entries. */
  private static final long MIN_BYTES = 1 << 20;

  /** Whether a snapshot is closed for which a file keeps entries; some of them may go. */
  @Override
  public boolean isWorn(PickerContext state, FileMetadata file) {
    Retained retained = file.counts().retained();
    return retained.entries() > 0 && open(state, retained) < retained.snapshots();
  }

  private static int open(PickerContext state, Retained retained) {
    return state.input.snapshots(retained.oldest(), retained.newest());
  }

  /** Whether a good part of a file goes if it is rewritten. */
  private static boolean isWorthwhile(PickerContext state, FileMetadata file) {
    Retained retained = file.counts().retained();
    boolean many =
        retained.entries() >= MIN_ENTRIES
            && retained.entries() >= file.counts().entries() / WORTHWHILE_PART;
    boolean large =
        retained.bytes() >= MIN_BYTES && retained.bytes() >= file.size() / WORTHWHILE_PART;
    return (many || large) && open(state, retained) == 0;
  }

  /** Files next to each other that are worth rewriting where they are; one of level 0. */
  @Override
  public Optional<Compaction> rewrite(PickerContext state, boolean inPlace) {
    for (FileMetadata file : state.version.files(0)) {
      if (isWorthwhile(state, file)) {
        Optional<Compaction> found = state.within0(Reason.SNAPSHOT_CLOSED, List.of(file));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      Optional<Compaction> found = rewrite(state, level);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Compaction> rewrite(PickerContext state, int level) {
    List<FileMetadata> run = new ArrayList<>();
    long bytes = 0;
    for (FileMetadata file : state.version.files(level)) {
      boolean fits = run.isEmpty() || bytes + file.size() <= state.options.maxExpandedBytes();
      boolean joins = fits && isWorthwhile(state, file) && !state.isBusy(file);
      if (joins) {
        run.add(file);
        bytes += file.size();
      } else if (!run.isEmpty()) {
        break;
      }
    }
    return run.isEmpty() ? Optional.empty() : state.within(Reason.SNAPSHOT_CLOSED, level, run);
  }
}
