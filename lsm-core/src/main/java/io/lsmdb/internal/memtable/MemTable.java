package io.lsmdb.internal.memtable;

import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.LiveRangeTombstones;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The sorted table in memory that takes a family's writes until it is flushed.
 *
 * <p>One writer at a time, handed over with a happens-before edge (the commit leader); any number
 * of lock-free readers. Owned by its family, which calls {@link #release} once no reader is left.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each user key has one entry, in the hash index and in the order of keys, or on its way to
 *       it; its versions hang on the entry, newest first. A later version of a key changes neither.
 *   <li>The memtable knows no visible sequence. The engine releases it after the insertions it
 *       covers; a reader acquires it before it searches, and never asks for versions above it. That
 *       edge makes all of an insertion visible at once, however many stores it took: entry, then
 *       index, then order.
 *   <li>Point reads allocate nothing, write nothing, wait for nothing. Nor do cursors where order
 *       is kept at once; else the first to seek after an insertion sorts the keys that nobody has
 *       sorted yet, and others wait for it. The writer waits for nobody. See {@link LazyKeyIndex}.
 *   <li>What is stored never changes or moves until {@link #release}, but for versions that others
 *       replace ({@link #addTo}): their memory is used again once no reader can need or hold them.
 *       See {@link VersionRecycler}.
 *   <li>Range tombstones stand beside the entries: {@link #get} and cursors know nothing of them.
 * </ol>
 *
 * <p>What it costs. 500,000 random keys of 16 bytes, values of 100, one thread, ns of CPU time on a
 * machine whose memory answers in 160–195 ns, with order kept at once: insert 730, overwrite of a
 * present key 750, lookup hit 700 and miss 75 (one probe of the index), scan 108 an entry, seek
 * 1,770. The same keys behind a shared prefix of 12 bytes: insert 940, overwrite 850, hit 900, miss
 * 115, scan 110, seek 2,700. {@code ConcurrentSkipListMap} beside it: insert 2,850, hit 3,360, miss
 * 3,000, scan 73, seek 3,340. Besides key and value, an entry takes 80 bytes of memory when keys
 * come in random order, 66 in rising order.
 *
 * <p>An insertion that finds no memory has changed nothing, and may be repeated: what it needs is
 * allocated before anything is linked. Callers who must not fail {@link #reserve} memory first.
 */
public final class MemTable {
  /**
   * More memory than this is refused, in bytes; well within what the 32-bit references can name.
   */
  public static final long MAX_MEMORY_USAGE = 4L << 30;

  /**
   * More than any insertion takes besides its record: a new array in each of the arenas, in bytes.
   */
  private static final long INSERT_OVERHEAD = 2L << 20;

  /** So many keys are sorted at a time. */
  public static final int SORTED_TOGETHER = LazyKeyIndex.MANY;

  /** Finds the newest version of all. */
  private static final long NEWEST = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private static final VarHandle FIRST_SEQUENCE = field("firstSequence");
  private static final VarHandle LAST_SEQUENCE = field("lastSequence");
  private static final VarHandle RANGE_MEMORY = field("rangeMemory");

  private final long maxMemoryUsage;
  private final Entries entries;
  private final HashIndex index;
  private final LazyKeyIndex order;
  private final RangeReclaimer rangeReclaimer;

  // Written by the writer with opaque stores, so that any thread reads whole, recent figures.

  @SuppressWarnings("UnusedVariable") // read through FIRST_SEQUENCE
  private long firstSequence;

  private long lastSequence;

  @SuppressWarnings("UnusedVariable") // read through RANGE_MEMORY
  private long rangeMemory;

  /** Null until the first one is added. */
  private volatile LiveRangeTombstones rangeTombstones;

  /**
   * Creates an empty memtable, which holds a few KB.
   *
   * @param pool where its arrays come from and go to
   * @param orderAtOnce whether each new key is put in order at once, so that cursors never wait;
   *     otherwise keys are put in order when a cursor first seeks
   * @param readers tell when nobody needs a replaced version any more
   */
  public MemTable(ChunkPool pool, boolean orderAtOnce, MemTablePins readers) {
    this(pool, orderAtOnce, readers, MAX_MEMORY_USAGE);
  }

  /** As the other constructor, with a limit of its own (for tests). */
  MemTable(ChunkPool pool, boolean orderAtOnce, MemTablePins readers, long maxMemoryUsage) {
    this.maxMemoryUsage = maxMemoryUsage;
    entries = new Entries(pool, readers);
    index = new HashIndex(pool, entries);
    order = new LazyKeyIndex(pool, entries, orderAtOnce);
    rangeReclaimer = new RangeReclaimer(readers);
  }

  /**
   * Adds a version of a key; for the single writer. The bytes are copied.
   *
   * @param trailer sequence and kind; sequences never fall, and rise from version to version of a
   *     key
   * @param key holds the user key
   * @param keyOffset where it starts
   * @param keyLength its length in bytes
   * @param value holds the value
   * @param valueOffset where it starts
   * @param valueLength its length in bytes
   * @throws IllegalStateException if the table would exceed {@link #MAX_MEMORY_USAGE}, or the
   *     version is not newer than the key's last; nothing was added
   */
  public void add(
      long trailer,
      byte[] key,
      int keyOffset,
      int keyLength,
      byte[] value,
      int valueOffset,
      int valueLength) {
    check(InternalKey.sequence(trailer), keyLength, valueLength);
    int hash = hash(key, keyOffset, keyLength);
    int entry = index.find(hash, key, keyOffset, keyLength);
    if (entry != 0) {
      entries.append(entry, trailer, value, valueOffset, valueLength, false);
    } else {
      index.reserve(hash);
      order.reserve();
      entry = entries.create(trailer, key, keyOffset, keyLength, value, valueOffset, valueLength);
      index.insert(hash, entry);
      order.add(key, keyOffset, keyLength, entry);
    }
    noteSequence(InternalKey.sequence(trailer));
  }

  /**
   * The entry of a key, for {@link #newest} and {@link #addTo}; for the single writer.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @return 0 if the key has none
   */
  public int find(byte[] key, int offset, int length) {
    return index.find(hash(key, offset, length), key, offset, length);
  }

  /**
   * The newest version of an entry.
   *
   * @param entry what {@link #find} has found
   * @param out takes the version, as {@link #get} gives it
   */
  public void newest(int entry, LookupResult out) {
    entries.get(entry, NEWEST, out);
  }

  /**
   * Adds a version of a key that has an entry, as {@link #add} does. It replaces the newest one: it
   * says all that this says, so that nobody needs that who reads at its sequence or later.
   *
   * @param entry what {@link #find} has found
   * @param keyLength the length of the entry's key
   */
  public void addTo(
      int entry, long trailer, int keyLength, byte[] value, int valueOffset, int valueLength) {
    check(InternalKey.sequence(trailer), keyLength, valueLength);
    entries.append(entry, trailer, value, valueOffset, valueLength, true);
    noteSequence(InternalKey.sequence(trailer));
  }

  /**
   * Adds a range tombstone; for the single writer.
   *
   * @param sequence above that of all that was added before
   * @param from first user key; kept, not to be changed
   * @param to end, exclusive, above {@code from}; null for no end; kept, not to be changed
   * @throws IllegalStateException if the sequence is too small; nothing was added
   */
  public void deleteRange(long sequence, byte[] from, byte[] to) {
    checkOrder(sequence);
    noteSequence(sequence);
    LiveRangeTombstones ranges = rangeTombstones;
    if (ranges == null) {
      ranges = new LiveRangeTombstones();
      rangeTombstones = ranges;
    }
    rangeReclaimer.beforeAdd(ranges);
    ranges.add(from, to, sequence);
    RANGE_MEMORY.setOpaque(this, ranges.memoryUsage());
  }

  /**
   * Whether versions need no more memory for keys and values; for the single writer.
   *
   * @param versions how many
   * @param payloadBytes of their keys and values
   * @return false also where they may or may not fit
   */
  public boolean hasRoom(int versions, long payloadBytes) {
    return entries
        .payload()
        .hasRoom(payloadBytes + (long) versions * (VersionRecord.MAX_OVERHEAD + 7));
  }

  /**
   * Allocates memory for the key and value of a version that is going to be added; for the single
   * writer. To be called for all versions of a group, in their order, before the first is added,
   * and followed by {@link #endReservation}.
   *
   * @param keyLength length of the key in bytes
   * @param valueLength length of the value in bytes
   */
  public void reserve(int keyLength, int valueLength) {
    entries.payload().reserve(VersionRecord.MAX_OVERHEAD + keyLength + valueLength);
  }

  /** Releases reserved memory that was not used; for the single writer. */
  public void endReservation() {
    entries.payload().endReservation();
  }

  private void noteSequence(long sequence) {
    if (isEmpty()) {
      FIRST_SEQUENCE.setOpaque(this, sequence);
    }
    LAST_SEQUENCE.setOpaque(this, sequence);
  }

  private void check(long sequence, int keyLength, int valueLength) {
    if (keyLength > InternalKey.MAX_KEY_LENGTH || valueLength > InternalKey.MAX_VALUE_LENGTH) {
      throw new IllegalArgumentException(
          "key of " + keyLength + " bytes, value of " + valueLength + " bytes");
    }
    checkOrder(sequence);
    if (maxMemoryUsage - memoryUsage() < INSERT_OVERHEAD + keyLength + valueLength) {
      throw new IllegalStateException("memtable full: " + memoryUsage() + " bytes");
    }
  }

  private void checkOrder(long sequence) {
    if (sequence < lastSequence) {
      throw new IllegalStateException("sequence " + sequence + " after " + lastSequence);
    }
  }

  private static int hash(byte[] key, int offset, int length) {
    long hash = Hash.of(key, offset, length);
    return (int) (hash ^ hash >>> 32);
  }

  /**
   * Finds the newest version of a key at or below a trailer; for any thread.
   *
   * @param key holds the user key
   * @param offset where it starts
   * @param length its length in bytes
   * @param searchTrailer see {@link InternalKey#searchTrailer}
   * @param out takes what was found; unchanged otherwise. Its array is the memtable's: not to be
   *     written to, readable until the release
   * @return false when the key has no such version
   */
  public boolean get(byte[] key, int offset, int length, long searchTrailer, LookupResult out) {
    int entry = index.find(hash(key, offset, length), key, offset, length);
    return entry != 0 && entries.get(entry, searchTrailer, out);
  }

  /**
   * Finds the newest version at or below a trailer of a key of which {@link #get} of this memtable
   * has found a newer one; for any thread.
   *
   * @param searchTrailer below that of the version found
   * @param found what was found; takes what is found now, and is unchanged otherwise
   * @return false when the key has no such version
   */
  public boolean getOlder(long searchTrailer, LookupResult found) {
    return entries.getOlder(searchTrailer, found);
  }

  /**
   * Keys that are not in order yet; for any thread.
   *
   * @return how many a cursor that seeks now would have to put in order; 0 where that is done at
   *     once
   */
  public int unorderedKeys() {
    return order.waiting();
  }

  /** Whether {@link #sortKeys} has something to do; for any thread. */
  public boolean hasKeysToSort() {
    return order.hasWork();
  }

  /**
   * Sorts keys ahead of cursors, {@link #SORTED_TOGETHER} of them if as many wait, or else merges
   * some that are sorted; by one thread at a time. Cursors that seek meanwhile wait for sorting.
   */
  public void sortKeys() {
    order.work();
  }

  /**
   * A new cursor over all versions; for any thread, each with its own.
   *
   * <p>Unless order is kept at once, a seek sorts the keys that {@linkplain #unorderedKeys wait}
   * for it, in their number times some 60 ns, and waits for others who are at it.
   *
   * @return a cursor that stands nowhere
   */
  public InternalIterator iterator() {
    return order.isKeptAtOnce()
        ? new ListIterator(entries, order.sources().list())
        : new MemTableIterator(entries, order);
  }

  /**
   * Bytes of memory held, unused parts of arrays included; for any thread.
   *
   * @return what counts against write buffer limits
   */
  public long memoryUsage() {
    return entries.bytes() + order.bytes() + index.bytes() + rangeMemoryUsage();
  }

  /**
   * The part of {@link #memoryUsage} that range tombstones take; for any thread.
   *
   * @return bytes
   */
  public long rangeMemoryUsage() {
    return (long) RANGE_MEMORY.getOpaque(this);
  }

  /**
   * The range tombstones; for any thread.
   *
   * @return null as long as none was added
   */
  public LiveRangeTombstones rangeTombstones() {
    return rangeTombstones;
  }

  /** Different user keys added, without those of range tombstones; for any thread. */
  public long keyCount() {
    return order.count();
  }

  /** Whether nothing was added yet, no range tombstone either; for any thread. */
  public boolean isEmpty() {
    return firstSequence() == 0;
  }

  /**
   * Sequence of the first version or range tombstone added; for any thread.
   *
   * @return 0 when empty
   */
  public long firstSequence() {
    return (long) FIRST_SEQUENCE.getOpaque(this);
  }

  /**
   * Sequence of the last version or range tombstone added; for any thread.
   *
   * @return 0 when empty
   */
  public long lastSequence() {
    return (long) LAST_SEQUENCE.getOpaque(this);
  }

  /**
   * Gives the arrays back to the pool, where other memtables overwrite them. The caller guarantees
   * that no reader, cursor or lookup result of this memtable is used any more. To be called once.
   */
  public void release() {
    index.release();
    order.release();
    entries.release();
  }

  private static VarHandle field(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(MemTable.class, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
