package io.lsmdb.bench.jmh;

import java.nio.file.Path;

/** A store that flushes and compacts when told to, and not before. Confined to one thread. */
interface Compactable extends AutoCloseable {
  /** Puts an entry without a log. */
  void put(byte[] key, byte[] value) throws Exception;

  /** Writes the memtable to a file of level 0; returns when that is done. */
  void flush() throws Exception;

  /** Merges all files into one sorted level; returns when that is done. */
  void compact() throws Exception;

  @Override
  void close();

  /** Opens an empty store in a directory. */
  interface Opener {
    /** Opens it. */
    Compactable open(Path directory) throws Exception;
  }
}
