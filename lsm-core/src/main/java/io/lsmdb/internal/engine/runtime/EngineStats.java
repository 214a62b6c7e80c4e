package io.lsmdb.internal.engine.runtime;

import io.lsmdb.DbStats.StallStats;
import io.lsmdb.EventListener.StallCause;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The running counters of a store. Thread-safe. */
public final class EngineStats {
  private final AtomicLong userBytes = new AtomicLong();
  private final LongAdder flushBytes = new LongAdder();
  private final LongAdder compactionRead = new LongAdder();
  private final LongAdder compactionWritten = new LongAdder();
  private final LongAdder steppedOver = new LongAdder();
  private final Map<StallCause, StallStats> stalls = new EnumMap<>(StallCause.class);

  /** Counts the keys and values of a committed group, in bytes; called by the commit leader. */
  public void written(long bytes) {
    userBytes.lazySet(userBytes.getPlain() + bytes);
  }

  public void flushed(long bytes) {
    flushBytes.add(bytes);
  }

  public void compacted(long read, long written) {
    compactionRead.add(read);
    compactionWritten.add(written);
  }

  public void steppedOver(long entries) {
    steppedOver.add(entries);
  }

  public void stalled(StallCause cause, long nanos) {
    synchronized (stalls) {
      stalls.merge(
          cause,
          new StallStats(1, nanos),
          (a, b) -> new StallStats(a.count() + b.count(), a.nanos() + b.nanos()));
    }
  }

  public long userBytes() {
    return userBytes.get();
  }

  public long flushBytes() {
    return flushBytes.sum();
  }

  public long compactionRead() {
    return compactionRead.sum();
  }

  public long compactionWritten() {
    return compactionWritten.sum();
  }

  public long steppedOver() {
    return steppedOver.sum();
  }

  public Map<StallCause, StallStats> stalls() {
    synchronized (stalls) {
      return Map.copyOf(stalls);
    }
  }
}
