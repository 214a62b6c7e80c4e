package io.lsmdb.bench.jmh;

import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import java.util.ArrayList;
import java.util.List;
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

/** The merge of sorted inputs whose keys are in no order among each other. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MergeBenchmark {
  private static final int ENTRIES = 200_000;

  @Param({"2", "10"})
  private int inputs;

  private InternalIterator merged;

  /** Used by JMH. */
  public MergeBenchmark() {}

  /** Makes the inputs. */
  @Setup(Level.Trial)
  public void open() {
    List<SortedInput> sorted = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      sorted.add(new SortedInput(i, inputs, ENTRIES / inputs));
    }
    merged = MergingIterator.of(sorted);
  }

  /** An entry. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long next() {
    long bytes = 0;
    for (merged.seekToFirst(); merged.isValid(); merged.next()) {
      bytes += merged.keyLength();
    }
    return bytes;
  }
}
