package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Message.Kind;
import io.lsmdb.bench.compare.Records.KeyOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * All workloads of one engine in this JVM, after a smaller run of the same to warm up.
 *
 * <p>Confined to one thread. Workloads that fill have a store of their own; all others share one,
 * which is compacted and read once before a workload that only reads, unless nothing has changed
 * it. Reading it checks every entry.
 */
final class Worker {
  /** Begins the names of facts about the cost of the comparison itself. */
  static final String HARNESS = "harness, ns CPU: ";

  /** Part of a rate below which it was not kept. */
  private static final double KEPT = 0.99;

  private static final long QUIET_NANOS = 200_000_000;
  private static final long QUIET_CPU_NANOS = 20_000_000;
  private static final long IDLE_LIMIT_NANOS = 60_000_000_000L;

  private final EngineName name;
  private final PlanOptions plan;
  private final Path directory;
  private final Consumer<Message> out;
  private LoadedStore shared;
  private boolean settled;
  private boolean warmingUp;

  Worker(EngineName name, PlanOptions plan, Path directory, Consumer<Message> out) {
    this.name = name;
    this.plan = plan;
    this.directory = directory;
    this.out = out;
  }

  /** Warms up, then measures all workloads of the plan. */
  void run() throws Exception {
    HarnessCost.measure(plan.warmUp(), directory.resolve("harness"))
        .forEach(
            (workload, nanos) ->
                out.accept(
                    Message.of(
                        Kind.FACT, HARNESS + workload, String.format(Locale.ROOT, "%.0f", nanos))));
    Worker warmUp = new Worker(name, plan.warmUp(), directory, out);
    warmUp.warmingUp = true;
    warmUp.runAll();
    runAll();
  }

  /** Runs all workloads of the plan once. */
  void runAll() throws Exception {
    runAll(false);
    Worker large = new Worker(name, plan.withLargeValues(), directory, out);
    large.warmingUp = warmingUp;
    large.runAll(true);
  }

  private void runAll(boolean largeValues) throws Exception {
    try {
      for (WorkloadName workload : WorkloadName.values()) {
        if (plan.workloads.contains(workload) && workload.hasLargeValues() == largeValues) {
          runOne(workload);
          out.accept(Message.of(Kind.STEP, workload.toString()));
        }
      }
      if (shared != null) {
        shared.verify();
      }
    } finally {
      drop();
    }
  }

  private void runOne(WorkloadName workload) throws Exception {
    try {
      Map<Figure, Double> figures =
          workload == WorkloadName.REOPEN
              ? new Reopening(name, plan, directory.resolve("reopened")).measure(this::note)
              : onStore(workload);
      if (!warmingUp) {
        out.accept(Message.cell(workload, figures));
      }
    } catch (UnsupportedOperationException e) {
      note(workload, "not offered by this engine: " + e.getMessage());
    } catch (Records.WrongResultException e) {
      throw new Records.WrongResultException(workload + ": " + e.getMessage());
    }
  }

  private void note(WorkloadName workload, String text) {
    if (!warmingUp) {
      out.accept(Message.of(Kind.NOTE, workload.toString(), text));
    }
  }

  private Map<Figure, Double> onStore(WorkloadName workload) throws Exception {
    return switch (workload) {
      case FILLRANDOM, FILLRANDOM_1K -> {
        drop();
        shared = open("shared", KeyOrder.SCATTERED);
        yield measure(workload, shared);
      }
      case FILLSEQ, DELETEQUEUE -> onEmptyStore(workload, KeyOrder.SEQUENTIAL);
      case FILLBATCH, FILLBATCH_1K, FILLSYNC, FIRSTSCAN, FLUSHSMALL ->
          onEmptyStore(workload, KeyOrder.SCATTERED);
      case WINDOWFETCH -> onEmptyStore(workload, KeyOrder.BY_USER);
      case PARTITIONS -> {
        BenchEngine.Opener partitions = PartitionedEngine.opener(name.opener());
        try (LoadedStore store = filled(partitions, "partitions", KeyOrder.SCATTERED)) {
          yield measure(workload, store);
        }
      }
      case FIRSTREADS_1K -> {
        try (LoadedStore store = filled(name.opener(), "cold", KeyOrder.SCATTERED)) {
          compact(store);
          yield measure(workload, store);
        }
      }
      case MERGECOUNTER, GETPUTCOUNTER -> onMergingStore(workload, Merging.COUNTERS);
      case LISTAPPEND -> onMergingStore(workload, Merging.LISTS);
      case PREFIXSCAN -> {
        try (LoadedStore store = filled(name.opener(), "users", KeyOrder.BY_USER)) {
          settle(store);
          yield measure(workload, store);
        }
      }
      default -> onSharedStore(workload);
    };
  }

  private Map<Figure, Double> onEmptyStore(WorkloadName workload, KeyOrder order) throws Exception {
    try (LoadedStore store = open("own", order)) {
      return measure(workload, store);
    }
  }

  private Map<Figure, Double> onMergingStore(WorkloadName workload, Merging merging)
      throws Exception {
    Path own = directory.resolve("merging");
    try (LoadedStore store =
        new LoadedStore(name.opener(), own, KeyOrder.SCATTERED, merging, plan)) {
      return measure(workload, store);
    }
  }

  private Map<Figure, Double> onSharedStore(WorkloadName workload) throws Exception {
    if (shared == null) {
      shared = filled(name.opener(), "shared", KeyOrder.SCATTERED);
    }
    if (workload.kind() == WorkloadName.Kind.READ && !settled) {
      settle(shared);
      settled = true;
    }
    return measure(workload, shared);
  }

  private LoadedStore open(String store, KeyOrder order) throws Exception {
    return new LoadedStore(name.opener(), directory.resolve(store), order, plan);
  }

  private LoadedStore filled(BenchEngine.Opener opener, String own, KeyOrder order)
      throws Exception {
    LoadedStore store = new LoadedStore(opener, directory.resolve(own), order, plan);
    try {
      new Measurement(Long.MAX_VALUE).run(new Workloads(plan, store).steps(WorkloadName.FILLBATCH));
      return store;
    } catch (Exception e) {
      store.close();
      throw e;
    }
  }

  private void drop() throws IOException {
    if (shared != null) {
      shared.close();
      shared = null;
      settled = false;
    }
  }

  private static void settle(LoadedStore store) throws Exception {
    compact(store);
    store.verify();
  }

  private static void compact(LoadedStore store) throws Exception {
    store.engine().flush();
    store.engine().compact();
    awaitIdle(store.engine());
  }

  private Map<Figure, Double> measure(WorkloadName workload, LoadedStore store) throws Exception {
    BenchEngine engine = store.engine();
    if (store == shared && workload.kind() != WorkloadName.Kind.READ) {
      settled = false;
    }
    Workloads workloads = new Workloads(plan, store);
    List<Workloads.Step> steps = workloads.steps(workload);
    long limit = workload.isLimited() ? plan.seconds * 1_000_000_000L : Long.MAX_VALUE;
    awaitIdle(engine);
    ProcessFigures.forgetPeak();
    long engineWritten = engine.bytesWritten();
    ProcessFigures before = ProcessFigures.now();
    Measurement measurement = new Measurement(limit, workload.isPaced() ? plan.rate : 0);
    Map<Figure, Double> figures =
        workload == WorkloadName.READWHILEWRITING
            ? besideWriter(workloads, steps, measurement)
            : measurement.run(steps);
    noteRate(workload, figures.getOrDefault(Figure.THROUGHPUT, 0.0));
    store.closeCursors();
    long end = System.nanoTime();
    if (workload.puts() > 0) {
      engine.flush();
    }
    figures.put(Figure.IDLE, Math.max(0, awaitIdle(engine) - end) / 1e9);
    ProcessFigures after = ProcessFigures.now();
    add(figures, workload, before, after);
    if (workload.puts() > 0 && (before.bytesToDevice() >= 0 || engineWritten >= 0)) {
      long written =
          before.bytesToDevice() >= 0
              ? after.bytesToDevice() - before.bytesToDevice()
              : engine.bytesWritten() - engineWritten;
      double puts = figures.get(Figure.OPERATIONS) * workload.puts();
      figures.put(Figure.WRITTEN, written / (puts * workload.entryBytes(plan.entryBytes())));
    }
    if (store.entries() > 0) {
      double live = store.entries() * plan.entryBytes();
      figures.put(Figure.DISK, store.bytesOnDisk() / live);
      figures.put(Figure.DATA, store.bytesOfData() / live);
    }
    return figures;
  }

  private void noteRate(WorkloadName workload, double achieved) {
    if (plan.rate > 0 && workload.isPaced() && achieved < KEPT * plan.rate) {
      note(
          workload,
          String.format(
              Locale.ROOT, "%,.0f of %,d operations a second: not kept", achieved, plan.rate));
    }
  }

  private Map<Figure, Double> besideWriter(
      Workloads workloads, List<Workloads.Step> steps, Measurement measurement) throws Exception {
    PacedWriter writer = new PacedWriter(workloads.update(Choice.uniform(plan.records, 1)));
    try {
      return measurement.run(steps);
    } finally {
      writer.end();
    }
  }

  private void add(
      Map<Figure, Double> figures,
      WorkloadName workload,
      ProcessFigures before,
      ProcessFigures after) {
    double operations = figures.get(Figure.OPERATIONS);
    // The writer beside the readers is part of neither's operations, and waiting takes CPU too.
    boolean comparable = plan.rate == 0 || !workload.isPaced();
    if (operations > 0 && comparable && workload != WorkloadName.READWHILEWRITING) {
      figures.put(Figure.PROCESS_CPU, (after.cpuNanos() - before.cpuNanos()) / operations);
    }
    figures.put(Figure.GC, (double) (after.gcMillis() - before.gcMillis()));
    long peak = ProcessFigures.peakMemory();
    if (peak >= 0) {
      figures.put(Figure.PEAK_MEMORY, (double) peak);
    }
  }

  /**
   * Waits until neither the engine nor the process has much to do, but not for ever.
   *
   * @return when it began to be idle
   */
  static long awaitIdle(BenchEngine engine) throws Exception {
    long deadline = System.nanoTime() + IDLE_LIMIT_NANOS;
    while (System.nanoTime() < deadline) {
      long begin = System.nanoTime();
      long cpu = ProcessFigures.cpu();
      Thread.sleep(QUIET_NANOS / 1_000_000);
      if (!engine.isBusy() && ProcessFigures.cpu() - cpu < QUIET_CPU_NANOS) {
        return begin;
      }
    }
    return System.nanoTime();
  }
}
