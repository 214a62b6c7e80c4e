package io.lsmdb;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The reads of an ordered set of keys: as of now ({@link Keyspace}) or as of a moment ({@link
 * Snapshot}).
 *
 * <p>Thread-safe, and readers never wait for writers. Keys order as unsigned bytes. The empty key
 * is a key like any other; one longer than 65,536 bytes is absent. All methods throw {@link
 * NullPointerException} for a null argument, naming it, {@link DbClosedException} after close (or
 * once the family is dropped), and {@link CorruptionException} or {@link StorageException} when a
 * file cannot be read. Arrays passed in are not kept; arrays returned belong to the caller.
 */
public interface ReadView {
  /**
   * Reads a value.
   *
   * @param key the key
   * @return a copy of the value, or null when the key is absent
   */
  byte @Nullable [] get(byte[] key);

  /**
   * Decodes a value in place.
   *
   * @param key the key
   * @param reader called with the value unless the key is absent
   * @param <T> what the value is decoded to
   * @return what the reader returned, or null when the key is absent
   */
  <T extends @Nullable Object> @Nullable T get(byte[] key, ValueReader<T> reader);

  /**
   * Copies a value into the caller's array.
   *
   * @param key the key
   * @param into receives as much of the value as fits, from index 0
   * @return the length of the whole value, which may exceed {@code into.length}; -1 when absent
   */
  int get(byte[] key, byte[] into);

  /**
   * Copies a value into the caller's buffer.
   *
   * @param key the key: the bytes from position to limit, which do not move
   * @param into receives as much of the value as fits, at its position, which moves accordingly
   * @return the length of the whole value, which may exceed what fitted; -1 when absent
   */
  int get(ByteBuffer key, ByteBuffer into);

  /**
   * Whether a key is present. Copies no value, and folds no merge operands unless {@link
   * MergeOperator#hasExpiringParts parts of values expire}.
   *
   * @param key the key
   * @return false when the key is absent
   */
  boolean containsKey(byte[] key);

  /**
   * Whether a key may be present, as far as memory and filters tell. Reads no data block, only
   * parts of filters that are not in the cache. Each table whose key range holds the key is asked
   * until one says yes, so an absent key costs a probe for each level and each table of level 0. A
   * family without filters says yes for each key within the range of a table, and a deleted key is
   * only known to be absent while the deletion is in memory.
   *
   * @param key the key
   * @return false only if the key is absent; true says nothing for certain
   */
  boolean mayContain(byte[] key);

  /**
   * Reads several values as of one moment.
   *
   * @param keys the keys, in any order, repeats allowed
   * @return as many elements as keys, in their order; null for an absent key
   */
  List<byte @Nullable []> multiGet(List<byte[]> keys);

  /**
   * Opens an iterator over all entries.
   *
   * @return not positioned yet; to be closed by the caller
   */
  default DbIterator iterate() {
    return iterate(ReadOptions.DEFAULT);
  }

  /**
   * Opens an iterator. It shows the state as of this call, whatever is written, flushed or
   * compacted meanwhile.
   *
   * <p>Opening one takes well under a microsecond. The first seek in a family without an iterator
   * for long has to put the keys of its memtables in order, which puts have left undone. With the
   * default {@link ColumnFamilyOptions#writeBufferSize} that may take a tenth of a second
   * (docs/performance.md). Writes do not wait for it.
   *
   * @param options bounds or prefix
   * @return not positioned yet; to be closed by the caller
   */
  DbIterator iterate(ReadOptions options);

  /**
   * The entries as a stream: those that an iterator opened now would show, copied.
   *
   * @param options bounds or prefix
   * @return ordered by key, sequential; to be closed by the caller, best by try-with-resources
   */
  default Stream<Entry> stream(ReadOptions options) {
    DbIterator iterator = iterate(options);
    return StreamSupport.stream(new EntrySpliterator(iterator), false).onClose(iterator::close);
  }
}
