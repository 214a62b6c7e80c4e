package io.lsmdb;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How one write is done. Immutable, hence safe to share; usually kept in a constant.
 *
 * @see Keyspace#put(byte[], byte[], WriteOptions)
 */
public final class WriteOptions {
  /** {@link Durability#BUFFERED}, waiting as long as a stall lasts: the default of every write. */
  public static final WriteOptions BUFFERED = builder().build();

  /** {@link Durability#SYNC}, waiting as long as a stall lasts. */
  public static final WriteOptions SYNC = builder().durability(Durability.SYNC).build();

  /** {@link Durability#NO_WAL}, waiting as long as a stall lasts. */
  public static final WriteOptions NO_WAL = builder().durability(Durability.NO_WAL).build();

  private final Durability durability;
  private final long stallTimeoutNanos;
  private final long timeToLiveMillis;

  private WriteOptions(Builder builder) {
    this.durability = builder.durability;
    this.stallTimeoutNanos = builder.stallTimeoutNanos;
    this.timeToLiveMillis = builder.timeToLiveMillis;
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
   * What the write survives once it has returned.
   *
   * @return never null
   */
  public Durability durability() {
    return durability;
  }

  /**
   * How long the write may wait for flushes and compactions.
   *
   * @return nanoseconds; 0 = do not wait; {@link Long#MAX_VALUE} = without limit
   */
  public long stallTimeoutNanos() {
    return stallTimeoutNanos;
  }

  /**
   * How long after the write its puts expire.
   *
   * @return ms; 0 = as the family says; {@link Long#MAX_VALUE} = never
   */
  public long timeToLiveMillis() {
    return timeToLiveMillis;
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder {
    private Durability durability = Durability.BUFFERED;
    private long stallTimeoutNanos = Long.MAX_VALUE;
    private long timeToLiveMillis;

    private Builder() {}

    /**
     * Sets what the write survives. Default {@link Durability#BUFFERED}.
     *
     * @param durability not null
     * @return this
     */
    public Builder durability(Durability durability) {
      this.durability = Objects.requireNonNull(durability, "durability");
      return this;
    }

    /**
     * Sets how long the write may wait when flushes and compactions lag behind; beyond that it
     * fails with {@link StallTimeoutException} and writes nothing. Default: without limit.
     *
     * @param timeout zero to fail at once instead of waiting
     * @return this
     * @throws InvalidOptionsException if negative
     */
    public Builder stallTimeout(Duration timeout) {
      if (Objects.requireNonNull(timeout, "timeout").isNegative()) {
        throw new InvalidOptionsException("stallTimeout must not be negative: " + timeout);
      }
      long nanos;
      try {
        nanos = timeout.toNanos();
      } catch (ArithmeticException tooLong) {
        nanos = Long.MAX_VALUE;
      }
      this.stallTimeoutNanos = nanos;
      return this;
    }

    /**
     * Sets how long after the write its puts expire, in place of {@link
     * ColumnFamilyOptions.Builder#timeToLive}. Deletes do not expire; a write with merges is
     * refused with {@link IllegalArgumentException}, since operands cannot expire. Default: as the
     * family says.
     *
     * @param time at least 1 ms, rounded down to ms; null as the family says; more than 2^63 ms
     *     means never
     * @return this
     * @throws InvalidOptionsException if shorter than 1 ms
     */
    public Builder timeToLive(@Nullable Duration time) {
      this.timeToLiveMillis = Checks.timeToLive(time);
      return this;
    }

    /**
     * Makes the options.
     *
     * @return immutable
     */
    public WriteOptions build() {
      return new WriteOptions(this);
    }
  }
}
