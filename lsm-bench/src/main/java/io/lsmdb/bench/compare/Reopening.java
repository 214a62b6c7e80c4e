package io.lsmdb.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Records.WrongResultException;
import io.lsmdb.bench.compare.Workloads.Step;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Opens a store whose process was killed, with all of its writes still in the log. Stateless but
 * for its settings.
 */
final class Reopening {
  /** What the killed process prints once all is written. */
  static final String WRITTEN = "written";

  private final EngineName engine;
  private final PlanOptions plan;
  private final Path directory;

  Reopening(EngineName engine, PlanOptions plan, Path directory) {
    this.engine = engine;
    this.plan = plan;
    this.directory = directory;
  }

  /** Entries that fill half a memtable, so that no engine flushes any. */
  private static long entries(PlanOptions plan) {
    return plan.writeBuffer / 2 / (Records.KEY_BYTES + plan.valueSize);
  }

  /** Writes as the process that is killed: returns when all is written. */
  static void write(BenchEngine store, PlanOptions plan) throws Exception {
    Records records = new Records(KeyOrder.SCATTERED, plan.valueBytes());
    for (long number = 0; number < entries(plan); number++) {
      store.put(records.key(number), records.valueOf(number, 0));
    }
  }

  /** Figures of one opening, and how many of the writes were lost. */
  Map<Figure, Double> measure(Notes notes) throws Exception {
    Files.createDirectory(directory);
    try {
      writeAndKill();
      BenchEngine[] opened = new BenchEngine[1];
      Step open =
          Step.times(
              1,
              () -> {
                opened[0] = engine.opener().open(directory, plan.engineSettings(Merging.NONE));
                return 1;
              });
      long cpu = ProcessFigures.cpu();
      Map<Figure, Double> figures = new Measurement(Long.MAX_VALUE).run(List.of(open));
      figures.put(Figure.PROCESS_CPU, (double) (ProcessFigures.cpu() - cpu));
      try (BenchEngine store = opened[0]) {
        long lost = lost(store);
        if (lost > 0
            && engine.keepsWritesOnKill()
            && plan.durability != io.lsmdb.Durability.NO_WAL) {
          throw new WrongResultException("after kill -9, " + lost + " writes were lost");
        } else if (lost > 0) {
          notes.add(WorkloadName.REOPEN, lost + " of " + entries(plan) + " writes were lost");
        }
      }
      return figures;
    } finally {
      Directories.delete(directory);
    }
  }

  /** Takes remarks on a workload. */
  interface Notes {
    void add(WorkloadName workload, String text);
  }

  private void writeAndKill() throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(CrashCommand.NAME, engine.toString()));
    arguments.add(directory.toString());
    arguments.addAll(plan.arguments());
    long heap = Runtime.getRuntime().maxMemory();
    String classPath = System.getProperty("java.class.path");
    try (ChildJvm child = ChildJvm.start(heap, classPath, arguments);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(child.process().getInputStream(), UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.equals(WRITTEN)) {
        line = lines.readLine();
      }
      if (line == null) {
        throw new IllegalStateException("the process to be killed ended by itself");
      }
    }
  }

  private long lost(BenchEngine store) throws Exception {
    Records records = new Records(KeyOrder.SCATTERED, plan.valueBytes());
    long lost = 0;
    for (long number = 0; number < entries(plan); number++) {
      int length = store.get(records.key(number), records.value);
      if (length < 0) {
        lost++;
      } else {
        records.check(number, length);
      }
    }
    return lost;
  }
}
