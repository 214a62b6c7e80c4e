package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Workload;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What the machine can do, without any code of the library: the measure of the others when they are
 * compared with figures of another machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CalibrationBenchmark {
  private static final int WORDS = 1 << 23;
  private static final int STEPS = 256;

  private final byte[] from = new byte[8 << 10];
  private final byte[] to = new byte[8 << 10];
  private long[] memory;
  private long state;

  /** Used by JMH. */
  public CalibrationBenchmark() {}

  /** Fills 64 MiB with a random walk. */
  @Setup(Level.Trial)
  public void fill() {
    memory = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      memory[i] = Workload.mix(i);
    }
  }

  /** Arithmetic, and a copy of 8 KiB in the nearest cache. */
  @Benchmark
  public long compute() {
    long mixed = state;
    for (int i = 0; i < STEPS; i++) {
      mixed = Workload.mix(mixed);
    }
    System.arraycopy(from, 0, to, 0, from.length);
    to[(int) mixed & to.length - 1]++;
    state = mixed;
    return mixed + to[0];
  }

  /** One read that depends on the one before, from memory. */
  @Benchmark
  public long chase() {
    state = memory[(int) state & WORDS - 1] + 1;
    return state;
  }
}
