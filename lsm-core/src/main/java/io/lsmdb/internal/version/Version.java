package io.lsmdb.internal.version;

import io.lsmdb.ReadOptions;
import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.key.SharedPrefix;
import io.lsmdb.internal.range.RangeTombstones;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The tables of one family at one moment, level by level.
 *
 * <p>Immutable apart from its reference count, hence thread-safe.
 *
 * <ol>
 *   <li>Level 0 is ordered newest first: by largest sequence, then number, descending. Files of
 *       level 0 that overlap in keys do not overlap in sequences.
 *   <li>Each deeper level is ordered by key, and no two of its files share a user key.
 *   <li>For one user key, everything in a level is newer than everything in deeper levels.
 *   <li>Its range tombstones hide entries of its files, and are newer than all that they hide. One
 *       that hides nothing any more is not among them.
 *   <li>Its files exist while it has references. The {@link VersionSet} holds one for the current
 *       version; who uses a version beyond that adds another and gives it back.
 * </ol>
 */
public final class Version {
  /*
   * Why the first hit of a lookup is the newest visible version. Tables enter level 0 in the order in
   * which their memtables were sealed, and a memtable's sequences are all larger than those of the
   * memtables before it; merging neighbours keeps that so. Two tables of level 0 that could both hold
   * a key hence cover disjoint ranges of sequences (VersionBuilder refuses anything else), and the one
   * with the larger largest sequence holds the newer versions, whatever the numbers of the files: a
   * merged table has a new number and old entries. A table either holds a version at or below the
   * searched sequence, which is then newer than any in the files behind it, or it holds none.
   * Compaction moves versions of a key down only together with all older ones of the same level, or
   * after them; therefore a level's hit is newer than what lies below.
   */

  /** Number of levels. */
  public static final int LEVELS = 7;

  private static final FileMetadata[] NONE = {};

  private final FileMetadata[][] levels;

  /**
   * Key prefixes of the largest user keys, per level; for binary search without pointer chasing.
   */
  private final long[][] largestPrefixes;

  private final long[] levelSizes;
  private final int fileCount;
  private final long largestSequence;
  private final long oldestRetained; // the snapshots that a file keeps entries for are from here
  private final long newestRetained; // to here, both included
  private final RangeTombstones rangeTombstones;

  /** Told when the last reference is given back; null for a version outside a version set. */
  private final VersionOwner owner;

  private final AtomicInteger references = new AtomicInteger(1);

  /** Who wants to know that nobody uses a version any more. */
  interface VersionOwner {
    void unused(Version version);
  }

  /**
   * Takes sorted files.
   *
   * @param levels files per level, ordered as the class says; not copied
   * @param rangeTombstones what hides entries of the files
   * @param owner told when the version is unused, or null
   */
  Version(FileMetadata[][] levels, RangeTombstones rangeTombstones, VersionOwner owner) {
    this.levels = levels;
    this.rangeTombstones = rangeTombstones;
    this.owner = owner;
    this.largestPrefixes = new long[LEVELS][];
    this.levelSizes = new long[LEVELS];
    int count = 0;
    long newest = 0;
    long retainedFrom = Long.MAX_VALUE;
    long retainedTo = -1;
    for (int level = 0; level < LEVELS; level++) {
      FileMetadata[] files = levels[level];
      long[] prefixes = new long[files.length];
      for (int i = 0; i < files.length; i++) {
        byte[] largest = files[i].largest().userKey();
        prefixes[i] = Bytes.prefix(largest, 0, largest.length);
        levelSizes[level] += files[i].size();
        newest = Math.max(newest, files[i].counts().largestSequence());
        FileMetadata.Retained retained = files[i].counts().retained();
        if (retained.entries() > 0) {
          retainedFrom = Math.min(retainedFrom, retained.oldest());
          retainedTo = Math.max(retainedTo, retained.newest());
        }
      }
      largestPrefixes[level] = prefixes;
      count += files.length;
    }
    this.fileCount = count;
    this.largestSequence = newest;
    this.oldestRetained = retainedFrom;
    this.newestRetained = retainedTo;
  }

  /**
   * A version without files that belongs to nobody.
   *
   * @return with one reference, the caller's
   */
  public static Version empty() {
    return new Version(emptyLevels(), RangeTombstones.EMPTY, null);
  }

  static FileMetadata[][] emptyLevels() {
    FileMetadata[][] levels = new FileMetadata[LEVELS][];
    Arrays.fill(levels, NONE);
    return levels;
  }

  /**
   * The files of a level in their order.
   *
   * @param level 0 to {@link #LEVELS} - 1
   * @return unmodifiable
   */
  public List<FileMetadata> files(int level) {
    return Collections.unmodifiableList(Arrays.asList(levels[level]));
  }

  /** The files of a level, not to be written to. */
  FileMetadata[] array(int level) {
    return levels[level];
  }

  /**
   * The sum of the file sizes of a level.
   *
   * @param level 0 to {@link #LEVELS} - 1
   * @return bytes
   */
  public long levelSize(int level) {
    return levelSizes[level];
  }

  /**
   * How many files there are in all levels.
   *
   * @return a count
   */
  public int fileCount() {
    return fileCount;
  }

  /**
   * The newest sequence of an entry in a file.
   *
   * @return 0 without files
   */
  public long largestSequence() {
    return largestSequence;
  }

  /**
   * Whether a file may hold entries for the sake of one snapshot alone.
   *
   * @param sequence the snapshot's
   * @return false if none does
   */
  public boolean mayRetainFor(long sequence) {
    return sequence >= oldestRetained && sequence <= newestRetained;
  }

  /**
   * The range tombstones that hide entries of the files. {@link #get} and cursors know nothing of
   * them.
   *
   * @return those that some file needs
   */
  public RangeTombstones rangeTombstones() {
    return rangeTombstones;
  }

  /**
   * Finds the newest version of a key at or below a sequence. Call it only inside the engine's read
   * gate while a reference is held. Allocates nothing when the tables are open.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length
   * @param searchTrailer see {@link InternalKey#searchTrailer}
   * @param cache finds the open tables
   * @param out filled when something was found, tombstones included
   * @return whether a version was found
   */
  public boolean get(
      byte[] key, int offset, int length, long searchTrailer, TableCache cache, LookupResult out) {
    if (fileCount == 0) {
      return false;
    }
    long hash = Hash.of(key, offset, length);
    long prefix = Bytes.prefix(key, offset, length);
    for (FileMetadata file : levels[0]) {
      if (!file.beginsAfter(prefix, key, offset, length)
          && !file.endsBefore(prefix, key, offset, length)
          && cache.reader(file).get(key, offset, length, hash, searchTrailer, out)) {
        return true;
      }
    }
    for (int level = 1; level < LEVELS; level++) {
      FileMetadata[] files = levels[level];
      if (files.length == 0) {
        continue;
      }
      int index = firstNotEndingBefore(level, prefix, key, offset, length);
      if (index < files.length
          && !files[index].beginsAfter(prefix, key, offset, length)
          && cache.reader(files[index]).get(key, offset, length, hash, searchTrailer, out)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Asks the filters of all tables that could hold a key. Call it only inside the engine's read
   * gate while a reference is held. Reads no data block.
   *
   * @param key the user key
   * @param cache finds the open tables
   * @return false only if no version of the key is in any table
   */
  public boolean mayContain(byte[] key, TableCache cache) {
    long hash = Hash.of(key, 0, key.length);
    long prefix = Bytes.prefix(key, 0, key.length);
    for (FileMetadata file : levels[0]) {
      if (!file.beginsAfter(prefix, key, 0, key.length)
          && !file.endsBefore(prefix, key, 0, key.length)
          && cache.reader(file).mayContain(key, 0, key.length, hash)) {
        return true;
      }
    }
    for (int level = 1; level < LEVELS; level++) {
      FileMetadata[] files = levels[level];
      int index = files.length == 0 ? 0 : firstNotEndingBefore(level, prefix, key, 0, key.length);
      if (index < files.length
          && !files[index].beginsAfter(prefix, key, 0, key.length)
          && cache.reader(files[index]).mayContain(key, 0, key.length, hash)) {
        return true;
      }
    }
    return false;
  }

  /**
   * About how many bytes a range of user keys takes in all tables. Call it only inside the engine's
   * read gate.
   *
   * @param cache finds the open tables
   * @param from first key, null for the first one there is
   * @param to end, exclusive, null for no end
   * @return bytes of files
   */
  public long approximateSize(TableCache cache, byte[] from, byte[] to) {
    if (from != null && to != null && Arrays.compareUnsigned(from, to) >= 0) {
      return 0;
    }
    long total = 0;
    for (int level = 0; level < LEVELS; level++) {
      for (FileMetadata file : overlapping(level, from, to)) {
        total += end(cache, file, to, file.content().size()) - end(cache, file, from, 0);
      }
    }
    return total;
  }

  /** Where a bound lies in a file; the default where there is no bound inside. */
  private static long end(TableCache cache, FileMetadata file, byte[] bound, long without) {
    if (bound == null) {
      return without;
    }
    long size = file.content().size();
    long prefix = Bytes.prefix(bound, 0, bound.length);
    if (file.endsBefore(prefix, bound, 0, bound.length)) {
      return size;
    }
    if (file.beginsAfter(prefix, bound, 0, bound.length)) {
      return 0;
    }
    long search = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);
    return cache.reader(file).approximateOffset(bound, 0, bound.length, search);
  }

  /** The first file of a sorted level whose largest user key is not below the key. */
  private int firstNotEndingBefore(int level, long prefix, byte[] key, int offset, int length) {
    FileMetadata[] files = levels[level];
    long[] prefixes = largestPrefixes[level];
    int low = 0;
    int high = files.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int order = Long.compareUnsigned(prefixes[middle], prefix);
      if (order < 0 || (order == 0 && files[middle].endsBefore(prefix, key, offset, length))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Adds cursors that together show every entry within bounds, and may show others: one for each
   * file of level 0, newest first, then one for each deeper level. Files that lie outside of the
   * bounds are left out, and those of which a filter says that they hold no key with the bytes that
   * all keys within the bounds begin with. Opens tables only to ask their filters, for which it has
   * to be called inside the engine's read gate; the cursors open theirs when they are first moved.
   *
   * @param cache opens the tables
   * @param options bounds, and whether blocks read by the cursors enter the block cache
   * @param prefixLength how many first bytes must be common to ask the filters; 0 for never
   * @param into takes the cursors, which the caller closes before it gives its reference back
   */
  public void addIterators(
      TableCache cache, ReadOptions options, int prefixLength, List<LevelIterator> into) {
    boolean fillCache = options.fillCache();
    byte[] from = options.lowerBound();
    byte[] to = options.upperBound();
    int shared = prefixLength == 0 ? 0 : SharedPrefix.length(from, to);
    boolean ask = shared > 0 && shared >= prefixLength;
    FileMetadata[] newest = levels[0];
    for (int i = 0; i < newest.length; i++) {
      if (newest[i].overlaps(from, to) && (!ask || mayHold(cache, newest[i], from, shared))) {
        into.add(new LevelIterator(newest, i, i + 1, cache, fillCache));
      }
    }
    for (int level = 1; level < LEVELS; level++) {
      FileMetadata[] files = levels[level];
      int begin = firstReaching(level, from);
      int end = to == null ? files.length : begin;
      while (end < files.length && files[end].overlaps(from, to)) {
        end++;
      }
      if (ask) {
        // Only the first and the last one may lie partly outside of the bounds.
        while (begin < end && !mayHold(cache, files[begin], from, shared)) {
          begin++;
        }
        while (begin < end - 1 && !mayHold(cache, files[end - 1], from, shared)) {
          end--;
        }
      }
      if (begin < end) {
        into.add(new LevelIterator(files, begin, end, cache, fillCache));
      }
    }
  }

  private static boolean mayHold(TableCache cache, FileMetadata file, byte[] prefix, int length) {
    return cache.reader(file).mayContainPrefix(prefix, 0, length);
  }

  /** The first file of a sorted level that does not end before a user key, null for the lowest. */
  private int firstReaching(int level, byte[] from) {
    if (from == null || levels[level].length == 0) {
      return 0;
    }
    return firstNotEndingBefore(level, Bytes.prefix(from, 0, from.length), from, 0, from.length);
  }

  /**
   * The files of a level that share a range of user keys.
   *
   * @param level 0 to {@link #LEVELS} - 1
   * @param from first user key, null for no bound
   * @param toInclusive last user key, null for no bound
   * @return in the order of the level
   */
  public List<FileMetadata> overlapping(int level, byte[] from, byte[] toInclusive) {
    FileMetadata[] files = levels[level];
    int first = level == 0 ? 0 : firstReaching(level, from);
    List<FileMetadata> result = new ArrayList<>();
    for (int i = first; i < files.length; i++) {
      if (files[i].overlaps(from, toInclusive)) {
        result.add(files[i]);
      } else if (level > 0) {
        break;
      }
    }
    return result;
  }

  /**
   * Adds a reference unless the version is unused already.
   *
   * @return false when it is too late; take the then-current version
   */
  public boolean tryRetain() {
    for (int n = references.get(); n > 0; n = references.get()) {
      if (references.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Adds a reference; the caller knows that there is one already. */
  public void retain() {
    if (!tryRetain()) {
      throw new IllegalStateException("version is unused already");
    }
  }

  /** Gives a reference back; with the last one, files may become obsolete. */
  public void release() {
    int left = references.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("version released too often");
    }
    if (left == 0 && owner != null) {
      owner.unused(this);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("version");
    for (int level = 0; level < LEVELS; level++) {
      text.append(level == 0 ? " " : "/").append(levels[level].length);
    }
    return text.append(" files").toString();
  }
}
