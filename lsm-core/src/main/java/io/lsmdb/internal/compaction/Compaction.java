package io.lsmdb.internal.compaction;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.version.FileMetadata;
import java.util.List;

/**
 * A decision to rewrite or move certain files of one family into a level.
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
 * @param outputLevelInputs files of {@code outputLevel} in key order; empty if the levels are equal
 * @param grandparents files of the level below {@code outputLevel} that overlap, in key order
 * @param older lists of files with older data, each in key order without overlaps
 * @param trivialMove whether the inputs just change their level
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
    List<FileMetadata> outputLevelInputs,
    List<FileMetadata> grandparents,
    List<List<FileMetadata>> older,
    boolean trivialMove,
    long maxOutputFileSize,
    long maxGrandparentBytes) {

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
    /** A file that consists of tombstones for the larger part. */
    TOMBSTONES,
    /** Files all of whose entries have expired: they are dropped without being read. */
    EXPIRED_FILES,
    /** A file whose last expiry has passed. */
    EXPIRED,
    /** Somebody asked for it. */
    MANUAL
  }

  /** Copies the lists. */
  public Compaction {
    inputs = List.copyOf(inputs);
    outputLevelInputs = List.copyOf(outputLevelInputs);
    grandparents = List.copyOf(grandparents);
    older = List.copyOf(older);
  }

  /**
   * The smallest user key of all inputs.
   *
   * @return never to be written to
   */
  public byte[] smallestKey() {
    byte[] result = null;
    for (List<FileMetadata> files : List.of(inputs, outputLevelInputs)) {
      for (FileMetadata file : files) {
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
    byte[] result = largestKeyOf(inputs);
    if (!outputLevelInputs.isEmpty()) {
      byte[] other = largestKeyOf(outputLevelInputs);
      if (Bytes.compare(other, 0, other.length, result, 0, result.length) > 0) {
        result = other;
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
    for (FileMetadata file : inputs) {
      sum += file.size();
    }
    for (FileMetadata file : outputLevelInputs) {
      sum += file.size();
    }
    return sum;
  }

  /** When the oldest of the inputs was written, in ms since 1970. */
  long oldestTableMillis() {
    long oldest = Long.MAX_VALUE;
    for (List<FileMetadata> files : List.of(inputs, outputLevelInputs)) {
      for (FileMetadata file : files) {
        oldest = Math.min(oldest, file.content().creationTimeMillis());
      }
    }
    return oldest;
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
