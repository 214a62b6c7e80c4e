package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Workload;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.key.InternalKey;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A table by itself, all of whose blocks are cached. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TableBenchmark {
  private static final int ENTRIES = 500_000;
  private static final int IN_BLOCK = 60;
  private static final long CACHE_BYTES = 512L << 20;
  private static final long ALL = InternalKey.searchTrailer(InternalKey.MAX_SEQUENCE);

  private final byte[] key = new byte[Workload.KEY_BYTES];
  private final LookupResult found = new LookupResult();
  private TableReader table;
  private TableReader block;
  private InternalIterator cursor;
  private long step;

  /** Used by JMH. */
  public TableBenchmark() {}

  /** Builds a table, another one of a single block, and reads both into the cache. */
  @Setup(Level.Trial)
  public void open() {
    table = new MemoryTable(ENTRIES).build(BlockCodec.LZ4).open(CACHE_BYTES);
    block = new MemoryTable(IN_BLOCK).build(BlockCodec.LZ4).open(CACHE_BYTES);
    for (int i = 0; i < ENTRIES; i++) {
      table.get(Workload.key(i), 0, key.length, ALL, found);
      block.get(Workload.key(i % IN_BLOCK), 0, key.length, ALL, found);
    }
    cursor = new TableIterator(table, true);
  }

  /** Closes them. */
  @TearDown(Level.Trial)
  public void close() {
    cursor.close();
    table.close();
    block.close();
  }

  private byte[] randomKey(int entries) {
    Workload.fillKey(key, Long.remainderUnsigned(Workload.mix(step++), entries));
    return key;
  }

  /** The filter's answer for a key that is there. */
  @Benchmark
  public boolean filterProbe() {
    return table.mayContain(randomKey(ENTRIES), 0, key.length);
  }

  /** The filter's answer for a key that is not. */
  @Benchmark
  public boolean filterProbeMissing() {
    Workload.fillAbsentKey(key, step++);
    return table.mayContain(key, 0, key.length);
  }

  /** Cache hit and search in a block that is near: filter and index have one line and one entry. */
  @Benchmark
  public boolean blockSearch() {
    return block.get(randomKey(IN_BLOCK), 0, key.length, ALL, found);
  }

  /** Filter, index, cache hit and block search, of blocks that are in memory and far. */
  @Benchmark
  public boolean cacheHit() {
    return table.get(randomKey(ENTRIES), 0, key.length, ALL, found);
  }

  /** A cursor to a random key. */
  @Benchmark
  public boolean seek() {
    cursor.seek(randomKey(ENTRIES), 0, key.length, ALL);
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
