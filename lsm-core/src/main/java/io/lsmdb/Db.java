package io.lsmdb;

import io.lsmdb.internal.engine.DbImpl;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A durable, ordered key-value store inside the process, kept in one directory.
 *
 * <p>As a {@link Keyspace} it is its default family. The methods declared here concern the store as
 * a whole, with all its {@linkplain ColumnFamily column families}.
 *
 * <p>Thread-safe. Opened once per directory at a time, closed by whoever opened it. Writes fail as
 * those of a {@link Keyspace} do; a batch above 1 GiB is refused with {@link
 * IllegalArgumentException}.
 */
public interface Db extends Keyspace, AutoCloseable {
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
   * @throws IllegalArgumentException if the batch has families of another store
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

  /**
   * The family that this store is itself as a {@link Keyspace}. A batch needs it to name the store.
   *
   * @return the family named "default", with id 0
   */
  ColumnFamily defaultColumnFamily();

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
