package io.lsmdb.internal.wal;

import io.lsmdb.internal.fs.FileSystem;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the files of one log live.
 *
 * <p>Immutable and thread-safe.
 *
 * @param fileSystem holds the directory
 * @param directory the database's directory
 * @param logId random number of the database, in each segment, so that foreign files are refused
 */
public record LogFiles(FileSystem fileSystem, Path directory, long logId) {
  private static final Pattern SEGMENT = Pattern.compile("([0-9]{6,18})\\.log");
  private static final Pattern SPARE = Pattern.compile("([0-9]{6,18})\\.spare");

  /**
   * The file of a segment.
   *
   * @param number its number
   * @return a path
   */
  public Path segment(long number) {
    return directory.resolve(String.format("%06d.log", number));
  }

  /**
   * The file of a segment that is being prepared or retired, of which nothing is ever needed.
   *
   * @param number its number
   * @return a path
   */
  public Path spare(long number) {
    return directory.resolve(String.format("%06d.spare", number));
  }

  /**
   * The segments in the directory.
   *
   * @return their numbers, ascending
   */
  public List<Long> segmentNumbers() {
    return numbers(SEGMENT);
  }

  /**
   * The spare files in the directory.
   *
   * @return their numbers, ascending
   */
  List<Long> spareNumbers() {
    return numbers(SPARE);
  }

  private List<Long> numbers(Pattern pattern) {
    return fileSystem.list(directory).stream()
        .map(pattern::matcher)
        .filter(java.util.regex.Matcher::matches)
        .map(matcher -> Long.valueOf(matcher.group(1)))
        .sorted()
        .toList();
  }
}
