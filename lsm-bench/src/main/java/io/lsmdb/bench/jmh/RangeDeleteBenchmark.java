package io.lsmdb.bench.jmh;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.Snapshot;
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
 * Reads of a cached store in which ranges were deleted, while a snapshot from before keeps them and
 * what they hide.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RangeDeleteBenchmark {
  private static final int KEYS = 200_000;
  private static final int MAX_RANGES = 10_000;
  private static final int SPACING = KEYS / MAX_RANGES;
  private static final int SCANNED = 100;

  /** How many ranges of ten keys, among twenty each, are deleted. */
  @Param({"0", "100", "10000"})
  public int ranges;

  /** Whether the ranges are in the tables' version, or in the memtable. */
  @Param({"true", "false"})
  public boolean flushed;

  private TemporaryStore store;
  private Db db;
  private Snapshot snapshot;
  private long step;

  /** Used by JMH. */
  public RangeDeleteBenchmark() {}

  /** Fills a store, and deletes ranges. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    store =
        new TemporaryStore(
            DbOptions.builder().defaultFamilyOptions(ColumnFamilyOptions.builder().build()));
    db = store.db();
    for (int i = 0; i < KEYS; i++) {
      db.put(key(i), Workload.value(i));
    }
    db.compact();
    snapshot = db.snapshot();
    for (int i = 0; i < ranges; i++) {
      int first = (int) ((long) i * MAX_RANGES / ranges) * SPACING;
      db.deleteRange(key(first), key(first + SPACING / 2));
    }
    if (flushed) {
      db.flush();
    }
  }

  private static byte[] key(long number) {
    return ByteBuffer.allocate(16).putLong(8, number).array();
  }

  /** Some key that is the n-th of twenty. */
  private byte[] any(int within) {
    return key(Long.remainderUnsigned(Workload.mix(step++), MAX_RANGES) * SPACING + within);
  }

  /** A key that is in no deleted range. */
  @Benchmark
  public byte[] present() {
    return db.get(any(SPACING - 1));
  }

  /** A key that is in a deleted range, if there are as many as can be. */
  @Benchmark
  public byte[] deleted() {
    return db.get(any(0));
  }

  /** A scan of a hundred entries, with deleted ones between them. */
  @Benchmark
  public long scan() {
    long bytes = 0;
    try (DbIterator it = db.iterate()) {
      it.seek(any(0));
      for (int i = 0; i < SCANNED && it.isValid(); i++) {
        bytes += it.valueBuffer().remaining();
        it.next();
      }
    }
    return bytes;
  }

  /** Closes and deletes the store. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    snapshot.close();
    store.close();
  }
}
