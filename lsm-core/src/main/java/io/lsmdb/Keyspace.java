package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An ordered set of keys with values, which can be read as of now and written.
 *
 * <p>A {@link ColumnFamily} is one. A {@link Db} is one too: it stands for its default family.
 *
 * <p>Thread-safe, and needs no closing of its own. Beyond what {@link ReadView} says, writes throw
 * {@link IllegalArgumentException} for a key longer than 65,536 bytes or a value longer than 256
 * MiB, {@link StallTimeoutException} as their options ask, {@link BackgroundErrorException} once an
 * earlier failure has stopped writes, and {@link StorageException} when the disk is full. Nothing
 * is written then, and writes resume by themselves once there is space.
 *
 * <p>Ranges go from a first key, inclusive, to an end, exclusive. A range whose end equals its
 * first key is empty, and nothing happens. One that ends below its first key is refused with {@link
 * IllegalArgumentException}.
 *
 * <p>Calls without {@link WriteOptions} write with {@link WriteOptions#BUFFERED}. A thread that is
 * interrupted during a call finishes the call, keeps its interrupt status, and leaves the store
 * fully usable.
 */
public interface Keyspace extends ReadView {
  /**
   * Stores a value, replacing an older one.
   *
   * @param key the key
   * @param value the value
   */
  default void put(byte[] key, byte[] value) {
    put(key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value, replacing an older one.
   *
   * @param key the key
   * @param value the value
   * @param options durability and patience
   */
  void put(byte[] key, byte[] value, WriteOptions options);

  /**
   * Stores a value from the caller's buffers.
   *
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   */
  default void put(ByteBuffer key, ByteBuffer value) {
    put(key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value from the caller's buffers.
   *
   * @param key the bytes from position to limit, which do not move
   * @param value the bytes from position to limit, which do not move
   * @param options durability and patience
   */
  void put(ByteBuffer key, ByteBuffer value, WriteOptions options);

  /**
   * Removes a key; an absent key is fine.
   *
   * @param key the key
   */
  default void delete(byte[] key) {
    delete(key, WriteOptions.BUFFERED);
  }

  /**
   * Removes a key; an absent key is fine.
   *
   * @param key the key
   * @param options durability and patience
   */
  void delete(byte[] key, WriteOptions options);

  /**
   * Removes a key that was put once; see {@link #singleDelete(byte[], WriteOptions)}.
   *
   * @param key the key; an absent one is fine
   */
  default void singleDelete(byte[] key) {
    singleDelete(key, WriteOptions.BUFFERED);
  }

  /**
   * Removes a key that was put once. Reads see at once what they see after a {@link #delete}. The
   * tombstone goes as soon as a flush or a compaction meets it together with the put: it need not
   * travel down to the last level.
   *
   * <p>Only for keys that are put, once, then removed by this, then put again, and so on; a second
   * removal in a row does no harm. For a key that is also overwritten, merged, or removed by {@link
   * #delete} or {@link #compute}, a value that was overwritten or deleted may come back later. The
   * store does not notice.
   *
   * @param key the key; an absent one is fine
   * @param options durability and patience
   */
  void singleDelete(byte[] key, WriteOptions options);

  /**
   * Removes all keys of a range; see {@link #deleteRange(byte[], byte[], WriteOptions)}.
   *
   * @param from the first key
   * @param to end of the range, exclusive; null for no end
   */
  default void deleteRange(byte[] from, byte @Nullable [] to) {
    deleteRange(from, to, WriteOptions.BUFFERED);
  }

  /**
   * Removes all keys of a range, however many there are, by one small write. Reads and snapshots
   * that began before still see them. The space comes back at once where whole tables lie in the
   * range, and with the compaction of the others.
   *
   * @param from the first key, which may be empty; copied
   * @param to end of the range, exclusive; null for no end; copied. If it equals {@code from},
   *     nothing happens
   * @param options how durable it is on return
   * @throws IllegalArgumentException if {@code from} is above {@code to}, or a bound is too long
   *     for a key
   * @throws StallTimeoutException if the write had to wait longer than the options allow
   */
  void deleteRange(byte[] from, byte @Nullable [] to, WriteOptions options);

  /**
   * Records an operand, which the merge operator folds into the key's value. Reads nothing.
   *
   * @param key the key; may be absent so far
   * @param operand what the operator is given; at most ten bytes shorter than a value may be
   * @throws IllegalArgumentException if the family has no merge operator
   */
  default void merge(byte[] key, byte[] operand) {
    merge(key, operand, WriteOptions.BUFFERED);
  }

  /**
   * Records an operand, which the merge operator folds into the key's value. Reads nothing.
   *
   * @param key the key; may be absent so far
   * @param operand what the operator is given; at most ten bytes shorter than a value may be
   * @param options durability and patience
   * @throws IllegalArgumentException if the family has no merge operator
   */
  void merge(byte[] key, byte[] operand, WriteOptions options);

  /**
   * Changes the value of a key, depending on what it is; see {@link #compute(byte[], UnaryOperator,
   * WriteOptions)}.
   *
   * @param key the key
   * @param change is given the value, or null; returns the new value, or null
   * @return the new value, null if the key is absent now
   */
  default byte @Nullable [] compute(byte[] key, UnaryOperator<byte @Nullable []> change) {
    return compute(key, change, WriteOptions.BUFFERED);
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
   * @param key the key
   * @param change is given the value, or null if the key is absent; returns the new value, or null
   *     to delete the key. It may change and return the array that it is given; if it returns that
   *     as it was, nothing is written
   * @param options durability and patience
   * @return what the function returned
   */
  byte @Nullable [] compute(
      byte[] key, UnaryOperator<byte @Nullable []> change, WriteOptions options);

  /**
   * Gives the value of a key a new time to live; see {@link #touch(byte[], WriteOptions)}.
   *
   * @param key the key
   * @return the value, null if the key is absent
   * @throws IllegalArgumentException if the family has no time to live
   */
  default byte @Nullable [] touch(byte[] key) {
    return touch(key, WriteOptions.BUFFERED);
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
   * @param key the key
   * @param options durability, patience and time to live; one that is never makes the value stay
   * @return the value, null if the key is absent
   * @throws IllegalArgumentException if neither the options nor the family have a time to live
   */
  byte @Nullable [] touch(byte[] key, WriteOptions options);

  /**
   * Stores a value, unless the key is present.
   *
   * @param key the key
   * @param value the value
   * @return null if the value was stored, else the value that is there
   */
  default byte @Nullable [] putIfAbsent(byte[] key, byte[] value) {
    return putIfAbsent(key, value, WriteOptions.BUFFERED);
  }

  /**
   * Stores a value, unless the key is present.
   *
   * @param key the key
   * @param value the value
   * @param options durability and patience
   * @return null if the value was stored, else the value that is there
   */
  byte @Nullable [] putIfAbsent(byte[] key, byte[] value, WriteOptions options);

  /** Compacts all keys; see {@link #compact(byte[], byte[])}. */
  default void compact() {
    compact(null, null);
  }

  /**
   * Compacts a key range down to its last level, after a flush. Waits for the end. A family in
   * {@link CompactionStyle#fifo()} only drops what is beyond its limits, and merges small tables.
   *
   * <p>What is in the last level already is rewritten only where something of it goes: tombstones,
   * expired entries, deleted ranges. In a family with a {@link CompactionFilter} all SSTables there
   * that share keys with the range are rewritten, once a call, so that the filter is asked about
   * every value that no live snapshot sees.
   *
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   */
  void compact(byte @Nullable [] from, byte @Nullable [] to);

  /**
   * Starts what {@link #compact(byte[], byte[])} does. Cancelling the future stops the compaction
   * soon; what it has not finished is discarded and nothing is lost.
   *
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return completes with null, or with the failure
   */
  CompletableFuture<@Nullable Void> compactAsync(byte @Nullable [] from, byte @Nullable [] to);

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
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return how many SSTables were dropped
   * @throws IllegalStateException if the family {@linkplain
   *     ColumnFamilyOptions.Builder#countEntries counts its entries}
   * @throws DbException if the change cannot be recorded; nothing is dropped then
   */
  int deleteFilesInRange(byte @Nullable [] from, byte @Nullable [] to);

  /**
   * About how many bytes of SSTables a key range takes, compressed as they are, versions that are
   * no longer visible included. What is only in memory does not count.
   *
   * @param from first key, inclusive; null for the first one there is
   * @param to end, exclusive; null for no end
   * @return exact to a block at either end of each table
   */
  long approximateSize(byte @Nullable [] from, byte @Nullable [] to);

  /**
   * How many keys have a value, as a reader of now would find; exact. Only for families with {@link
   * ColumnFamilyOptions.Builder#countEntries}. Takes no lock and reads no data.
   *
   * @return 0 or more
   * @throws IllegalStateException if the family does not count its entries
   */
  long entryCount();
}
