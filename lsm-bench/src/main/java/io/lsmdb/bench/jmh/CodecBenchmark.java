package io.lsmdb.bench.jmh;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.table.BlockCodec;
import io.lsmdb.internal.table.TableIterator;
import io.lsmdb.internal.table.TableReader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Blocks written and read again: what one codec takes more than "none" is what it costs to compress
 * and to decompress an entry.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final int ENTRIES = 50_000;

  @Param({"none", "native", "java"})
  private String codec;

  private MemoryTable table;
  private BlockCodec compression;
  private TableReader reader;

  /** Used by JMH. */
  public CodecBenchmark() {}

  /** Builds a table whose data blocks find no room in the cache. */
  @Setup(Level.Trial)
  public void open() {
    compression = MemoryTable.choose(codec);
    table = new MemoryTable(ENTRIES);
    reader = new MemoryTable(ENTRIES).build(compression).open(0);
  }

  /** Closes it. */
  @TearDown(Level.Trial)
  public void close() {
    reader.close();
  }

  /** An entry of a table that is built: blocks, index, filter, checksums. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long write() {
    return table.build(compression).size();
  }

  /** An entry of a scan that reads, verifies and checks every block. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long read() {
    long bytes = 0;
    try (InternalIterator cursor = new TableIterator(reader, false)) {
      for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
        bytes += cursor.valueLength();
      }
    }
    return bytes;
  }
}
