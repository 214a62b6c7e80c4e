package io.lsmdb.bench.basics;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What the comparison needs of a store, without cost of its own.
 *
 * <p>Not thread-safe. All engines are set up alike: memtables of 64 MiB, three of them; LZ4 on all
 * levels; Bloom filters of 10 bits; two background jobs; a block cache of {@link #CACHE_BYTES} that
 * holds index and filter blocks too; checksums on; writes logged, not forced. Block sizes are each
 * engine's default.
 */
interface Engine extends AutoCloseable {
  long CACHE_BYTES = 512L << 20;
  long MEMTABLE_BYTES = 64L << 20;
  int MEMTABLES = 3;
  int BLOOM_BITS = 10;
  int BACKGROUND_JOBS = 2;

  void put(byte[] key, byte[] value) throws Exception;

  /** The length of the value, copied into the array; -1 when absent. */
  int get(byte[] key, byte[] into) throws Exception;

  /** Flushes, then compacts everything to the last level; returns when done. */
  void compact() throws Exception;

  /** Creates a family that stays empty. */
  void createFamily(String name) throws Exception;

  @Override
  void close() throws IOException;

  /** Opens a store. */
  @FunctionalInterface
  interface Opener {
    Engine open(Path directory) throws Exception;
  }
}
