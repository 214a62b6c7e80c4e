package io.lsmdb;

import io.lsmdb.internal.engine.DbImpl;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A durable, ordered key-value store inside the process, kept in one directory.
 *
 * <p>Thread-safe. Opened once per directory at a time, closed by whoever opened it. Beyond what
 * {@link ReadView} says, writes throw {@link IllegalArgumentException} for a value longer than 256
 * MiB or a batch above 1 GiB, {@link StallTimeoutException} as their options ask, {@link
 * BackgroundErrorException} once an earlier failure has stopped writes, and {@link
 * StorageException} when the disk is full (nothing is written then, and writes resume by themselves
 * once there is space).
 *
 * <p>A thread that is interrupted during any call finishes the call, keeps its interrupt status,
 * and leaves the store fully usable.
 */
public interface Db extends ReadView, AutoCloseable {
  /**
   * Opens a store with default options, creating it if the directory is missing or empty.
   *
   * @param directory where the store lives
   * @return to be closed by the caller
   * @throws DbLockedException if it is open already, here or in another process
   * @throws CorruptionException if a file is damaged, missing or of an unknown format
   * @throws StorageException if the directory cannot be used
   * @throws IllegalArgumentException if the path is not of the default file system
   */
  static Db open(Path directory) {
    return open(directory, DbOptions.builder().build());
  }

  /**
   * Opens a store. Recovers first what was written before, if it was not closed.
   *
   * @param directory where the store lives
   * @param options settings
   * @return to be closed by the caller
   * @throws DbLockedException if it is open already, here or in another process
   * @throws CorruptionException if a file is damaged, missing or of an unknown format
   * @throws InvalidOptionsException if the options do not fit the store
   * @throws StorageException if the directory cannot be used
   * @throws IllegalArgumentException if the path is not of the default file system
   */
  static Db open(Path directory, DbOptions options) {
    return DbImpl.open(directory, options);
  }

  /**
   * Makes a block cache to be shared by several stores through {@link
   * DbOptions.Builder#blockCache(BlockCache)}.
   *
   * @param bytes the cap, at least 0
   * @return needs no closing
   */
  static BlockCache newBlockCache(long bytes) {
    return DbImpl.newBlockCache(bytes);
  }

  /**
   * Stores a value in the default family, replacing an older one.
   *
   * @param key the key
   * @param value the value
   */
  default void put(byte[] key, byte[] value) {
    put(defaultColumnFamily(), key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value in a family, replacing an older one.
   *
   * @param family the family
   * @param key the key
   * @param value the value
   */
  default void put(ColumnFamily family, byte[] key, byte[] value) {
    put(family, key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value in the default family.
   *
   * @param key the key
   * @param value the value
   * @param options durability and patience
   */
  default void put(byte[] key, byte[] value, WriteOptions options) {
    put(defaultColumnFamily(), key, value, options);
  }

  /**
   * Stores a value in a family.
   *
   * @param family the family
   * @param key the key
   * @param value the value
   * @param options durability and patience
   */
  void put(ColumnFamily family, byte[] key, byte[] value, WriteOptions options);

  /**
   * Stores a value in the default family from the caller's buffers.
   *
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   */
  default void put(ByteBuffer key, ByteBuffer value) {
    put(defaultColumnFamily(), key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value in a family from the caller's buffers.
   *
   * @param family the family
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   * @param options durability and patience
   */
  void put(ColumnFamily family, ByteBuffer key, ByteBuffer value, WriteOptions options);

  /**
   * Removes a key from the default family; an absent key is fine.
   *
   * @param key the key
   */
  default void delete(byte[] key) {
    delete(defaultColumnFamily(), key, WriteOptions.BUFFERED);
  }

  /**
   * Removes a key from the default family; an absent key is fine.
   *
   * @param key the key
   * @param options durability and patience
   */
  default void delete(byte[] key, WriteOptions options) {
    delete(defaultColumnFamily(), key, options);
  }

  /**
   * Removes a key from a family; an absent key is fine.
   *
   * @param family the family
   * @param key the key
   */
  default void delete(ColumnFamily family, byte[] key) {
    delete(family, key, WriteOptions.BUFFERED);
  }

  /**
   * Removes a key from a family; an absent key is fine.
   *
   * @param family the family
   * @param key the key
   * @param options durability and patience
   */
  void delete(ColumnFamily family, byte[] key, WriteOptions options);

  /**
   * Removes a key that was put once from the default family.
   *
   * @param key see {@link #singleDelete(ColumnFamily, byte[], WriteOptions)}
   */
  default void singleDelete(byte[] key) {
    singleDelete(defaultColumnFamily(), key, WriteOptions.BUFFERED);
  }

  /**
   * Removes a key that was put once from a family.
   *
   * @param family the family
   * @param key see {@link #singleDelete(ColumnFamily, byte[], WriteOptions)}
   */
  default void singleDelete(ColumnFamily family, byte[] key) {
    singleDelete(family, key, WriteOptions.BUFFERED);
  }

  /**
   * Removes all keys of a range of the default column family; see {@link #deleteRange(ColumnFamily,
   * byte[], byte[], WriteOptions)}.
   *
   * @param from the first key
   * @param to end of the range, exclusive; null for no end
   */
  default void deleteRange(byte[] from, byte @Nullable [] to) {
    deleteRange(defaultColumnFamily(), from, to, WriteOptions.BUFFERED);
  }

  /**
   * Removes all keys of a range; see {@link #deleteRange(ColumnFamily, byte[], byte[],
   * WriteOptions)}.
   *
   * @param family the family
   * @param from the first key
   * @param to end of the range, exclusive; null for no end
   */
  default void deleteRange(ColumnFamily family, byte[] from, byte @Nullable [] to) {
    deleteRange(family, from, to, WriteOptions.BUFFERED);
  }

  /**
   * Removes all keys of a range, however many there are, by one small write. Reads and snapshots
   * that began before still see them. The space comes back at once where whole tables lie in the
   * range, and with the compaction of the others.
   *
   * @param family the family
   * @param from the first key, which may be empty; copied
   * @param to end of the range, exclusive; null for no end; copied. If it equals {@code from},
   *     nothing happens
   * @param options how durable it is on return
   * @throws IllegalArgumentException if {@code from} is above {@code to}, or a bound is too long
   *     for a key
   * @throws StallTimeoutException if the write had to wait longer than the options allow
   */
  void deleteRange(ColumnFamily family, byte[] from, byte @Nullable [] to, WriteOptions options);

  /**
   * Removes a key that was put once. Reads see at once what they see after a {@link #delete}; but
   * the tombstone goes as soon as a flush or a compaction meets it together with the put, and need
   * not travel down to the last level.
   *
   * <p>Only for keys that are put, once, then removed by this, then put again, and so on; a second
   * removal in a row does no harm. For a key that is also overwritten, merged, or removed by {@link
   * #delete} or {@link #compute}, a value that was overwritten or deleted may come back later. The
   * store does not notice.
   *
   * @param family the family
   * @param key the key; an absent one is fine
   * @param options durability and patience
   */
  void singleDelete(ColumnFamily family, byte[] key, WriteOptions options);

  /**
   * Changes the value of a key of the default family, depending on what it is.
   *
   * @param key the key
   * @param change see {@link #compute(ColumnFamily, byte[], UnaryOperator, WriteOptions)}
   * @return the new value, null if the key is absent now
   */
  default byte @Nullable [] compute(byte[] key, UnaryOperator<byte @Nullable []> change) {
    return compute(defaultColumnFamily(), key, change, WriteOptions.BUFFERED);
  }

  /**
   * Changes the value of a key, depending on what it is: reads and writes as one step, which no
   * other write comes between.
   *
   * <p>The function runs while all other writers wait, in this thread or in that of another writer.
   * It should be short, and must not write to the store. If it throws, nothing is written.
   *
   * <p>The new value expires as any other that is written with these options, whatever the expiry
   * of the old one: without a time to live of the options or the family, never.
   *
   * @param family the family
   * @param key the key
   * @param change is given the value, or null if the key is absent; returns the new value, or null
   *     to delete the key. It may change and return the array that it is given; if it returns that
   *     as it was, nothing is written
   * @param options durability and patience
   * @return what the function returned
   */
  byte @Nullable [] compute(
      ColumnFamily family,
      byte[] key,
      UnaryOperator<byte @Nullable []> change,
      WriteOptions options);

  /**
   * Gives the value of a key of the default family a new time to live.
   *
   * @param key the key
   * @param options see {@link #touch(ColumnFamily, byte[], WriteOptions)}
   * @return the value, null if the key is absent
   */
  default byte @Nullable [] touch(byte[] key, WriteOptions options) {
    return touch(defaultColumnFamily(), key, options);
  }

  /**
   * Gives the value of a key a new time to live, with the durability {@link Durability#BUFFERED}.
   *
   * @param family a family with a time to live
   * @param key the key
   * @return the value, null if the key is absent
   * @throws IllegalArgumentException if the family has no time to live
   */
  default byte @Nullable [] touch(ColumnFamily family, byte[] key) {
    return touch(family, key, WriteOptions.BUFFERED);
  }

  /**
   * Reads a value and gives it a new time to live, as one step, which no other write comes between.
   * It expires when a put with these options would: after the time of the options, else that of the
   * family, counted from now. That may be earlier than before. An absent or expired key stays
   * absent, and nothing is written.
   *
   * <p>Operands that were merged onto the value become part of it, and expire with it. For {@link
   * #singleDelete} it counts as another put.
   *
   * @param family the family
   * @param key the key
   * @param options durability, patience and time to live; one that is never makes the value stay
   * @return the value, null if the key is absent
   * @throws IllegalArgumentException if neither the options nor the family have a time to live
   */
  byte @Nullable [] touch(ColumnFamily family, byte[] key, WriteOptions options);

  /**
   * Stores a value in the default family, unless the key is present.
   *
   * @param key the key
   * @param value the value
   * @return null if the value was stored, else the value that is there
   */
  default byte @Nullable [] putIfAbsent(byte[] key, byte[] value) {
    return putIfAbsent(defaultColumnFamily(), key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value, unless the key is present.
   *
   * @param family the family
   * @param key the key
   * @param value the value
   * @param options durability and patience
   * @return null if the value was stored, else the value that is there
   */
  byte @Nullable [] putIfAbsent(
      ColumnFamily family, byte[] key, byte[] value, WriteOptions options);

  /**
   * Records an operand for a key of the default family, which its merge operator folds into the
   * key's value. Reads nothing.
   *
   * @param key the key; may be absent so far
   * @param operand what the operator is given; at most ten bytes shorter than a value may be
   * @throws IllegalArgumentException if the family has no merge operator
   */
  default void merge(byte[] key, byte[] operand) {
    merge(defaultColumnFamily(), key, operand, WriteOptions.BUFFERED);
  }

  /**
   * Records an operand for a key of the default family.
   *
   * @param key the key; may be absent so far
   * @param operand what the operator is given
   * @param options durability and patience
   * @throws IllegalArgumentException if the family has no merge operator
   */
  default void merge(byte[] key, byte[] operand, WriteOptions options) {
    merge(defaultColumnFamily(), key, operand, options);
  }

  /**
   * Records an operand for a key.
   *
   * @param family the family
   * @param key the key; may be absent so far
   * @param operand what the operator is given
   * @throws IllegalArgumentException if the family has no merge operator
   */
  default void merge(ColumnFamily family, byte[] key, byte[] operand) {
    merge(family, key, operand, WriteOptions.BUFFERED);
  }

  /**
   * Records an operand for a key.
   *
   * @param family the family
   * @param key the key; may be absent so far
   * @param operand what the operator is given
   * @param options durability and patience
   * @throws IllegalArgumentException if the family has no merge operator
   */
  void merge(ColumnFamily family, byte[] key, byte[] operand, WriteOptions options);

  /**
   * Applies a batch atomically, over all its families. An empty batch is fine.
   *
   * @param batch not changed; may be written again
   */
  default void write(WriteBatch batch) {
    write(batch, WriteOptions.BUFFERED);
  }

  /**
   * Applies a batch atomically, over all its families. An empty batch is fine.
   *
   * @param batch not changed; may be written again
   * @param options durability and patience
   */
  void write(WriteBatch batch, WriteOptions options);

  /**
   * Applies an indexed batch atomically, over all its families. An empty batch is fine.
   *
   * @param batch not changed; may be written again
   */
  default void write(IndexedWriteBatch batch) {
    write(batch, WriteOptions.BUFFERED);
  }

  /**
   * Applies an indexed batch atomically, over all its families. An empty batch is fine.
   *
   * @param batch not changed; may be written again
   * @param options durability and patience
   */
  default void write(IndexedWriteBatch batch, WriteOptions options) {
    write(Objects.requireNonNull(batch, "batch").changes(), options);
  }

  /**
   * Takes a snapshot of all families.
   *
   * @return to be closed by the caller
   */
  Snapshot snapshot();

  /** Writes what all families hold in memory to SSTables. Returns once they are durable. */
  void flush();

  /**
   * Writes what some families hold in memory to SSTables. Returns once they are durable.
   *
   * @param families the families, none repeated
   */
  void flush(List<ColumnFamily> families);

  /** Compacts the whole default family: see {@link #compact(ColumnFamily, byte[], byte[])}. */
  default void compact() {
    compact(defaultColumnFamily(), null, null);
  }

  /**
   * Compacts a key range of a family down to its last level, after a flush. Waits for the end. A
   * family in {@link CompactionStyle#fifo()} only drops what is beyond its limits, and merges small
   * tables.
   *
   * <p>What is in the last level already is rewritten only where something of it goes: tombstones,
   * expired entries, deleted ranges. In a family with a {@link CompactionFilter} all SSTables there
   * that share keys with the range are rewritten, once a call, so that the filter is asked about
   * every value that no live snapshot sees.
   *
   * @param family the family
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   */
  void compact(ColumnFamily family, byte @Nullable [] from, byte @Nullable [] to);

  /**
   * Starts what {@link #compact(ColumnFamily, byte[], byte[])} does. Cancelling the future stops
   * the compaction soon; what it has not finished is discarded and nothing is lost.
   *
   * @param family the family
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return completes with null, or with the failure
   */
  CompletableFuture<@Nullable Void> compactAsync(
      ColumnFamily family, byte @Nullable [] from, byte @Nullable [] to);

  /**
   * Drops SSTables that lie in a key range as a whole, without reading them: a quick way to give
   * space back, before or in place of deleting keys one by one. Durable on return.
   *
   * <p>What is dropped are entries of the range, for all readers that are not open yet; which ones
   * depends on how they lie in SSTables, so most or none may remain. No older version of a key
   * shows up again. An SSTable stays if
   *
   * <ul>
   *   <li>it is in level 0, or a key of it lies outside of the range;
   *   <li>a compaction is working on it;
   *   <li>a live snapshot may see an entry of it;
   *   <li>an SSTable of a deeper level that stays overlaps its keys.
   * </ul>
   *
   * <p>In a family with a {@link MergeOperator} part of a value may go: the operands in SSTables
   * that are dropped, while others stay and are folded without them. Use {@link #deleteRange}
   * there, and wherever a key must be either whole or gone; it, too, drops whole SSTables unread.
   *
   * <p>Memtables are not touched. Open iterators go on as they are. A snapshot that is taken while
   * the call runs may lose entries of the range.
   *
   * @param family the family
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return how many SSTables were dropped
   * @throws IllegalStateException if the family {@linkplain
   *     ColumnFamilyOptions.Builder#countEntries counts its entries}
   * @throws DbException if the change cannot be recorded; nothing is dropped then
   */
  int deleteFilesInRange(ColumnFamily family, byte @Nullable [] from, byte @Nullable [] to);

  /**
   * Looks up a family.
   *
   * @param name its name
   * @return empty when there is none of that name
   */
  Optional<ColumnFamily> columnFamily(String name);

  /**
   * Creates a family with the options that the store was opened with for its name, or else the
   * store's default ones; durable on return.
   *
   * @param name 1 to 1,024 bytes in UTF-8, any characters; unique in the store
   * @return the new family
   * @throws IllegalArgumentException if the name is not legal or taken
   */
  ColumnFamily createColumnFamily(String name);

  /**
   * Creates a family; durable on return.
   *
   * @param name 1 to 1,024 bytes in UTF-8, any characters; unique in the store
   * @param options its settings, which hold until the store is closed; the family remembers some of
   *     them for later openings, see {@link DbOptions.Builder#familyOptions}
   * @return the new family
   * @throws IllegalArgumentException if the name is not legal or taken
   */
  ColumnFamily createColumnFamily(String name, ColumnFamilyOptions options);

  /**
   * Looks a family up, or creates it as {@link #createColumnFamily(String)} does; durable on
   * return. A family that is there stays as it is.
   *
   * @param name 1 to 1,024 bytes in UTF-8, any characters
   * @return the family
   * @throws IllegalArgumentException if the name is not legal
   */
  ColumnFamily getOrCreateColumnFamily(String name);

  /**
   * Looks a family up and gives it options, or creates it with them; durable on return. The way to
   * have a family with certain options, whether or not an earlier run has created it.
   *
   * <p>For a family that is there the options hold from now on, for all who use it; settings that
   * it remembers ({@link DbOptions.Builder#familyOptions}) stay as they are where the options were
   * built without them. Either all options take effect or none: a merge operator and {@link
   * ColumnFamilyOptions.Builder#countEntries} cannot change while the store is open.
   *
   * @param name 1 to 1,024 bytes in UTF-8, any characters
   * @param options its settings
   * @return the family
   * @throws IllegalArgumentException if the name is not legal
   * @throws InvalidOptionsException if the family is there and cannot have the options; names each
   *     setting that stands against it
   */
  ColumnFamily getOrCreateColumnFamily(String name, ColumnFamilyOptions options);

  /**
   * Drops a family with all its entries; durable on return. Open iterators and snapshots may go on
   * reading it through iterators opened before.
   *
   * @param family not the default family
   * @throws IllegalArgumentException for the default family
   */
  void dropColumnFamily(ColumnFamily family);

  /**
   * The living families.
   *
   * @return a copy, ordered by id, the default family first
   */
  List<ColumnFamily> columnFamilies();

  /**
   * About how many bytes of SSTables a key range takes, compressed as they are, versions that are
   * no longer visible included. What is only in memory does not count.
   *
   * @param family the family
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return exact to a block at either end of each table
   */
  long approximateSize(ColumnFamily family, byte @Nullable [] from, byte @Nullable [] to);

  /**
   * How many keys of a family have a value, as a reader of now would find; exact. Only for families
   * with {@link ColumnFamilyOptions.Builder#countEntries}. Takes no lock and reads no data.
   *
   * @param family the family
   * @return 0 or more
   * @throws IllegalStateException if the family does not count its entries
   */
  long entryCount(ColumnFamily family);

  /**
   * Figures about the store as of now.
   *
   * @return immutable
   */
  DbStats stats();

  /**
   * Waits for running calls and background work, then closes all files. Writes made with the log
   * survive; writes made without are flushed first, unless an earlier failure prevents it. A log of
   * more than 16 MiB is flushed as well, so that the next opening has little to replay; if that
   * fails, for want of space for example, the log is kept, and closing goes on. Closing twice is
   * fine.
   */
  @Override
  void close();
}
