package io.lsmdb.bench.jmh;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.bench.Workload;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Point reads in no order, of entries in the memtable, in cached blocks, and nowhere; with and
 * without a time to live.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GetBenchmark {
  private static final int IN_MEMTABLE = 200_000;
  private static final int IN_TABLES = 1_000_000;
  private static final Duration TIME_TO_LIVE = Duration.ofDays(1);

  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final byte[] value = new byte[Workload.VALUE_BYTES];
  private TemporaryStore inMemory;
  private TemporaryStore compacted;
  private TemporaryStore expiringInMemory;
  private TemporaryStore expiringCompacted;
  private Db memtable;
  private Db tables;
  private long step;

  /** Used by JMH. */
  public GetBenchmark() {}

  /** Fills a store that keeps all in its memtable, and one that is compacted. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    inMemory = new TemporaryStore().fill(IN_MEMTABLE);
    compacted = new TemporaryStore().fill(IN_TABLES);
    expiringInMemory = new TemporaryStore(expiring()).fill(IN_MEMTABLE);
    expiringCompacted = new TemporaryStore(expiring()).fill(IN_TABLES);
    memtable = inMemory.db();
    tables = compacted.db();
    compact(tables);
    compact(expiringCompacted.db());
  }

  private static DbOptions.Builder expiring() {
    ColumnFamilyOptions family = ColumnFamilyOptions.builder().timeToLive(TIME_TO_LIVE).build();
    return DbOptions.builder().defaultFamilyOptions(family);
  }

  /** Compacts a store and reads all of it into its cache. */
  private void compact(Db db) {
    db.compact();
    for (int i = 0; i < IN_TABLES; i++) {
      db.get(Workload.key(i), value);
    }
  }

  /** Removes both stores. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    inMemory.close();
    compacted.close();
    expiringInMemory.close();
    expiringCompacted.close();
  }

  private byte[] nextKey(int entries) {
    Workload.fillKey(key, Long.remainderUnsigned(Workload.mix(step++), entries));
    return key;
  }

  /** A key in the memtable. */
  @Benchmark
  public int memtable() {
    return memtable.get(nextKey(IN_MEMTABLE), value);
  }

  /** A key in a block that is cached. */
  @Benchmark
  public int cachedBlock() {
    return tables.get(nextKey(IN_TABLES), value);
  }

  /** A key in the memtable whose value has a time to live. */
  @Benchmark
  public int expiringMemtable() {
    return expiringInMemory.db().get(nextKey(IN_MEMTABLE), value);
  }

  /** A key in a block that is cached whose value has a time to live. */
  @Benchmark
  public int expiringCachedBlock() {
    return expiringCompacted.db().get(nextKey(IN_TABLES), value);
  }

  /** A key that is nowhere, within the range of those that are in tables. */
  @Benchmark
  public int missing() {
    Workload.fillAbsentKey(key, step++);
    return tables.get(key, value);
  }
}
