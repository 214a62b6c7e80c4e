package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Records.KeyOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures what the comparison itself costs: keys, values, checks, clock and histogram.
 *
 * <p>Stateless. The workloads run on an engine that does nothing but hand out right values. The
 * cost is part of every figure, and of every engine's alike; it is reported, not subtracted.
 */
final class HarnessCost {
  private static final int ROUNDS = 4;

  private HarnessCost() {}

  /** Least nanoseconds of CPU per operation, for a put, a get, and a skewed get. */
  static Map<String, Double> measure(PlanOptions plan, Path directory) throws Exception {
    Map<String, Double> costs = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      BenchEngine.Opener none = (d, settings) -> new Nothing();
      try (LoadedStore store = new LoadedStore(none, directory, KeyOrder.SCATTERED, plan)) {
        Workloads workloads = new Workloads(plan, store);
        for (WorkloadName workload :
            List.of(WorkloadName.FILLRANDOM, WorkloadName.READRANDOM, WorkloadName.READSKEWED)) {
          Map<Figure, Double> figures =
              new Measurement(Long.MAX_VALUE).run(workloads.steps(workload));
          costs.merge(workload.toString(), figures.get(Figure.CALLER_CPU), Math::min);
        }
      }
    }
    return costs;
  }

  /** Holds no data; gives the first value of each key. */
  private static final class Nothing implements BenchEngine {
    @Override
    public void put(byte[] key, byte[] value) {}

    @Override
    public void putSync(byte[] key, byte[] value) {}

    @Override
    public void putBatch(byte[][] keys, byte[][] values) {}

    @Override
    public void delete(byte[] key) {}

    @Override
    public int get(byte[] key, byte[] into) {
      return Records.stamp(key, into);
    }

    @Override
    public Cursor cursor() {
      throw new UnsupportedOperationException("there is nothing to scan");
    }

    @Override
    public Snapshot snapshot() {
      throw new UnsupportedOperationException("there is nothing to keep");
    }

    @Override
    public void flush() {}

    @Override
    public void compact() {}

    @Override
    public Map<String, String> facts() {
      return Map.of();
    }

    @Override
    public void close() throws IOException {}
  }
}
