package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.VersionEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A decision to rewrite, move or drop certain files of one family.
 *
 * <p>Immutable. It names files only; nothing is opened or held by it. Whoever runs it keeps its
 * inputs in the current version until its edit is applied.
 *
 * <ol>
 *   <li>The inputs of the output level are all its files that overlap the hull of the other inputs,
 *       so the outputs overlap no file that stays there.
 *   <li>No file that stays in the start level shares a user key with the inputs, unless it is a
 *       newer file of level 0.
 *   <li>{@code older} holds every file that may contain a version of some key that is older than
 *       the inputs' versions.
 * </ol>
 *
 * @param family id of the family
 * @param reason why it was chosen
 * @param level the level from which it takes files
 * @param outputLevel the level that receives the outputs; may be {@code level} itself
 * @param inputs files of {@code level}: in key order, or newest first for level 0
 * @param between files of levels below {@code level} and above {@code outputLevel}, top first
 * @param outputLevelInputs files of {@code outputLevel} in key order; empty if the levels are equal
 * @param grandparents files of the level below {@code outputLevel} that overlap, in key order
 * @param older lists of files with older data, each in key order without overlaps
 * @param work what happens to the inputs
 * @param maxOutputFileSize size from which on an output is cut at the next user key, in bytes
 * @param maxGrandparentBytes how many bytes of {@code grandparents} an output may overlap before it
 *     is cut
 */
public record Compaction(
    int family,
    Reason reason,
    int level,
    int outputLevel,
    List<FileMetadata> inputs,
    List<Source> between,
    List<FileMetadata> outputLevelInputs,
    List<FileMetadata> grandparents,
    List<List<FileMetadata>> older,
    Work work,
    long maxOutputFileSize,
    long maxGrandparentBytes) {

  /** What happens to the inputs. */
  public enum Work {
    /** They are read, and what is still needed of them is written to the output level. */
    REWRITE,
    /** They change their level as they are. */
    MOVE,
    /** They go without being read, and nothing takes their place. */
    DROP
  }

  /**
   * Files of one level.
   *
   * @param level the level
   * @param files in key order, or newest first for level 0
   */
  public record Source(int level, List<FileMetadata> files) {
    /** Copies the list. */
    public Source {
      files = List.copyOf(files);
    }
  }

  /** Why a compaction was chosen. */
  public enum Reason {
    /** Level 0 has too many files or bytes. */
    LEVEL0,
    /** Level 0 has many files that are better merged among themselves for now. */
    WITHIN_LEVEL0,
    /** A level is larger than its target. */
    LEVEL_SIZE,
    /** A run of small adjacent files. */
    SMALL_FILES,
    /** A file or run that consists of tombstones for the larger part. */
    TOMBSTONES,
    /** A file is older than files of the family should be. */
    AGE,
    /** The newer runs are too large for the oldest one. */
    SPACE,
    /** Neighbouring runs of about the same size. */
    SIZE_RATIO,
    /** There are too many runs. */
    RUN_COUNT,
    /** The oldest files are beyond the size or age that is kept. */
    FIFO,
    /** A run of small files, where the oldest are dropped: the result is as old as the newest. */
    FIFO_SMALL_FILES,
    /** Files all of whose entries have expired: they are dropped without being read. */
    EXPIRED_FILES,
    /** A file whose last expiry has passed. */
    EXPIRED,
    /** Files that lie in deleted ranges as a whole: they are dropped without being read. */
    DELETED_FILES,
    /** A file in which many ranges were deleted. */
    DELETED_RANGES,
    /** Files of which a good part was there only for snapshots that are closed. */
    SNAPSHOT_CLOSED,
    /** Somebody asked for it. */
    MANUAL,
    /** Somebody asked to drop whole files; there are no outputs. */
    DROPPED_RANGE
  }

  /** Copies the lists. */
  public Compaction {
    inputs = List.copyOf(inputs);
    between = List.copyOf(between);
    outputLevelInputs = List.copyOf(outputLevelInputs);
    grandparents = List.copyOf(grandparents);
    older = List.copyOf(older);
  }

  /**
   * A decision to drop files without reading them. Whoever decides so knows that nobody needs any
   * entry of them, nor their tombstones.
   *
   * @param family id of the family
   * @param reason why it was chosen
   * @param level the level of the files
   * @param files at least one
   * @return without output
   */
  public static Compaction drop(int family, Reason reason, int level, List<FileMetadata> files) {
    return new Compaction(
        family,
        reason,
        level,
        level,
        files,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Work.DROP,
        Long.MAX_VALUE,
        Long.MAX_VALUE);
  }

  /**
   * Everything that it takes files from.
   *
   * @return level by level, top first; none of them empty
   */
  public List<Source> sources() {
    List<Source> all = new ArrayList<>();
    all.add(new Source(level, inputs));
    all.addAll(between);
    if (!outputLevelInputs.isEmpty()) {
      all.add(new Source(outputLevel, outputLevelInputs));
    }
    return all;
  }

  /**
   * What an edit has to remove once this has run.
   *
   * @return all files that it takes, in the order of {@link #sources}
   */
  public List<VersionEdit.RemovedFile> removals() {
    List<VersionEdit.RemovedFile> removed = new ArrayList<>();
    for (Source source : sources()) {
      for (FileMetadata file : source.files()) {
        removed.add(new VersionEdit.RemovedFile(family, source.level(), file.number()));
      }
    }
    return removed;
  }

  /**
   * Whether the outputs are the last level that their keys have.
   *
   * @return true if no older data overlaps, and the output level is sorted
   */
  public boolean isIntoLastLevel() {
    return outputLevel > 0 && older.stream().allMatch(List::isEmpty);
  }

  /**
   * The smallest user key of all inputs.
   *
   * @return never to be written to
   */
  public byte[] smallestKey() {
    byte[] result = null;
    for (Source source : sources()) {
      for (FileMetadata file : source.files()) {
        byte[] key = file.smallest().userKey();
        if (result == null || Bytes.compare(key, 0, key.length, result, 0, result.length) < 0) {
          result = key;
        }
      }
    }
    return result;
  }

  /**
   * The largest user key of all inputs.
   *
   * @return never to be written to
   */
  public byte[] largestKey() {
    byte[] result = null;
    for (Source source : sources()) {
      byte[] key = largestKeyOf(source.files());
      if (result == null || Bytes.compare(key, 0, key.length, result, 0, result.length) > 0) {
        result = key;
      }
    }
    return result;
  }

  /**
   * Where the next compaction of {@link #level} goes on in its turn through the keys.
   *
   * @return the largest user key of the start level's inputs, never to be written to
   */
  public byte[] cursor() {
    return largestKeyOf(inputs);
  }

  /**
   * The size of all inputs.
   *
   * @return bytes
   */
  public long inputBytes() {
    long sum = 0;
    for (Source source : sources()) {
      for (FileMetadata file : source.files()) {
        sum += file.size();
      }
    }
    return sum;
  }

  /**
   * When the newest of the inputs was written.
   *
   * @return ms since 1970
   */
  public long newestTableMillis() {
    return writtenMillis().max().getAsLong();
  }

  /**
   * When the oldest of the inputs was written.
   *
   * @return ms since 1970
   */
  public long oldestTableMillis() {
    return writtenMillis().min().getAsLong();
  }

  /** When each of the inputs was written; there is at least one. */
  private LongStream writtenMillis() {
    return sources().stream()
        .flatMap(source -> source.files().stream())
        .mapToLong(file -> file.content().creationTimeMillis());
  }

  private static byte[] largestKeyOf(List<FileMetadata> files) {
    byte[] result = files.get(0).largest().userKey();
    for (FileMetadata file : files) {
      byte[] key = file.largest().userKey();
      if (Bytes.compare(key, 0, key.length, result, 0, result.length) > 0) {
        result = key;
      }
    }
    return result;
  }
}
