package io.lsmdb;

/**
 * Is told what happens in the background.
 *
 * <p>Called by the thread that did the work, which waits: return soon. Calls may come from several
 * threads at once. An exception thrown here is logged, and has no other effect. May read and write
 * the store (its writes never wait for background work, which waits for it); flush, compact,
 * creating or dropping a family, deleteFilesInRange and close throw {@link IllegalStateException}
 * when called from here, as they do in merge operators, compaction filters and functions of
 * compute.
 */
public interface EventListener {
  /** Ignores everything. */
  EventListener NONE = new EventListener() {};

  /** Why writes wait. */
  enum StallCause {
    /** All memtables are full, and their flush is not done. */
    MEMTABLES,
    /** Too many files in level 0. */
    LEVEL0_FILES,
    /** Too much outstanding compaction. */
    PENDING_COMPACTION,
    /** The memtables of all families take too much memory together, and their flush is not done. */
    WRITE_BUFFERS,
    /** The log is far beyond its limit, since flushes do not follow; writes only slow down. */
    LOG_SIZE
  }

  /** Work in the background that calls merge operators and compaction filters. */
  enum Work {
    /** Memtables become an SSTable. */
    FLUSH,
    /** SSTables are merged. */
    COMPACTION
  }

  /**
   * A memtable has become an SSTable of level 0.
   *
   * @param family name of the family
   * @param entries how many entries were written
   * @param bytes size of the SSTable
   */
  default void onFlush(String family, long entries, long bytes) {}

  /**
   * SSTables have been merged, or moved, from a level to another one, or dropped unread.
   *
   * @param family name of the family
   * @param fromLevel the upper level
   * @param toLevel the level of the results
   * @param bytesRead size of the inputs that were read
   * @param bytesWritten size of the results; 0 for files that were moved or dropped
   */
  default void onCompaction(
      String family, int fromLevel, int toLevel, long bytesRead, long bytesWritten) {}

  /**
   * A merge operator or a compaction filter has failed on some keys. Their entries stay as they
   * were, and everything else goes on; the next compaction of these keys tries again. Called once
   * for a flush or compaction, after it has taken effect. A line in the log tells the same, without
   * keys and messages of exceptions.
   *
   * @param family name of the family
   * @param work what the failing code was called by
   * @param failures how often it failed
   * @param first the first failure, which names the key: a {@link MergeException}, also where there
   *     was too much of a key to be folded, or one whose cause is what the filter threw
   */
  default void onEntriesKept(String family, Work work, long failures, DbException first) {}

  /**
   * A write waited for flushes or compactions.
   *
   * @param cause what it waited for
   * @param family name of the family that lags behind, or that was written to where the whole store
   *     does
   * @param nanos how long it waited
   */
  default void onStall(StallCause cause, String family, long nanos) {}

  /**
   * A failure has stopped all writes until the store is opened again.
   *
   * @param failure what failed and what to do
   */
  default void onBackgroundError(DbException failure) {}

  /**
   * A setting that a column family remembers differs from the one that its options give, when the
   * store is opened or by {@link Db#getOrCreateColumnFamily(String, ColumnFamilyOptions)}. See
   * {@link DbOptions.Builder#familyOptions}.
   *
   * @param family name of the family
   * @param setting name of the setting, as "timeToLive"
   * @param remembered what the family had, as text
   * @param given what the options have, as text
   * @param isApplied true if what is given takes effect; false if what is remembered stays
   */
  default void onSettingDiffers(
      String family, String setting, String remembered, String given, boolean isApplied) {}

  /**
   * The store is opened with {@link DbOptions#familyOptions} for a column family that it does not
   * have so far: one that is created later, or a name that is written wrongly.
   *
   * @param name the name
   */
  default void onUnknownFamily(String name) {}

  /**
   * Opening the store has found the end of the log torn, and has cut it: writes that were not
   * forced were lost in a crash.
   *
   * @param file the log segment
   * @param offset where it was cut
   * @param bytes how much was cut off
   */
  default void onLogTruncated(String file, long offset, long bytes) {}
}
