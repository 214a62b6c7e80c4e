package io.lsmdb.bench.jmh;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.ReadOptions;
import io.lsmdb.bench.Workload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Scans of groups of five entries, in a store of one compacted level under many tables of level 0,
 * whose blocks are cached.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PrefixScanBenchmark {
  private static final int GROUPS = 40_000;
  private static final int LEVEL0_TABLES = 16;
  private static final int LEVEL0_GROUPS = 2_000;
  private static final int GROUP_ENTRIES = 5;
  private static final int MANY = 1000;

  /** Bytes of the prefixes in filters; 0 for filters of whole keys alone. */
  @Param({"0", "8"})
  public int prefixLength;

  private TemporaryStore store;
  private Db db;
  private long step;

  /** Used by JMH. */
  public PrefixScanBenchmark() {}

  /** Fills a store; each group is in the last level or in one table of level 0. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    ColumnFamilyOptions family =
        ColumnFamilyOptions.builder()
            .level0FileNumCompactionTrigger(MANY)
            .level0SlowdownWritesTrigger(MANY)
            .level0StopWritesTrigger(MANY)
            .targetFileSize(1 << 20)
            .prefixLength(prefixLength)
            .build();
    store = new TemporaryStore(DbOptions.builder().defaultFamilyOptions(family));
    db = store.db();
    put(0, GROUPS);
    db.compact();
    for (int table = 0; table < LEVEL0_TABLES; table++) {
      put(GROUPS + table * LEVEL0_GROUPS, LEVEL0_GROUPS);
      db.flush();
    }
  }

  private void put(int first, int groups) {
    for (int group = first; group < first + groups; group++) {
      for (int i = 0; i < GROUP_ENTRIES; i++) {
        byte[] key = ByteBuffer.allocate(16).put(prefix(group)).putLong(i).array();
        db.put(key, Workload.value(i));
      }
    }
  }

  /** Groups lie scattered over the keys. */
  private static byte[] prefix(long group) {
    return ByteBuffer.allocate(8).putLong(Workload.mix(group)).array();
  }

  /** Removes the store. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    store.close();
  }

  /** A scan of a group that there is not. */
  @Benchmark
  public long absent() {
    return scan(-1 - step++);
  }

  /** A scan of a group of the last level. */
  @Benchmark
  public long present() {
    return scan(Long.remainderUnsigned(Workload.mix(step++), GROUPS));
  }

  private long scan(long group) {
    try (DbIterator it = db.iterate(ReadOptions.prefix(prefix(group)))) {
      long bytes = 0;
      for (it.seekToFirst(); it.isValid(); it.next()) {
        bytes += it.valueBuffer().remaining();
      }
      return bytes;
    }
  }

  /** The opening of an iterator without bounds, which prefixes must not slow down. */
  @Benchmark
  public boolean unbounded() {
    try (DbIterator it = db.iterate()) {
      return it.isValid();
    }
  }
}
