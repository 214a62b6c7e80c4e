package io.lsmdb.internal.wal;

import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import java.nio.file.Path;
import java.util.List;

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
  /**
   * The file of a segment.
   *
   * @param number its number
   * @return a path
   */
  public Path segment(long number) {
    return directory.resolve(FileNames.log(number));
  }

  /**
   * The file of a segment that is being prepared or retired, of which nothing is ever needed.
   *
   * @param number its number
   * @return a path
   */
  public Path spare(long number) {
    return directory.resolve(FileNames.temporary(number));
  }

  /**
   * The segments in the directory.
   *
   * @return their numbers, ascending
   */
  public List<Long> segmentNumbers() {
    return numbers(FileNames.Type.LOG);
  }

  /**
   * The spare files in the directory.
   *
   * @return their numbers, ascending
   */
  List<Long> spareNumbers() {
    return numbers(FileNames.Type.TEMPORARY);
  }

  private List<Long> numbers(FileNames.Type type) {
    return fileSystem.list(directory).stream()
        .flatMap(name -> FileNames.parse(name).stream())
        .filter(file -> file.type() == type && file.number() != FileNames.NO_NUMBER)
        .map(FileNames.Parsed::number)
        .sorted()
        .toList();
  }
}
