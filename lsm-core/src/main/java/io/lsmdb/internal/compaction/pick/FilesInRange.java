package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.compaction.pick.Compaction.Reason;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The choice of files that can be dropped as a whole because they lie in a key range. Stateless.
 */
public final class FilesInRange {
  /*
   * Dropping a file makes what it hides visible again: the older versions of its keys, which lie in
   * deeper levels. So files are chosen from the deepest level up, and one only if each deeper file
   * that overlaps it was chosen before. Files that some compaction reads are not chosen, so neither
   * is what lies above them, and the outputs of a running compaction hold no older version of a
   * key that was chosen: the inputs with that version would be in the way. No compaction that begins
   * later can put one there either, as long as it sees the chosen files as busy.
   */
  private FilesInRange() {}

  /**
   * Chooses files.
   *
   * @param input the state; its oldest snapshot does not matter
   * @param from first user key, null for the start
   * @param toExclusive end, null for no end
   * @param newestSnapshot files with a sequence at or below stay; below 0 without snapshots
   * @return for each level with files to be dropped, a decision without outputs
   */
  public static List<Compaction> choose(
      PickerInput input, byte[] from, byte[] toExclusive, long newestSnapshot) {
    Version version = input.version();
    PickerContext state = new PickerContext(input);
    Set<FileMetadata> chosen = new HashSet<>();
    List<Compaction> result = new ArrayList<>();
    for (int level = PickerContext.LAST; level > 0; level--) {
      List<FileMetadata> ofLevel = new ArrayList<>();
      for (FileMetadata file : version.files(level)) {
        if (isWithin(file, from, toExclusive)
            && file.counts().smallestSequence() > newestSnapshot
            && !state.isBusy(file)
            && chosen.containsAll(below(version, level, file))) {
          ofLevel.add(file);
        }
      }
      chosen.addAll(ofLevel);
      if (!ofLevel.isEmpty()) {
        result.add(Compaction.drop(input.family(), Reason.DROPPED_RANGE, level, ofLevel));
      }
    }
    return result;
  }

  private static boolean isWithin(FileMetadata file, byte[] from, byte[] toExclusive) {
    return (from == null || Arrays.compareUnsigned(file.smallest().userKey(), from) >= 0)
        && (toExclusive == null
            || Arrays.compareUnsigned(file.largest().userKey(), toExclusive) < 0);
  }

  private static List<FileMetadata> below(Version version, int level, FileMetadata file) {
    List<FileMetadata> result = new ArrayList<>();
    for (int deeper = level + 1; deeper < Version.LEVELS; deeper++) {
      result.addAll(
          version.overlapping(deeper, file.smallest().userKey(), file.largest().userKey()));
    }
    return result;
  }
}
