package io.lsmdb.bench.jmh;

import io.lsmdb.Db;
import io.lsmdb.WriteOptions;
import io.lsmdb.bench.Workload;
import java.io.IOException;
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

/** New keys in no order, into a store that flushes and compacts meanwhile. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PutBenchmark {
  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final byte[] value = Workload.value(1);
  private TemporaryStore store;
  private Db db;
  private long number;

  /** Used by JMH. */
  public PutBenchmark() {}

  /** Opens an empty store. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    store = new TemporaryStore();
    db = store.db();
  }

  /** Removes the store. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    store.close();
  }

  /** A put that is logged, not forced. */
  @Benchmark
  public void buffered() {
    Workload.fillKey(key, number++);
    db.put(key, value, WriteOptions.BUFFERED);
  }

  /** A put that is not logged. */
  @Benchmark
  public void noWal() {
    Workload.fillKey(key, number++);
    db.put(key, value, WriteOptions.NO_WAL);
  }
}
