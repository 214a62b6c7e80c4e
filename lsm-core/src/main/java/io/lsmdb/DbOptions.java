package io.lsmdb;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The settings of a store, as it is opened. Immutable, hence safe to share. */
public final class DbOptions {
  private final Builder s;

  private DbOptions(Builder settings) {
    this.s = settings;
  }

  /**
   * Starts from the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * See {@link Builder#createIfMissing}.
   *
   * @return true by default
   */
  public boolean createIfMissing() {
    return s.createIfMissing;
  }

  /**
   * See {@link Builder#maxBackgroundJobs}.
   *
   * @return a count
   */
  public int maxBackgroundJobs() {
    return s.maxBackgroundJobs;
  }

  /**
   * See {@link Builder#maxOpenFiles}.
   *
   * @return a count
   */
  public int maxOpenFiles() {
    return s.maxOpenFiles;
  }

  /**
   * See {@link Builder#blockCacheSize}.
   *
   * @return bytes
   */
  public long blockCacheSize() {
    return s.blockCacheSize;
  }

  /**
   * See {@link Builder#blockCache}.
   *
   * @return null when the store makes its own
   */
  public @Nullable BlockCache blockCache() {
    return s.blockCache;
  }

  /**
   * See {@link Builder#dbWriteBufferSize}.
   *
   * @return bytes
   */
  public long dbWriteBufferSize() {
    return s.dbWriteBufferSize;
  }

  /**
   * See {@link Builder#maxLogSize}.
   *
   * @return bytes
   */
  public long maxLogSize() {
    return s.maxLogSize;
  }

  /**
   * See {@link Builder#mappedLog}.
   *
   * @return true by default
   */
  public boolean mappedLog() {
    return s.mappedLog;
  }

  /**
   * See {@link Builder#salvageLog}.
   *
   * @return false by default
   */
  public boolean salvageLog() {
    return s.salvageLog;
  }

  /**
   * See {@link Builder#atomicFlush}.
   *
   * @return false by default
   */
  public boolean atomicFlush() {
    return s.atomicFlush;
  }

  /**
   * See {@link Builder#listener}.
   *
   * @return never null
   */
  public EventListener listener() {
    return s.listener;
  }

  /**
   * See {@link Builder#timeSource}.
   *
   * @return null for the system's clock
   */
  public @Nullable TimeSource timeSource() {
    return s.timeSource;
  }

  /**
   * See {@link Builder#defaultFamilyOptions}.
   *
   * @return never null
   */
  public ColumnFamilyOptions defaultFamilyOptions() {
    return s.defaultFamilyOptions;
  }

  /**
   * See {@link Builder#familyOptions}.
   *
   * @return never null
   */
  public Map<String, ColumnFamilyOptions> familyOptions() {
    return s.familyOptions;
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder implements Cloneable {
    private static final long SMALLEST_DB_WRITE_BUFFER = 1 << 20;

    private boolean createIfMissing = true;
    private int maxBackgroundJobs = 2;
    private int maxOpenFiles = 1000;
    private long blockCacheSize = defaultCacheSize(Runtime.getRuntime().maxMemory());
    private @Nullable BlockCache blockCache = null;
    private long dbWriteBufferSize =
        Math.max(SMALLEST_DB_WRITE_BUFFER, Runtime.getRuntime().maxMemory() / 4);
    private long maxLogSize = 1L << 30;
    private boolean mappedLog = true;
    private boolean salvageLog = false;
    private boolean atomicFlush = false;
    private EventListener listener = EventListener.NONE;
    private @Nullable TimeSource timeSource = null;
    private ColumnFamilyOptions defaultFamilyOptions = ColumnFamilyOptions.builder().build();
    private Map<String, ColumnFamilyOptions> familyOptions = Map.of();

    private Builder() {}

    /**
     * Sets whether a missing or empty directory becomes a new store. Default true; with false,
     * opening fails instead.
     *
     * @param create false to insist on an existing store
     * @return this
     */
    public Builder createIfMissing(boolean create) {
      this.createIfMissing = create;
      return this;
    }

    /**
     * Sets how many threads flush and compact in all. Default 2: one of them is kept for flushes,
     * so that none waits behind a compaction.
     *
     * @param threads 2 to 64
     * @return this
     */
    public Builder maxBackgroundJobs(int threads) {
      this.maxBackgroundJobs = threads;
      return this;
    }

    /**
     * Sets how many SSTables may be open at a time. Default 1,000.
     *
     * @param files at least 16
     * @return this
     */
    public Builder maxOpenFiles(int files) {
      this.maxOpenFiles = files;
      return this;
    }

    /**
     * Sets the cap of the store's own block cache. Default 64 MiB, or an eighth of the largest heap
     * if that is less. Without effect when a shared cache is given.
     *
     * @param bytes at least 0
     * @return this
     */
    public Builder blockCacheSize(long bytes) {
      this.blockCacheSize = bytes;
      return this;
    }

    /**
     * Sets a cache to be shared with other stores. Default: none, the store makes its own.
     *
     * @param cache from {@link Db#newBlockCache(long)}, or null
     * @return this
     */
    public Builder blockCache(@Nullable BlockCache cache) {
      this.blockCache = cache;
      return this;
    }

    /**
     * Sets how much memory the memtables of all families may take together until they are in
     * SSTables. From half of it on the largest ones are flushed, however full they are; near the
     * limit writes are slowed down, and at the limit they wait for a flush. Default: a quarter of
     * the heap that the JVM may have. Each store has its own limit: where a JVM has several, give
     * each a share.
     *
     * @param bytes at least 1 MiB
     * @return this
     */
    public Builder dbWriteBufferSize(long bytes) {
      this.dbWriteBufferSize = bytes;
      return this;
    }

    /**
     * Sets how large the log may grow before all families are flushed that need more than its
     * newest part of this size. Default 1 GiB. The log may be larger while they are being flushed;
     * from twice this size and 32 MiB on, writes of all families are slowed down.
     *
     * @param bytes at least 1 MiB
     * @return this
     */
    public Builder maxLogSize(long bytes) {
      this.maxLogSize = bytes;
      return this;
    }

    /**
     * Sets whether buffered log records are copied into a mapping, which needs no system call a
     * write. Default true; where the file system cannot reserve space ahead, ordinary writes are
     * used anyway.
     *
     * @param mapped false for ordinary writes
     * @return this
     */
    public Builder mappedLog(boolean mapped) {
      this.mappedLog = mapped;
      return this;
    }

    /**
     * Sets whether a log that is damaged where it must not be is cut at the damage, instead of
     * refusing to open; so is one whose files are missing. Default false. What stood behind the
     * damage is lost then.
     *
     * @param salvage true to open with what is left
     * @return this
     */
    public Builder salvageLog(boolean salvage) {
      this.salvageLog = salvage;
      return this;
    }

    /**
     * Sets whether each flush, the automatic ones too, takes in all families at one sequence
     * number, so that writes without log are atomic over families after a crash. Default false.
     *
     * @param atomic true to flush families together
     * @return this
     */
    public Builder atomicFlush(boolean atomic) {
      this.atomicFlush = atomic;
      return this;
    }

    /**
     * Sets who is told of flushes, compactions, stalls and failures. Default: nobody.
     *
     * @param eventListener not null
     * @return this
     */
    public Builder listener(EventListener eventListener) {
      this.listener = Objects.requireNonNull(eventListener, "listener");
      return this;
    }

    /**
     * Sets the clock by which entries with a time to live expire. Default: the system's.
     *
     * @param source used by all threads; null for the system's clock
     * @return this
     */
    public Builder timeSource(@Nullable TimeSource source) {
      this.timeSource = source;
      return this;
    }

    /**
     * Sets the options of every family that has none of its own in {@link #familyOptions}: of the
     * default family, of families that {@link Db#createColumnFamily(String)} creates, and of those
     * that are there already, except for what they remember. Default: all defaults.
     *
     * @param options not null
     * @return this
     */
    public Builder defaultFamilyOptions(ColumnFamilyOptions options) {
      this.defaultFamilyOptions = Objects.requireNonNull(options, "defaultFamilyOptions");
      return this;
    }

    /**
     * Sets the options of families by name, whether they exist when the store is opened or are
     * created later by {@link Db#createColumnFamily(String)}. Default: none.
     *
     * <p>A family remembers the settings that the meaning of its data depends on: {@code
     * timeToLive}, {@code countEntries}, {@code prefixLength}, the limits of {@link
     * CompactionStyle#fifo()}, the name of its {@code mergeOperator}, and that it has a {@code
     * compactionFilter}. When a store is opened,
     *
     * <ul>
     *   <li>what the options here (for the default family, also {@link #defaultFamilyOptions}) were
     *       built with takes effect and is remembered from then on;
     *   <li>what they were built without, and what a family without options here remembers, stays
     *       (but for a {@code prefixLength}, which may come from {@link #defaultFamilyOptions});
     *   <li>a merge operator and a compaction filter are code: they must be given at each opening.
     *       Without the operator, or with one of another name, the store is not opened ({@link
     *       InvalidOptionsException}, which lists all families concerned); without the filter it
     *       is.
     * </ul>
     *
     * <p>Each difference between what is remembered and what is given is logged as a warning and
     * told by {@link EventListener#onSettingDiffers}; a name that no family has so far is, too
     * ({@link EventListener#onUnknownFamily}), unless the store is new.
     *
     * @param options copied
     * @return this
     */
    public Builder familyOptions(Map<String, ColumnFamilyOptions> options) {
      this.familyOptions = Map.copyOf(Objects.requireNonNull(options, "options"));
      return this;
    }

    private static long defaultCacheSize(long heap) {
      return Math.min(64L << 20, heap / 8);
    }

    /**
     * Checks all settings together and makes the options.
     *
     * @return immutable
     * @throws InvalidOptionsException naming the first setting that is out of range or contradicts
     *     another one
     */
    public DbOptions build() {
      Checks.range("maxBackgroundJobs", maxBackgroundJobs, 2, 64);
      Checks.range("maxOpenFiles", maxOpenFiles, 16, Integer.MAX_VALUE);
      Checks.range("blockCacheSize", blockCacheSize, 0, Long.MAX_VALUE);
      Checks.range(
          "dbWriteBufferSize", dbWriteBufferSize, SMALLEST_DB_WRITE_BUFFER, Long.MAX_VALUE);
      Checks.range("maxLogSize", maxLogSize, 1L << 20, Long.MAX_VALUE);
      return new DbOptions(copy());
    }

    private Builder copy() {
      try {
        return (Builder) clone();
      } catch (CloneNotSupportedException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }
}
