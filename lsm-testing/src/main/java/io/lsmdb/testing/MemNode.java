package io.lsmdb.testing;

import java.util.TreeMap;

/** What a directory entry of a {@link MemFileSystem} names. Guarded by that file system. */
abstract class MemNode {

  /** A directory: its entries now, and those that a loss of power leaves. */
  static final class Directory extends MemNode {
    final TreeMap<String, MemNode> current = new TreeMap<>();
    final TreeMap<String, MemNode> durable = new TreeMap<>();
  }
}
