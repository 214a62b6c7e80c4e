package io.lsmdb;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one column family. Immutable, hence safe to share; they hold until the store is
 * closed and may differ at the next open. Some of them the family remembers: see {@link
 * DbOptions.Builder#familyOptions}.
 */
public final class ColumnFamilyOptions {
  private final Builder s;

  private ColumnFamilyOptions(Builder settings) {
    this.s = settings;
  }

  /** {@return a new builder, which starts from the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a new builder, which starts from these options} */
  public Builder toBuilder() {
    return s.copy();
  }

  /**
   * The names of the settings that a family remembers, as far as the builder was given a value for
   * them. See {@link DbOptions.Builder#familyOptions} for what that means to a family that exists.
   *
   * @return some of mergeOperator, prefixLength, timeToLive, countEntries, compactionFilter,
   *     compactionStyle; unmodifiable
   */
  public Set<String> givenSettings() {
    return Collections.unmodifiableSet(s.given);
  }

  /** {@return bytes; see {@link Builder#writeBufferSize}} */
  public long writeBufferSize() {
    return s.writeBufferSize;
  }

  /** {@return a count; see {@link Builder#maxWriteBufferNumber}} */
  public int maxWriteBufferNumber() {
    return s.maxWriteBufferNumber;
  }

  /** {@return bytes; see {@link Builder#targetFileSize}} */
  public long targetFileSize() {
    return s.targetFileSize;
  }

  /** {@return bytes; see {@link Builder#maxBytesForLevelBase}} */
  public long maxBytesForLevelBase() {
    return s.maxBytesForLevelBase;
  }

  /** {@return a factor; see {@link Builder#maxBytesForLevelMultiplier}} */
  public int maxBytesForLevelMultiplier() {
    return s.maxBytesForLevelMultiplier;
  }

  /** {@return a count; see {@link Builder#level0FileNumCompactionTrigger}} */
  public int level0FileNumCompactionTrigger() {
    return s.level0FileNumCompactionTrigger;
  }

  /** {@return a count; see {@link Builder#level0SlowdownWritesTrigger}} */
  public int level0SlowdownWritesTrigger() {
    return s.level0SlowdownWritesTrigger;
  }

  /** {@return a count; see {@link Builder#level0StopWritesTrigger}} */
  public int level0StopWritesTrigger() {
    return s.level0StopWritesTrigger;
  }

  /** {@return bytes; see {@link Builder#softPendingCompactionBytes}} */
  public long softPendingCompactionBytes() {
    return s.softPendingCompactionBytes;
  }

  /** {@return bytes; see {@link Builder#hardPendingCompactionBytes}} */
  public long hardPendingCompactionBytes() {
    return s.hardPendingCompactionBytes;
  }

  /** {@return bytes; see {@link Builder#blockSize}} */
  public int blockSize() {
    return s.blockSize;
  }

  /** {@return bits per key; see {@link Builder#bloomBitsPerKey}} */
  public int bloomBitsPerKey() {
    return s.bloomBitsPerKey;
  }

  /** {@return bytes, 0 for none; see {@link Builder#prefixLength}} */
  public int prefixLength() {
    return s.prefixLength;
  }

  /** {@return whether filters hold whole keys; see {@link Builder#filterWholeKeys}} */
  public boolean filterWholeKeys() {
    return s.filterWholeKeys;
  }

  /** {@return whether the last level has filters; see {@link Builder#filterLastLevel}} */
  public boolean filterLastLevel() {
    return s.filterLastLevel;
  }

  /** {@return a list, never empty; see {@link Builder#compression}} */
  public List<Compression> compression() {
    return s.compression;
  }

  /** {@return a style, never null; see {@link Builder#compactionStyle}} */
  public CompactionStyle compactionStyle() {
    return s.compactionStyle;
  }

  /** {@return an age, null for none; see {@link Builder#periodicCompaction}} */
  public @Nullable Duration periodicCompaction() {
    return s.periodicCompaction;
  }

  /** {@return an operator, null for none; see {@link Builder#mergeOperator}} */
  public @Nullable MergeOperator mergeOperator() {
    return s.mergeOperator;
  }

  /** {@return what the store records of the merge operator: its name, empty for none} */
  public String mergeOperatorName() {
    return s.mergeOperator == null ? "" : s.mergeOperator.name();
  }

  /** {@return a filter, null for none; see {@link Builder#compactionFilter}} */
  public @Nullable CompactionFilter compactionFilter() {
    return s.compactionFilter;
  }

  /** {@return ms, 0 for none; see {@link Builder#timeToLive}} */
  public long timeToLiveMillis() {
    return s.timeToLiveMillis;
  }

  /** {@return whether the family counts its entries; see {@link Builder#countEntries}} */
  public boolean countEntries() {
    return s.countEntries;
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder implements Cloneable {
    private long writeBufferSize = 64L << 20;
    private int maxWriteBufferNumber = 3;
    private long targetFileSize = 64L << 20;
    private long maxBytesForLevelBase = 256L << 20;
    private int maxBytesForLevelMultiplier = 10;
    private int level0FileNumCompactionTrigger = 4;
    private int level0SlowdownWritesTrigger = 20;
    private int level0StopWritesTrigger = 36;
    private long softPendingCompactionBytes = 64L << 30;
    private long hardPendingCompactionBytes = 256L << 30;
    private int blockSize = 8 << 10;
    private int bloomBitsPerKey = 10;
    private int prefixLength;
    private boolean filterWholeKeys = true;
    private boolean filterLastLevel = true;
    private List<Compression> compression = List.of(Compression.LZ4);
    private CompactionStyle compactionStyle = CompactionStyle.leveled();
    private @Nullable Duration periodicCompaction;

    private @Nullable MergeOperator mergeOperator;
    private long timeToLiveMillis;
    private @Nullable CompactionFilter compactionFilter;
    private boolean countEntries;
    private Set<String> given = new TreeSet<>();

    private Builder() {}

    private Builder copy() {
      try {
        Builder copy = (Builder) clone();
        copy.given = new TreeSet<>(given);
        return copy;
      } catch (CloneNotSupportedException impossible) {
        throw new AssertionError(impossible);
      }
    }

    /**
     * Sets how large a memtable grows before it is flushed. Default 64 MiB. Larger ones mean fewer,
     * larger SSTables and a longer replay after a crash.
     *
     * @param bytes 64 KiB to 1 GiB
     * @return this
     */
    public Builder writeBufferSize(long bytes) {
      this.writeBufferSize = bytes;
      return this;
    }

    /**
     * Sets how many full memtables may be in memory, the writable one included; then writes wait
     * for a flush. Smaller ones, which were sealed early, count with their memory. Default 3.
     *
     * @param count 2 to 64
     * @return this
     */
    public Builder maxWriteBufferNumber(int count) {
      this.maxWriteBufferNumber = count;
      return this;
    }

    /**
     * Sets how large the SSTables that compaction writes become. Default 64 MiB.
     *
     * @param bytes 4 KiB to 4 GiB
     * @return this
     */
    public Builder targetFileSize(long bytes) {
      this.targetFileSize = bytes;
      return this;
    }

    /**
     * Sets the least size that a sorted level is held to. Default 256 MiB. A family whose tables
     * have up to two and a half times as many bytes has one sorted level; beyond that, levels come
     * above it, each smaller by {@link #maxBytesForLevelMultiplier} than the one below, but not
     * smaller than this.
     *
     * @param bytes at least targetFileSize
     * @return this
     */
    public Builder maxBytesForLevelBase(long bytes) {
      this.maxBytesForLevelBase = bytes;
      return this;
    }

    /**
     * Sets how much larger each level is than the one above it. Default 10.
     *
     * @param factor 2 to 100
     * @return this
     */
    public Builder maxBytesForLevelMultiplier(int factor) {
      this.maxBytesForLevelMultiplier = factor;
      return this;
    }

    /**
     * Sets at how many level-0 files their compaction starts; in {@link
     * CompactionStyle#universal()}, at how many sorted runs. Default 4. Where level 0 overlaps more
     * than its own bytes in the level below, it waits for twice as many files, at most for half of
     * {@link #level0SlowdownWritesTrigger}.
     *
     * @param files at least 1
     * @return this
     */
    public Builder level0FileNumCompactionTrigger(int files) {
      this.level0FileNumCompactionTrigger = files;
      return this;
    }

    /**
     * Sets from how many level-0 files on writes are slowed down. Default 20.
     *
     * @param files not below level0FileNumCompactionTrigger
     * @return this
     */
    public Builder level0SlowdownWritesTrigger(int files) {
      this.level0SlowdownWritesTrigger = files;
      return this;
    }

    /**
     * Sets at how many level-0 files writes wait until there are fewer. Default 36.
     *
     * @param files not below level0SlowdownWritesTrigger
     * @return this
     */
    public Builder level0StopWritesTrigger(int files) {
      this.level0StopWritesTrigger = files;
      return this;
    }

    /**
     * Sets from how many bytes of outstanding compaction on writes are slowed down. Default 64 GiB.
     *
     * @param bytes at least 1
     * @return this
     */
    public Builder softPendingCompactionBytes(long bytes) {
      this.softPendingCompactionBytes = bytes;
      return this;
    }

    /**
     * Sets at how many bytes of outstanding compaction writes wait. Default 256 GiB.
     *
     * @param bytes not below softPendingCompactionBytes
     * @return this
     */
    public Builder hardPendingCompactionBytes(long bytes) {
      this.hardPendingCompactionBytes = bytes;
      return this;
    }

    /**
     * Sets the size that a data block is filled to before compression. Default 8 KiB. Smaller
     * blocks make uncached reads cheaper, larger ones compress better and need less index.
     *
     * @param bytes 256 bytes to 4 MiB
     * @return this
     */
    public Builder blockSize(int bytes) {
      this.blockSize = bytes;
      return this;
    }

    /**
     * Sets the size of the Bloom filters. Default 10: one lookup of an absent key in a hundred
     * reads a block for nothing. 0 means no filters.
     *
     * @param bits 0 to 32
     * @return this
     */
    public Builder bloomBitsPerKey(int bits) {
      this.bloomBitsPerKey = bits;
      return this;
    }

    /**
     * Sets how many first bytes of the keys filters hold beside the whole keys. Default 0: none.
     * Scans of keys that share at least as many first bytes, as those of {@link
     * ReadOptions#prefix}, then skip SSTables whose filters know of no such key. Filters grow by
     * {@link #bloomBitsPerKey} bits for each distinct prefix of an SSTable. Keys that are shorter
     * are stored and found as ever. The length may change from one open to the next: each SSTable
     * is asked by the length that it was written with.
     *
     * @param bytes 0 to 65,536
     * @return this
     */
    public Builder prefixLength(int bytes) {
      this.prefixLength = bytes;
      given.add("prefixLength");
      return this;
    }

    /**
     * Sets whether filters hold whole keys. Default true. Where keys are found by scans of a prefix
     * only, false saves their part of the filters; a lookup of an absent key then reads a block
     * unless its prefix is absent too. Stores written so are refused by releases without this
     * option.
     *
     * @param hold false only with a {@link #prefixLength}
     * @return this
     */
    public Builder filterWholeKeys(boolean hold) {
      this.filterWholeKeys = hold;
      return this;
    }

    /**
     * Sets whether SSTables that are written into the last level of their keys get a filter.
     * Default true. False saves about nine tenths of the memory for filters, and suits those who
     * look up keys that exist: a lookup of an absent key then reads a block. SSTables keep the
     * filter that they have, or lack, when they move to another level without being rewritten.
     *
     * @param build false for no filters there
     * @return this
     */
    public Builder filterLastLevel(boolean build) {
      this.filterLastLevel = build;
      return this;
    }

    /**
     * Sets the same compression for all levels. Default: LZ4.
     *
     * @param everywhere of each level
     * @return this
     */
    public Builder compression(Compression everywhere) {
      return compression(List.of(Objects.requireNonNull(everywhere, "everywhere")));
    }

    /**
     * Sets the compression of each level, from level 0 on; the last element holds for all deeper
     * levels. Default: LZ4 everywhere. Level 0 without compression saves a few hundredths of the
     * CPU time where native LZ4 runs, and writes a fifth more bytes. An entry of more than 1/128 of
     * the heap (at least 1 MiB, at most 64 MiB) is not compressed, so that it is flushed without
     * copies of it.
     *
     * @param levels copied; at least one element
     * @return this
     */
    public Builder compression(List<Compression> levels) {
      this.compression = List.copyOf(Objects.requireNonNull(levels, "levels"));
      return this;
    }

    /**
     * Sets how SSTables are merged. Default: {@link CompactionStyle#leveled()}. It may differ at
     * each opening; the family remembers {@link CompactionStyle#fifo()} and its limits.
     *
     * @param style with settings of its own, checked by {@link #build}
     * @return this
     */
    public Builder compactionStyle(CompactionStyle style) {
      this.compactionStyle = Objects.requireNonNull(style, "style");
      given.add("compactionStyle");
      return this;
    }

    /**
     * Sets the age at which SSTables are rewritten even if nothing else asks for it, counted from
     * when they were written, by the wall clock. Default: none. All data is then read and written
     * once a period; it is looked for after flushes and compactions and when the store is opened.
     *
     * @param age at least a millisecond, in practice days; null for none
     * @return this
     */
    public Builder periodicCompaction(@Nullable Duration age) {
      this.periodicCompaction = age;
      return this;
    }

    /**
     * Sets what {@link Keyspace#merge} does to the family's values. Default: none, and merges are
     * refused. The family remembers the operator's name: once it has one, it is never opened with
     * another one or without. An existing family that has none may be given one.
     *
     * @param operator used by all threads that read or compact; null for none
     * @return this
     */
    public Builder mergeOperator(@Nullable MergeOperator operator) {
      this.mergeOperator = operator;
      given.add("mergeOperator");
      return this;
    }

    /**
     * Sets how long after its write a value expires; see {@link WriteOptions.Builder#timeToLive}
     * for single writes. The time is fixed when the value is written: a change holds for later
     * writes. Default: none, values do not expire. Not to be used together with a merge operator,
     * since operands cannot expire. The family remembers it.
     *
     * @param time at least 1 ms, rounded down to ms; null for none
     * @return this
     * @throws InvalidOptionsException if shorter than 1 ms
     */
    public Builder timeToLive(@Nullable Duration time) {
      this.timeToLiveMillis = Checks.timeToLive(time);
      given.add("timeToLive");
      return this;
    }

    /**
     * Sets what decides on values that compactions rewrite. Default: none. Tables of a family with
     * a filter are always read and rewritten on their way down, never just moved.
     *
     * @param filter used by all threads that compact; null for none
     * @return this
     */
    public Builder compactionFilter(@Nullable CompactionFilter filter) {
      this.compactionFilter = filter;
      given.add("compactionFilter");
      return this;
    }

    /**
     * Sets whether the family counts its entries, for {@link Keyspace#entryCount}. Default false.
     * Each write then looks its key up, a range deletion walks over its range, and opening the
     * store walks over the whole family. Not together with what removes entries without a write:
     * times to live, a compaction filter, {@link CompactionStyle#fifo()}, {@link
     * Keyspace#deleteFilesInRange}. It may differ at each opening; the family remembers it.
     *
     * @param count true to count
     * @return this
     */
    public Builder countEntries(boolean count) {
      this.countEntries = count;
      given.add("countEntries");
      return this;
    }

    /**
     * Checks all settings together and makes the options.
     *
     * @return immutable
     * @throws InvalidOptionsException naming the first setting that is out of range or contradicts
     *     another one
     */
    public ColumnFamilyOptions build() {
      ColumnFamilyOptions options = new ColumnFamilyOptions(copy());
      ColumnFamilyChecks.check(options);
      return options;
    }
  }
}
