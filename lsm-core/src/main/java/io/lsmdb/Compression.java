package io.lsmdb;

/** How the blocks of an SSTable are stored. */
public enum Compression {
  /** As they are: the least CPU time. */
  NONE,
  /** LZ4 blocks; those that would hardly shrink are stored as they are. */
  LZ4
}
