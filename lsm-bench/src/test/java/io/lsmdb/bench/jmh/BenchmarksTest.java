package io.lsmdb.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.CommandLines;
import io.lsmdb.bench.Workload;
import io.lsmdb.internal.iterator.InternalIterator;
import io.lsmdb.internal.iterator.MergingIterator;
import io.lsmdb.internal.table.BlockCodec;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;

/** The benchmarks do what their names say. */
final class BenchmarksTest {
  @Test
  void theHelpNamesEveryBenchmark() throws Exception {
    String help = CommandLines.run("micro", "--help").out();
    Path classes =
        Path.of(MicroCommand.class.getResource("MicroCommand.class").toURI()).getParent();
    int count = 0;
    try (var files = Files.list(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith("Benchmark.class")).toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        assertTrue(help.contains(name), name);
        for (Method method : Class.forName("io.lsmdb.bench.jmh." + name).getMethods()) {
          assertTrue(
              !method.isAnnotationPresent(Benchmark.class) || help.contains(method.getName()),
              name + "." + method.getName());
        }
        count++;
      }
    }
    assertTrue(count >= 9, count + " classes");
  }

  @Test
  void theMemtableFindsWhatWasInserted() {
    MemTableBenchmark benchmark = new MemTableBenchmark();
    benchmark.fill();
    benchmark.insert();
    assertTrue(benchmark.get());
    assertFalse(benchmark.getMissing());
    assertTrue(benchmark.seek());
    assertEquals(500_000L * Workload.VALUE_BYTES, benchmark.scan());
  }

  @Test
  void theTableFindsWhatItWasBuiltFrom() {
    TableBenchmark benchmark = new TableBenchmark();
    benchmark.open();
    for (int i = 0; i < 1_000; i++) {
      assertTrue(benchmark.blockSearch());
      assertTrue(benchmark.cacheHit());
      assertTrue(benchmark.filterProbe());
      assertTrue(benchmark.seek());
    }
    int wrong = 0;
    for (int i = 0; i < 1_000; i++) {
      wrong += benchmark.filterProbeMissing() ? 1 : 0;
    }
    assertTrue(wrong < 50, wrong + " wrong answers of the filter");
    assertEquals(500_000L * Workload.VALUE_BYTES, benchmark.scan());
    benchmark.close();
  }

  @Test
  void theLogTakesRecords() throws Exception {
    LogBenchmark benchmark = new LogBenchmark();
    benchmark.open();
    assertTrue(benchmark.encode() > Workload.KEY_BYTES + Workload.VALUE_BYTES);
    for (int i = 0; i < 1_000; i++) {
      assertTrue(benchmark.append() > 0);
    }
    benchmark.close();
  }

  @Test
  void mergedInputsAscendAndNoneIsLost() {
    List<SortedInput> inputs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      inputs.add(new SortedInput(i, 3, 100));
    }
    byte[] last = new byte[0];
    int count = 0;
    try (InternalIterator merged = MergingIterator.of(inputs)) {
      for (merged.seekToFirst(); merged.isValid(); merged.next()) {
        byte[] key =
            Arrays.copyOfRange(
                merged.keyArray(), merged.keyOffset(), merged.keyOffset() + merged.keyLength());
        assertTrue(Arrays.compareUnsigned(last, key) < 0);
        last = key;
        count++;
      }
    }
    assertEquals(300, count);
  }

  @Test
  void blocksShrinkWithACodecOnly() {
    MemoryTable table = new MemoryTable(1_000);
    long plain = table.build(BlockCodec.NONE).size();
    assertTrue(table.build(BlockCodec.LZ4).size() < plain * 9 / 10);
    assertEquals(BlockCodec.NONE, MemoryTable.choose("none"));
  }
}
