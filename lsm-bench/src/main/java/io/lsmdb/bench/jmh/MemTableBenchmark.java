package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Workload;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.MemTable;
import io.lsmdb.internal.memtable.MemTablePins;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The memtable by itself: no log, no snapshots. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MemTableBenchmark {
  private static final int ENTRIES = 500_000;
  private static final long ALL = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final byte[] value = Workload.value(1);
  private final LookupResult found = new LookupResult();
  private final ChunkPool pool = new ChunkPool(512L << 20);
  private MemTable full;
  private InternalIterator cursor;
  private MemTable growing;
  private long inserted;
  private long step;

  /** Used by JMH. */
  public MemTableBenchmark() {}

  /** Fills a table. */
  @Setup(Level.Trial)
  public void fill() {
    full = new MemTable(pool, true, MemTablePins.UNKNOWN);
    for (int i = 0; i < ENTRIES; i++) {
      add(full, i);
    }
    cursor = full.iterator();
    growing = new MemTable(pool, true, MemTablePins.UNKNOWN);
  }

  private void add(MemTable table, long number) {
    Workload.fillKey(key, number);
    long trailer = InternalKey.trailer(number % ENTRIES + 1, ValueKind.PUT);
    table.add(trailer, key, 0, key.length, value, 0, value.length);
  }

  private byte[] randomKey() {
    Workload.fillKey(key, Long.remainderUnsigned(Workload.mix(step++), ENTRIES));
    return key;
  }

  /** A new key in no order, into a table that is dropped when it has as many as the full one. */
  @Benchmark
  public void insert() {
    if (inserted == ENTRIES) {
      growing.release();
      growing = new MemTable(pool, true, MemTablePins.UNKNOWN);
      inserted = 0;
    }
    add(growing, inserted++);
  }

  /** A key that is there. */
  @Benchmark
  public boolean get() {
    return full.get(randomKey(), 0, key.length, ALL, found);
  }

  /** A key that is not. */
  @Benchmark
  public boolean getMissing() {
    Workload.fillAbsentKey(key, step++);
    return full.get(key, 0, key.length, ALL, found);
  }

  /** A cursor to a random key. */
  @Benchmark
  public boolean seek() {
    cursor.seek(randomKey(), 0, key.length, ALL);
    return cursor.isValid();
  }

  /** An entry of a scan of all. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long scan() {
    long bytes = 0;
    for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
      bytes += cursor.valueLength();
    }
    return bytes;
  }
}
