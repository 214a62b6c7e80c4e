package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.IdleBudget;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The memory of retired memtables: kept for new ones, and let go of where none takes it.
 *
 * <p>Thread-safe. Owned by the store, which closes it.
 *
 * <ol>
 *   <li>A store keeps at most a sixteenth of the heap and 128 MiB, all stores of the process
 *       together an eighth of the heap.
 *   <li>What no memtable has taken for {@link #INTERVAL_NANOS} is let go of after twice that time
 *       at most.
 *   <li>The alarm is set only while there is something to let go of.
 * </ol>
 */
public final class IdleMemory {
  private static final long MAX_BYTES = Math.min(128L << 20, Runtime.getRuntime().maxMemory() / 16);

  private static final IdleBudget ALL_STORES = new IdleBudget(Runtime.getRuntime().maxMemory() / 8);

  /** How long memory may be idle. */
  static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ChunkPool chunks = new ChunkPool(MAX_BYTES, ALL_STORES, this::setAlarm);
  private final Alarm alarm;
  private final AtomicBoolean alarmIsSet = new AtomicBoolean();

  public IdleMemory(Environment.ExecutorFactory executors) {
    alarm = executors.createAlarm("memory", this::ring);
  }

  /** Where memtables take their memory from. */
  public ChunkPool chunks() {
    return chunks;
  }

  private void setAlarm() {
    if (alarmIsSet.compareAndSet(false, true)) {
      alarm.set(INTERVAL_NANOS);
    }
  }

  private void ring() {
    alarmIsSet.set(false);
    if (chunks.releaseUnused()) { // of the interval that ends now; the next one begins
      setAlarm();
    }
  }

  public void close() {
    alarm.close();
    chunks.close();
  }
}
