package io.lsmdb.internal.version;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.key.InternalKey;

/**
 * What the manifest knows of one SSTable.
 *
 * <p>Immutable apart from the slot for its open reader, which only {@link TableCache} uses. Two
 * objects are the same file exactly when their numbers are equal; a number is never used again.
 */
public final class FileMetadata {
  /** What the table's content is, whatever its number. */
  public record Content(long contentId, long size, int checksum, long creationTimeMillis) {}

  /**
   * How many entries of which kind, between which sequences, when they expire, and what no longer
   * hides any of them.
   *
   * @param entries all there are
   * @param tombstones those that are point tombstones
   * @param smallestSequence of an entry
   * @param largestSequence of an entry
   * @param expiries when entries expire
   * @param clearedTo range tombstones up to this sequence hide nothing in the file, since it was
   *     written with regard to them
   * @param retained entries that only snapshots still needed when the file was written
   */
  public record Counts(
      long entries,
      long tombstones,
      long smallestSequence,
      long largestSequence,
      Expiries expiries,
      long clearedTo,
      Retained retained) {
    /** Of a file whose entries do not expire, and which knows of no range tombstones. */
    public Counts(long entries, long tombstones, long smallestSequence, long largestSequence) {
      this(entries, tombstones, smallestSequence, largestSequence, Expiries.NONE, 0, Retained.NONE);
    }
  }

  /** How many entries expire, and when the first and the last of them, in ms since 1970. */
  public record Expiries(long entries, long smallest, long largest) {
    /** No entry expires. */
    public static final Expiries NONE = new Expiries(0, 0, 0);
  }

  /**
   * The entries that are in a file for snapshots alone: a rewrite drops all of them once no
   * snapshot is open from the oldest of these to the newest.
   *
   * @param entries superseded versions, deleted ones, and the tombstones that delete them
   * @param bytes their part of the file's size
   * @param oldest sequence of the oldest snapshot that needed one of them
   * @param newest sequence of the newest one
   * @param snapshots how many were open from the oldest to the newest, both included
   */
  public record Retained(long entries, long bytes, long oldest, long newest, long snapshots) {
    /** Nothing is there for a snapshot alone. */
    public static final Retained NONE = new Retained(0, 0, 0, 0, 0);
  }

  private final long number;
  private final long session;
  private final Content content;
  private final Counts counts;
  private final InternalKey smallest;
  private final InternalKey largest;
  private final long smallestPrefix;
  private final long largestPrefix;

  /** The open reader, or null; written by the table cache alone. */
  volatile TableHandle handle;

  /** How many versions name the file; guarded by {@link TableReferences}. */
  int versions;

  /**
   * Describes a file.
   *
   * @param number its number, unique in the store for ever
   * @param session the session (opening of the store) in which it was written, part of its name
   * @param content identity and size
   * @param counts entries
   * @param smallest first internal key
   * @param largest last internal key
   */
  public FileMetadata(
      long number,
      long session,
      Content content,
      Counts counts,
      InternalKey smallest,
      InternalKey largest) {
    this.number = number;
    this.session = session;
    this.content = content;
    this.counts = counts;
    this.smallest = smallest;
    this.largest = largest;
    this.smallestPrefix = Bytes.prefix(smallest.userKey(), 0, smallest.userKey().length);
    this.largestPrefix = Bytes.prefix(largest.userKey(), 0, largest.userKey().length);
  }

  /**
   * The file's number.
   *
   * @return at least 1
   */
  public long number() {
    return number;
  }

  /**
   * The session in which the file was written.
   *
   * @return random, part of the file's name
   */
  public long session() {
    return session;
  }

  /**
   * Identity and size of the content.
   *
   * @return never null
   */
  public Content content() {
    return content;
  }

  /**
   * The file's size.
   *
   * @return bytes
   */
  public long size() {
    return content.size();
  }

  /**
   * Entries and sequences.
   *
   * @return never null
   */
  public Counts counts() {
    return counts;
  }

  /**
   * The first internal key.
   *
   * @return never null
   */
  public InternalKey smallest() {
    return smallest;
  }

  /**
   * The last internal key.
   *
   * @return never null
   */
  public InternalKey largest() {
    return largest;
  }

  /**
   * Whether a user key lies before the first key of the file.
   *
   * @param prefix the key's {@link Bytes#prefix}
   * @param key holds the key
   * @param offset where it starts
   * @param length its length
   * @return true when the file cannot hold the key because it begins later
   */
  public boolean beginsAfter(long prefix, byte[] key, int offset, int length) {
    int order = Long.compareUnsigned(prefix, smallestPrefix);
    return order < 0
        || (order == 0
            && Bytes.compare(key, offset, length, smallest.userKey(), 0, smallest.userKey().length)
                < 0);
  }

  /**
   * Whether a user key lies behind the last key of the file.
   *
   * @param prefix the key's {@link Bytes#prefix}
   * @param key holds the key
   * @param offset where it starts
   * @param length its length
   * @return true when the file cannot hold the key because it ends earlier
   */
  public boolean endsBefore(long prefix, byte[] key, int offset, int length) {
    int order = Long.compareUnsigned(prefix, largestPrefix);
    return order > 0
        || (order == 0
            && Bytes.compare(key, offset, length, largest.userKey(), 0, largest.userKey().length)
                > 0);
  }

  /**
   * Whether the file holds a user key range in part.
   *
   * @param from first user key, null for none
   * @param to last user key, inclusive, null for none
   * @return true when the ranges overlap
   */
  public boolean overlaps(byte[] from, byte[] to) {
    return (to == null
            || Bytes.compare(smallest.userKey(), 0, smallest.userKey().length, to, 0, to.length)
                <= 0)
        && (from == null
            || Bytes.compare(largest.userKey(), 0, largest.userKey().length, from, 0, from.length)
                >= 0);
  }

  /**
   * The range tombstones that hide nothing in the file: all whose sequence is not above this one.
   * Older ones than the file have nothing to hide in it, and others were regarded when it was
   * written.
   *
   * @return a sequence
   */
  public long neededAbove() {
    return Math.max(counts.smallestSequence(), counts.clearedTo());
  }

  /** Whether another object says the same of the file; numbers are compared as well. */
  boolean describesSame(FileMetadata other) {
    return number == other.number
        && session == other.session
        && content.equals(other.content)
        && counts.equals(other.counts)
        && smallest.equals(other.smallest)
        && largest.equals(other.largest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FileMetadata file && file.number == number;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }

  @Override
  public String toString() {
    return "table " + number + " (" + content.size() + " bytes)";
  }
}
