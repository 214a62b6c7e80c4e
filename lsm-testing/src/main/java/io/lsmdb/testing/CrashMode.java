package io.lsmdb.testing;

/** What a machine finds on its disk after it has stopped, as far as nothing was forced. */
public enum CrashMode {
  /** Loss of power: only what was forced is there, of files as well as of directories. */
  DROP_ALL,

  /**
   * Death of the process: everything is there. What was not forced can still be lost later, by a
   * second crash of the new image.
   */
  KEEP_ALL,

  /**
   * Loss of power: each unforced unit of 512 bytes is there in its newest, its forced or an
   * in-between state; a grown file has its forced, its newest or an in-between length; each
   * unforced change of a directory is there or not, whatever the order.
   */
  RANDOM_SUBSET,

  /** Everything is there but the tail of the very last write, cut at any byte. */
  TORN_LAST,

  /**
   * Loss of power: each unforced unit is there, or zeros, or random bytes; lengths and directories
   * as with {@link #RANDOM_SUBSET}.
   */
  GARBAGE
}
