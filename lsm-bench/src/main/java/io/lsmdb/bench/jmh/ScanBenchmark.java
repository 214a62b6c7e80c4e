package io.lsmdb.bench.jmh;

import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.bench.Workload;
import java.io.IOException;
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
import org.openjdk.jmh.annotations.TearDown;

/** Iterators over a compacted store whose blocks are cached. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ScanBenchmark {
  private static final int ENTRIES = 200_000;
  private static final int NEXT = 10;

  private final byte[] target = new byte[Workload.KEY_BYTES];
  private TemporaryStore store;
  private Db db;
  private DbIterator reused;
  private long step;

  /** Used by JMH. */
  public ScanBenchmark() {}

  /** Fills and compacts a store. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    store = new TemporaryStore().fill(ENTRIES);
    db = store.db();
    db.compact();
    reused = db.iterate();
  }

  /** Removes the store. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    reused.close();
    store.close();
  }

  /** One entry of a scan of everything. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long scan() {
    long bytes = 0;
    for (reused.seekToFirst(); reused.isValid(); reused.next()) {
      bytes += reused.keyBuffer().remaining() + reused.valueBuffer().remaining();
    }
    return bytes;
  }

  /** A new iterator, a seek and ten entries. */
  @Benchmark
  public long seekNext10() {
    try (DbIterator it = db.iterate()) {
      return seekAndRead(it);
    }
  }

  /** A seek and ten entries with an iterator that is open already. */
  @Benchmark
  public long seekNext10Reused() {
    return seekAndRead(reused);
  }

  private long seekAndRead(DbIterator it) {
    Workload.fillKey(target, Long.remainderUnsigned(Workload.mix(step++), ENTRIES));
    long bytes = 0;
    it.seek(target);
    for (int i = 0; i < NEXT && it.isValid(); i++, it.next()) {
      bytes += it.keyBuffer().remaining() + it.valueBuffer().remaining();
    }
    return bytes;
  }
}
