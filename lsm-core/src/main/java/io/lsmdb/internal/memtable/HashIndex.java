package io.lsmdb.internal.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The index from user key to entry number, for point reads and overwrites.
 *
 * <p>One writer; lock-free readers. Owned by the memtable, which releases it.
 *
 * <p>Extendible hashing: the top bits of a key's 32-bit hash choose a table in the directory, the
 * low bits a slot in the table, linear probing resolves collisions within the table. A slot is
 * {@code hash << 32 | entry}; zero is an empty one. The first table is small and doubles up to
 * {@link ChunkPool#SEGMENT_WORDS} slots; a full one is then replaced by two, one table at a time,
 * so that no insertion ever pays for rehashing the whole index. Since a slot holds its whole hash,
 * neither doubling nor splitting reads a key.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A slot is written once, by a release after the entry is complete; readers acquire slots.
 *   <li>A table's replacement is filled before it is released into the directory, and a new
 *       directory before it is released into the field; readers acquire both. Only then does the
 *       writer insert on.
 *   <li>A replaced table is never written to again, and never reused while the memtable lives: a
 *       reader that still probes it finds each entry that was indexed before the replacement.
 *       Entries indexed later have sequences above those such a reader may see, because it acquired
 *       its visible sequence before it loaded the directory.
 *   <li>At least a quarter of each table's slots are empty, so that every probe ends.
 * </ol>
 */
final class HashIndex {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle TABLE = MethodHandles.arrayElementVarHandle(long[][].class);
  private static final VarHandle DIRECTORY;

  static {
    try {
      DIRECTORY =
          MethodHandles.lookup().findVarHandle(HashIndex.class, "directory", long[][].class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int FIRST_SLOTS = 32;

  /**
   * How many splits a table may be deeper than the average: keys chosen to collide must not grow
   * the directory; their table grows instead.
   */
  private static final int EXTRA_DEPTH = 3;

  private static final int MAX_DEPTH = 18;

  private final ChunkPool pool;
  private final Entries entries;

  /** Released by the writer, acquired by readers. */
  private long[][] directory;

  // The writer's own: used slots of each table, at the first directory index that names it, and how
  // many top bits of the hash all its entries share, at every index.
  private int[] counts = new int[1];
  private byte[] depths = new byte[1];
  private long size;

  private volatile long bytes;

  HashIndex(ChunkPool pool, Entries entries) {
    this.pool = pool;
    this.entries = entries;
    directory = new long[][] {pool.newWords(FIRST_SLOTS)};
    bytes = FIRST_SLOTS * 8L;
  }

  /** The entry of a key; 0 when it has none. */
  int find(int hash, byte[] key, int offset, int length) {
    long[][] tables = (long[][]) DIRECTORY.getAcquire(this);
    long[] table = (long[]) TABLE.getAcquire(tables, place(hash, tables.length));
    int mask = table.length - 1;
    int i = hash & mask;
    while (true) {
      long slot = (long) SLOT.getAcquire(table, i);
      if (slot == 0) {
        return 0;
      }
      if ((int) (slot >>> 32) == hash && entries.keyEquals((int) slot, key, offset, length)) {
        return (int) slot;
      }
      i = i + 1 & mask;
    }
  }

  /** Makes sure that {@link #insert} of a hash needs no more memory (writer only). */
  void reserve(int hash) {
    int first = firstPlace(hash);
    while (isFull(counts[first], directory[first].length)) {
      makeRoom(first);
      first = firstPlace(hash);
    }
  }

  /** Adds an entry whose key has none yet (writer only). */
  void insert(int hash, int entry) {
    reserve(hash);
    int first = firstPlace(hash);
    long[] table = directory[first];
    int i = freeSlot(table, hash);
    counts[first]++;
    size++;
    SLOT.setRelease(table, i, (long) hash << 32 | entry & 0xFFFFFFFFL);
  }

  private static boolean isFull(int count, int slots) {
    return count >= slots - (slots >>> 2);
  }

  private static int place(int hash, int directoryLength) {
    return hash >>> 1 >>> 31 - Integer.numberOfTrailingZeros(directoryLength);
  }

  /** The first of the directory's indexes that name the table of a hash. */
  private int firstPlace(int hash) {
    int place = place(hash, directory.length);
    return place & -span(place);
  }

  private int span(int place) {
    return directory.length >>> depths[place];
  }

  private static int freeSlot(long[] table, int hash) {
    int mask = table.length - 1;
    int i = hash & mask;
    while (table[i] != 0) {
      i = i + 1 & mask;
    }
    return i;
  }

  private void makeRoom(int first) {
    int depth = depths[first];
    boolean skewed = (size >>> depth) * (1 << EXTRA_DEPTH) < directory[first].length >>> 1;
    if (directory[first].length < ChunkPool.SEGMENT_WORDS || skewed || depth == MAX_DEPTH) {
      grow(first);
    } else {
      if (span(first) == 1) {
        doubleDirectory();
        first *= 2;
      }
      split(first);
    }
  }

  /** Replaces a table by one of twice its length. */
  private void grow(int first) {
    long[] old = directory[first];
    long[] table = newTable(Math.multiplyExact(old.length, 2));
    for (long slot : old) {
      if (slot != 0) {
        table[freeSlot(table, (int) (slot >>> 32))] = slot;
      }
    }
    install(table, first, span(first));
    retire(old);
  }

  /** Replaces a table by two, told apart by the next bit of the hash. */
  private void split(int first) {
    long[] old = directory[first];
    int depth = depths[first];
    int half = span(first) / 2;
    long[] low = newTable(old.length);
    long[] high;
    try {
      high = newTable(old.length);
    } catch (OutOfMemoryError e) {
      retire(low);
      throw e;
    }
    int highCount = 0;
    for (long slot : old) {
      if (slot == 0) {
        continue;
      }
      int hash = (int) (slot >>> 32);
      boolean isHigh = (hash << depth) < 0;
      long[] table = isHigh ? high : low;
      table[freeSlot(table, hash)] = slot;
      highCount += isHigh ? 1 : 0;
    }
    install(low, first, half);
    install(high, first + half, half);
    Arrays.fill(depths, first, first + 2 * half, (byte) (depth + 1));
    counts[first + half] = highCount;
    counts[first] -= highCount;
    retire(old);
  }

  private void install(long[] table, int from, int span) {
    for (int i = from; i < from + span; i++) {
      TABLE.setRelease(directory, i, table);
    }
  }

  private void doubleDirectory() {
    int length = directory.length;
    long[][] doubled = new long[length * 2][];
    int[] newCounts = new int[length * 2];
    byte[] newDepths = new byte[length * 2];
    for (int i = 0; i < length; i++) {
      doubled[2 * i] = directory[i];
      doubled[2 * i + 1] = directory[i];
      newCounts[2 * i] = counts[i];
      newDepths[2 * i] = depths[i];
      newDepths[2 * i + 1] = depths[i];
    }
    counts = newCounts;
    depths = newDepths;
    DIRECTORY.setRelease(this, doubled);
  }

  private long[] newTable(int slots) {
    long[] table = slots == ChunkPool.SEGMENT_WORDS ? pool.takeSegment() : pool.newWords(slots);
    bytes = bytes + slots * 8L;
    return table;
  }

  /** Leaves a replaced table to the collector, which knows when its last reader is gone. */
  private void retire(long[] table) {
    if (table.length == ChunkPool.SEGMENT_WORDS) {
      pool.forgetSegment();
    }
    bytes = bytes - table.length * 8L;
  }

  /** Bytes of the live tables; for any thread. */
  long bytes() {
    return bytes;
  }

  /** Gives full-size tables back to the pool; nobody may read any more. */
  void release() {
    long[][] old = directory;
    directory = new long[0][];
    long[] previous = null;
    for (long[] table : old) {
      if (table != previous && table.length == ChunkPool.SEGMENT_WORDS) {
        pool.giveSegment(table);
      }
      previous = table;
    }
    bytes = 0;
  }
}
