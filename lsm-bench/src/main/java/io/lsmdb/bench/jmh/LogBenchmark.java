package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Workload;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.fs.NioFileSystem;
import io.lsmdb.internal.wal.LogFiles;
import io.lsmdb.internal.wal.LogSettings;
import io.lsmdb.internal.wal.LogTail;
import io.lsmdb.internal.wal.LogWriter;
import io.lsmdb.internal.wal.SegmentPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

/** A put as a batch of one, and its record in the log, which is not forced. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogBenchmark {
  private static final int SEGMENT_BYTES = 64 << 20;
  private static final int RETIRE_EVERY = 1 << 18;

  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final byte[] value = Workload.value(1);
  private final BatchEncoder batch = new BatchEncoder();
  private Path directory;
  private SegmentPool pool;
  private LogWriter writer;
  private long sequence;

  /** Used by JMH. */
  public LogBenchmark() {}

  /** Creates an empty log. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("lsmdb-jmh-");
    LogSettings settings =
        new LogSettings(
            SEGMENT_BYTES, SEGMENT_BYTES, false, () -> 1, Runnable::run, LogBenchmark::fail);
    pool = new SegmentPool(new LogFiles(new NioFileSystem(), directory, 1), settings, 1);
    writer = new LogWriter(pool, LogTail.NONE, List.of());
    encode();
  }

  private static void fail(Throwable failure) {
    throw new IllegalStateException(failure);
  }

  /** Removes the log. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    writer.close();
    pool.close();
    Directories.delete(directory);
  }

  /** A batch with one put. */
  @Benchmark
  public int encode() {
    batch.clear();
    batch.put(0, key, 0, key.length, value, 0, value.length);
    return batch.size();
  }

  /** A record with that batch; segments are retired and used again. */
  @Benchmark
  public long append() {
    sequence++;
    if (sequence % RETIRE_EVERY == 0) {
      writer.retire(writer.newestSegment(), sequence);
    }
    return writer.append(batch.bytes(), 0, batch.size(), sequence, sequence, false);
  }
}
