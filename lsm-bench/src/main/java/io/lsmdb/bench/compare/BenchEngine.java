package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the comparison needs of an open store, without cost of its own.
 *
 * <p>All but {@link #close()} may be called by several threads at once; cursors and snapshots are
 * used by one thread at a time, and closed before their store. Whoever opened it closes it.
 */
interface BenchEngine extends AutoCloseable {
  /**
   * What all engines are given alike.
   *
   * @param cacheBytes memory for cached blocks or pages
   * @param writeBufferBytes a memtable's size, where an engine has one
   * @param durability of writes that are not {@link #putSync}
   * @param spaceBytes room that the data may need, for engines that reserve it
   * @param merging what {@link #count} and {@link #append} are to be used for
   * @param events is told of flushes, compactions and stalls, by engines that can tell
   */
  record Settings(
      long cacheBytes,
      long writeBufferBytes,
      Durability durability,
      long spaceBytes,
      Merging merging,
      BackgroundEvents events) {
    /** Memtables, where an engine lets one choose. */
    static final int MEMTABLES = 3;

    /** Bits a key in Bloom filters. */
    static final int BLOOM_BITS = 10;

    /** Threads for flushes and compactions together. */
    static final int BACKGROUND_JOBS = 2;
  }

  /** Opens a store in an existing directory, which is empty or holds a store of this kind. */
  @FunctionalInterface
  interface Opener {
    BenchEngine open(Path directory, Settings settings) throws Exception;
  }

  void put(byte[] key, byte[] value) throws Exception;

  /** A put that is durable on return. */
  void putSync(byte[] key, byte[] value) throws Exception;

  /** Puts all pairs, atomically. */
  void putBatch(byte[][] keys, byte[][] values) throws Exception;

  void delete(byte[] key) throws Exception;

  /** The length of the value, copied into the array as far as it fits; -1 when absent. */
  int get(byte[] key, byte[] into) throws Exception;

  /** Adds one to a counter: by a merge, where the engine has that. */
  default void count(byte[] key) throws Exception {
    Merging.countByPut(this, key);
  }

  /** What {@link #count} has made of a counter; 0 when there is none. */
  default long counter(byte[] key) throws Exception {
    return Merging.countedByPut(this, key);
  }

  /** Appends an element of {@link Merging#ELEMENT_BYTES} to a list: by a merge, if possible. */
  default void append(byte[] key, byte[] element) throws Exception {
    Merging.appendByPut(this, key, element);
  }

  /** How many elements a list has, which is copied into the array as far as it fits. */
  default int elements(byte[] key, byte[] into) throws Exception {
    return Math.max(0, get(key, into)) / Merging.ELEMENT_BYTES;
  }

  /** A cursor over the store as it is now, not on an entry yet. */
  Cursor cursor() throws Exception;

  /** The store as it is now. */
  Snapshot snapshot() throws Exception;

  /** Leaves nothing in memory that is not in files too, except for a log. */
  void flush() throws Exception;

  /** Whether flushes or compactions run or wait, as far as the engine tells. */
  default boolean isBusy() throws Exception {
    return false;
  }

  /** Brings the files into the form that reads like best; returns when done. */
  void compact() throws Exception;

  /** Bytes written to files since it was opened, by the engine's own count; -1 if untold. */
  default long bytesWritten() throws Exception {
    return -1;
  }

  /** Bytes that the files take; -1 for the sum of their lengths. */
  default long bytesOnDisk() throws Exception {
    return -1;
  }

  /** Settings and facts that a reader of the results must know. */
  Map<String, String> facts();

  @Override
  void close() throws IOException;

  /** A position in the order of unsigned keys. */
  interface Cursor extends Closeable {
    /** Moves to the first entry at or after a key. */
    boolean seek(byte[] key) throws Exception;

    boolean seekToFirst() throws Exception;

    boolean seekToLast() throws Exception;

    /** Moves on; whether there is an entry. */
    boolean next() throws Exception;

    boolean prev() throws Exception;

    /** Length of the key, copied into the array as far as it fits. */
    int key(byte[] into);

    /** Length of the value, copied into the array as far as it fits. */
    int value(byte[] into);
  }

  /** A state of the store that stays. */
  interface Snapshot extends AutoCloseable {
    /** As {@link BenchEngine#get}. */
    int get(byte[] key, byte[] into) throws Exception;

    @Override
    void close() throws IOException;
  }
}
