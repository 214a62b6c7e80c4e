package io.lsmdb.internal.compaction;

import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.version.FileMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The division of a compaction into ranges of user keys of about equal size.
 *
 * <p>Stateless; a pure function. The bounds of ranges are smallest user keys of input files and of
 * files in deeper levels, which tell how the keys are distributed where the inputs are few and
 * wide. Between two of these, each input file that spans the interval is taken to have its even
 * share of bytes.
 */
final class Subcompactions {
  /** A range is worth it from this many output files on. */
  private static final int MIN_FILES = 2;

  private Subcompactions() {}

  /**
   * Divides a compaction.
   *
   * @param compaction what to divide
   * @param max most ranges, at least 1
   * @return user keys at which ranges after the first one begin, ascending; fewer than {@code max}
   */
  static List<byte[]> boundaries(Compaction compaction, int max) {
    long total = compaction.inputBytes();
    long worthy =
        compaction.maxOutputFileSize() > Long.MAX_VALUE / MIN_FILES
            ? Long.MAX_VALUE
            : MIN_FILES * compaction.maxOutputFileSize();
    int ranges = (int) Math.min(max, total / worthy);
    if (ranges < 2) {
      return List.of();
    }
    List<FileMetadata> files = new ArrayList<>();
    compaction.sources().forEach(source -> files.addAll(source.files()));
    TreeSet<byte[]> starts = new TreeSet<>(Arrays::compareUnsigned);
    for (FileMetadata file : files) {
      starts.add(file.smallest().userKey());
    }
    byte[] first = starts.first();
    for (List<FileMetadata> deeper : compaction.older()) {
      for (FileMetadata file : deeper) {
        starts.add(file.smallest().userKey());
      }
    }
    starts.headSet(first).clear();
    List<byte[]> keys = new ArrayList<>(starts);
    double[] weights = weights(files, keys);
    List<byte[]> result = new ArrayList<>();
    double sum = 0;
    for (int i = 1; i < keys.size() && result.size() < ranges - 1; i++) {
      sum += weights[i - 1];
      if (sum >= (double) total / ranges * (result.size() + 1)) {
        result.add(keys.get(i));
      }
    }
    return result;
  }

  /** Bytes in each interval from one key to the next, or to the end. */
  private static double[] weights(List<FileMetadata> files, List<byte[]> keys) {
    double[] weights = new double[keys.size()];
    for (FileMetadata file : files) {
      int first = lastAtOrBefore(keys, file.smallest().userKey());
      int last = lastAtOrBefore(keys, file.largest().userKey());
      for (int i = first; i <= last; i++) {
        weights[i] += (double) file.size() / (last - first + 1);
      }
    }
    return weights;
  }

  private static int lastAtOrBefore(List<byte[]> keys, byte[] key) {
    int low = 0;
    int high = keys.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Arrays.compareUnsigned(keys.get(middle), key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
